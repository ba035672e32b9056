# Unit tests of base/, audit/ and process/; one for each module.

AUDIT_PROCESS_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
AUDIT_PROCESS_LDADD = $(AUSPAWN_LIBS) $(CMOCKA_LIBS)

EXTRA_DIST += tests/unit/audit_process_support.h

AUDIT_PROCESS_TESTS = \
	tests/unit/test_utf8 \
	tests/unit/test_settings \
	tests/unit/test_lines \
	tests/unit/test_fields \
	tests/unit/test_argv \
	tests/unit/test_triage \
	tests/unit/test_gather \
	tests/unit/test_assemble \
	tests/unit/test_event \
	tests/unit/test_ecs \
	tests/unit/test_entry \
	tests/unit/test_container \
	tests/unit/test_container_names \
	tests/unit/test_procfs \
	tests/unit/test_table \
	tests/unit/test_runtime \
	tests/unit/test_script \
	tests/unit/test_lineage \
	tests/unit/test_users \
	tests/unit/test_field \
	tests/unit/test_document

if HAVE_CMOCKA
check_PROGRAMS += $(AUDIT_PROCESS_TESTS)
UNIT_TESTS += $(AUDIT_PROCESS_TESTS)
tests_unit_test_utf8_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_utf8_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_settings_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_settings_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_lines_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_lines_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_fields_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_fields_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_argv_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_argv_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_triage_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_triage_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_gather_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_gather_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_assemble_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_assemble_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_event_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_event_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_ecs_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_ecs_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_entry_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_entry_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_container_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_container_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_container_names_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_container_names_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_procfs_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_procfs_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_table_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_table_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_runtime_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_runtime_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_script_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_script_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_lineage_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_lineage_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_users_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_users_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_field_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_field_LDADD = $(AUDIT_PROCESS_LDADD)
tests_unit_test_document_CFLAGS = $(AUDIT_PROCESS_CFLAGS)
tests_unit_test_document_LDADD = $(AUDIT_PROCESS_LDADD)
endif
