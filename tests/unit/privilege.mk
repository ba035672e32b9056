# Unit tests of privilege/. Most of what they test only root can do: without root they are skipped.

PRIVILEGE_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
PRIVILEGE_LDADD = $(AUSPAWN_LIBS) $(CMOCKA_LIBS) -lpthread

PRIVILEGE_TESTS = \
	tests/unit/test_confined \
	tests/unit/test_folder

if HAVE_CMOCKA
check_PROGRAMS += $(PRIVILEGE_TESTS)
UNIT_TESTS += $(PRIVILEGE_TESTS)
tests_unit_test_confined_CFLAGS = $(PRIVILEGE_CFLAGS)
tests_unit_test_confined_LDADD = $(PRIVILEGE_LDADD)
tests_unit_test_folder_CFLAGS = $(PRIVILEGE_CFLAGS)
tests_unit_test_folder_LDADD = $(PRIVILEGE_LDADD)
endif
