# Unit tests of import/.

EXTRA_DIST += tests/unit/import_support.h

UNIT_IMPORT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
UNIT_IMPORT_LDADD = $(IMPORT_LIBS) $(CMOCKA_LIBS)

UNIT_IMPORT_TESTS = \
	tests/unit/test_kql \
	tests/unit/test_esql \
	tests/unit/test_possible

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_IMPORT_TESTS)
UNIT_TESTS += $(UNIT_IMPORT_TESTS)
tests_unit_test_kql_CFLAGS = $(UNIT_IMPORT_CFLAGS)
tests_unit_test_kql_LDADD = $(UNIT_IMPORT_LDADD)
tests_unit_test_esql_CFLAGS = $(UNIT_IMPORT_CFLAGS)
tests_unit_test_esql_LDADD = $(UNIT_IMPORT_LDADD)
tests_unit_test_possible_CFLAGS = $(UNIT_IMPORT_CFLAGS)
tests_unit_test_possible_LDADD = $(UNIT_IMPORT_LDADD)
endif
