# Fuzz targets: over their seeds in `make check`; with libFuzzer, configured by --enable-fuzzing CC=clang,
# for FUZZ_SECONDS each by `make fuzz`.

FUZZ_TARGETS = \
	tests/fuzz/fuzz_argv \
	tests/fuzz/fuzz_condition \
	tests/fuzz/fuzz_config \
	tests/fuzz/fuzz_esql \
	tests/fuzz/fuzz_events \
	tests/fuzz/fuzz_kql \
	tests/fuzz/fuzz_proc \
	tests/fuzz/fuzz_readback \
	tests/fuzz/fuzz_rulefile \
	tests/fuzz/fuzz_state \
	tests/fuzz/fuzz_stream
FUZZ_SECONDS = 60
if WITH_IMPORT
FUZZ_TARGETS += tests/fuzz/fuzz_import
endif

EXTRA_PROGRAMS = $(FUZZ_TARGETS)
CLEANFILES += $(FUZZ_TARGETS)
EXTRA_DIST += tests/fuzz/README tests/fuzz/corpus tests/fuzz/corpus-check tests/fuzz/run tests/fuzz/standalone.c

if FUZZING
FUZZER_MAIN =
FUZZER_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz: $(FUZZ_TARGETS)
	$(srcdir)/tests/fuzz/run $(FUZZ_SECONDS) tests/fuzz
else
FUZZER_MAIN = tests/fuzz/standalone.c
FUZZER_LINK = $(AM_LDFLAGS)
check_PROGRAMS += $(FUZZ_TARGETS)
TESTS += tests/fuzz/corpus-check
fuzz:
	@echo "make fuzz needs libFuzzer: ./configure --enable-fuzzing CC=clang" >&2; false
endif
.PHONY: fuzz

tests_fuzz_fuzz_argv_SOURCES = tests/fuzz/fuzz_argv.c $(FUZZER_MAIN)
tests_fuzz_fuzz_argv_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_argv_LDADD = $(AUSPAWN_LIBS)
tests_fuzz_fuzz_condition_SOURCES = tests/fuzz/fuzz_condition.c \
	tests/unit/random_condition.c tests/unit/random_condition.h $(FUZZER_MAIN)
tests_fuzz_fuzz_condition_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_condition_LDADD = $(AUSPAWN_LIBS)
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(FUZZER_MAIN)
tests_fuzz_fuzz_config_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_config_LDADD = $(AUSPAWN_LIBS)
tests_fuzz_fuzz_events_SOURCES = tests/fuzz/fuzz_events.c $(FUZZER_MAIN)
tests_fuzz_fuzz_events_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_events_LDADD = $(AUSPAWN_LIBS)
tests_fuzz_fuzz_proc_SOURCES = tests/fuzz/fuzz_proc.c $(FUZZER_MAIN)
tests_fuzz_fuzz_proc_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_proc_LDADD = $(AUSPAWN_LIBS)
tests_fuzz_fuzz_readback_SOURCES = tests/fuzz/fuzz_readback.c $(FUZZER_MAIN)
tests_fuzz_fuzz_readback_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_readback_LDADD = $(AUSPAWN_LIBS)
tests_fuzz_fuzz_rulefile_SOURCES = tests/fuzz/fuzz_rulefile.c $(FUZZER_MAIN)
tests_fuzz_fuzz_rulefile_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_rulefile_LDADD = $(AUSPAWN_LIBS)
tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz_state.c $(FUZZER_MAIN)
tests_fuzz_fuzz_state_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_state_LDADD = $(AUSPAWN_LIBS)
tests_fuzz_fuzz_stream_SOURCES = tests/fuzz/fuzz_stream.c $(FUZZER_MAIN)
tests_fuzz_fuzz_stream_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_stream_LDADD = $(AUSPAWN_LIBS)
tests_fuzz_fuzz_esql_SOURCES = tests/fuzz/fuzz_esql.c $(FUZZER_MAIN)
tests_fuzz_fuzz_esql_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_esql_LDADD = $(IMPORT_LIBS)
tests_fuzz_fuzz_kql_SOURCES = tests/fuzz/fuzz_kql.c $(FUZZER_MAIN)
tests_fuzz_fuzz_kql_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_kql_LDADD = $(IMPORT_LIBS)
if WITH_IMPORT
tests_fuzz_fuzz_import_SOURCES = tests/fuzz/fuzz_import.c plugin/import/toml.cc $(FUZZER_MAIN)
tests_fuzz_fuzz_import_LDFLAGS = $(FUZZER_LINK)
tests_fuzz_fuzz_import_LDADD = $(IMPORT_LIBS)
else
EXTRA_DIST += tests/fuzz/fuzz_import.c
endif
