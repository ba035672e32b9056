# Unit tests (cmocka), recordings (python3's unittest) and fuzz targets over their seeds: `make check`.
# The end-to-end tests need root and a kernel that audits: tests/e2e/run.

UNIT_TESTS =
include tests/unit/audit_process.mk
include tests/unit/rules_alert.mk
include tests/unit/import.mk
include tests/unit/privilege.mk

# What can't be tested here is no success.
check-local:
if !HAVE_CMOCKA
	@echo "The unit tests need cmocka (Debian libcmocka-dev, RHEL libcmocka-devel):" >&2
	@echo "install it and run configure again." >&2
	@false
endif
if !HAVE_PYTHON3
	@echo "The other tests need python3: install it and run configure again." >&2
	@false
endif

include tests/fuzz/local.mk
include tests/import/local.mk
include tests/truth/local.mk

TESTS += $(UNIT_TESTS)
if HAVE_PYTHON3
TESTS += tests/replay/test_replay.py tests/check/test_check.py \
	tests/examples/test_examples.py tests/status/test_status.py
endif
AM_TESTS_ENVIRONMENT = AUSPAWN=$(abs_builddir)/plugin/auspawn; export AUSPAWN;

EXTRA_DIST += \
	tests/replay/test_replay.py \
	tests/replay/context.events.txt \
	tests/replay/context.expected.ndjson \
	tests/replay/context.stream \
	tests/replay/webshell.alerts.cef \
	tests/replay/webshell.alerts.json \
	tests/replay/webshell.alerts.txt \
	tests/replay/webshell.audit.log \
	tests/replay/webshell.expected.ndjson \
	tests/replay/webshell.stream

EXTRA_DIST += tests/check/test_check.py tests/check/cases tests/status/test_status.py

EXTRA_DIST += \
	tests/examples/alerts.tsv \
	tests/examples/cases \
	tests/examples/examples.stream \
	tests/examples/expected.tsv \
	tests/examples/memory.py \
	tests/examples/record \
	tests/examples/stand_in.c \
	tests/examples/test_examples.py

EXTRA_DIST += \
	tests/e2e/.shellcheckrc \
	tests/e2e/apache-php.sh \
	tests/e2e/auditd-restart.sh \
	tests/e2e/auditd.sh \
	tests/e2e/cgi-perl.sh \
	tests/e2e/cgi-shell.sh \
	tests/e2e/container.sh \
	tests/e2e/container-names.sh \
	tests/e2e/delivery.sh \
	tests/e2e/enriched-and-raw.sh \
	tests/e2e/fields.sh \
	tests/e2e/fork-bomb.sh \
	tests/e2e/gunicorn.sh \
	tests/e2e/hidepid.sh \
	tests/e2e/lib.sh \
	tests/e2e/lone-exec.sh \
	tests/e2e/no-end-record.sh \
	tests/e2e/php-fpm.sh \
	tests/e2e/read-back.sh \
	tests/e2e/reload.sh \
	tests/e2e/rule-types.sh \
	tests/e2e/run \
	tests/e2e/scripts.sh \
	tests/e2e/reload-storm.sh \
	tests/e2e/clock-back.sh \
	tests/e2e/full-speed.sh \
	tests/e2e/slow-names.sh \
	tests/e2e/status.sh \
	tests/e2e/stop.sh \
	tests/e2e/truth.sh

EXTRA_DIST += \
	tests/bench/RESULTS.md \
	tests/bench/exec.stream.xz \
	tests/bench/make-events \
	tests/bench/make-processes \
	tests/bench/make-rules

# make tests/bench/delivery; not built otherwise.
EXTRA_PROGRAMS += tests/bench/delivery
tests_bench_delivery_SOURCES = tests/bench/delivery.c
tests_bench_delivery_LDADD = $(AUSPAWN_LIBS)
