# A program that starts processes in awkward ways and says who started whom; tests/e2e/truth.sh runs it.

check_PROGRAMS += tests/truth/truth
tests_truth_truth_SOURCES = \
	tests/truth/elsewhere.c \
	tests/truth/programs.c \
	tests/truth/record.c \
	tests/truth/report.c \
	tests/truth/spaces.c \
	tests/truth/truth.c \
	tests/truth/truth.h \
	tests/truth/ways.c
tests_truth_truth_CFLAGS = -std=gnu11 -D_GNU_SOURCE -pthread $(WARNING_CFLAGS)
tests_truth_truth_LDFLAGS = -pthread
tests_truth_truth_LDADD =

EXTRA_DIST += tests/truth/.shellcheckrc tests/truth/RESULTS.md tests/truth/compare tests/truth/cost \
	tests/truth/i386.S
