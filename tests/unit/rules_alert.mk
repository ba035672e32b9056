# Unit tests of rules/, alert/, store/ and what joins them; one for each module.

UNIT_RA_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
UNIT_RA_LDADD = $(AUSPAWN_LIBS) $(CMOCKA_LIBS)

EXTRA_DIST += tests/unit/rules_alert_support.h tests/unit/rows_support.h tests/unit/state_support.h tests/unit/conformance.tsv

UNIT_RA_TESTS = \
	tests/unit/test_lexer \
	tests/unit/test_parser \
	tests/unit/test_condition \
	tests/unit/test_printer \
	tests/unit/test_compile \
	tests/unit/test_conformance \
	tests/unit/test_set \
	tests/unit/test_index \
	tests/unit/test_rulefile \
	tests/unit/test_setup \
	tests/unit/test_trust \
	tests/unit/test_rarity \
	tests/unit/test_threshold \
	tests/unit/test_new_terms \
	tests/unit/test_alert \
	tests/unit/test_losses \
	tests/unit/test_recovery \
	tests/unit/test_suppress \
	tests/unit/test_cef \
	tests/unit/test_text \
	tests/unit/test_injection \
	tests/unit/test_limits \
	tests/unit/test_syslog \
	tests/unit/test_file \
	tests/unit/test_state \
	tests/unit/test_outbox \
	tests/unit/test_keeper \
	tests/unit/test_delivery \
	tests/unit/test_crash \
	tests/unit/test_config \
	tests/unit/test_delays \
	tests/unit/test_figures \
	tests/unit/test_messages \
	tests/unit/test_tail \
	tests/unit/test_whole_file \
	tests/unit/test_sinks \
	tests/unit/test_pipeline

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_RA_TESTS)
UNIT_TESTS += $(UNIT_RA_TESTS)
tests_unit_test_lexer_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_lexer_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_parser_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_parser_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_condition_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_condition_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_compile_SOURCES = tests/unit/test_compile.c \
	tests/unit/random_condition.c tests/unit/random_condition.h
tests_unit_test_compile_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_compile_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_set_SOURCES = tests/unit/test_set.c \
	tests/unit/random_condition.c tests/unit/random_condition.h
tests_unit_test_set_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_set_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_index_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_index_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_conformance_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_conformance_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_printer_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_printer_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_rulefile_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_rulefile_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_setup_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_setup_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_trust_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_trust_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_rarity_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_rarity_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_threshold_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_threshold_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_new_terms_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_new_terms_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_recovery_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_recovery_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_losses_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_losses_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_suppress_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_suppress_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_crash_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_crash_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_keeper_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_keeper_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_alert_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_alert_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_cef_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_cef_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_text_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_text_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_limits_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_limits_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_injection_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_injection_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_syslog_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_syslog_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_file_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_file_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_state_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_state_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_outbox_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_outbox_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_delivery_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_delivery_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_config_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_config_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_delays_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_delays_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_figures_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_figures_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_tail_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_tail_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_whole_file_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_whole_file_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_messages_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_messages_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_sinks_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_sinks_LDADD = $(UNIT_RA_LDADD)
tests_unit_test_pipeline_CFLAGS = $(UNIT_RA_CFLAGS)
tests_unit_test_pipeline_LDADD = $(UNIT_RA_LDADD)
endif
