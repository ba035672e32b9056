# Unit tests of privilege/. Most of what they test only root can do: without root they are skipped.

PRIVILEGE_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
PRIVILEGE_LDADD = $(AUSPAWN_LIBS) $(CMOCKA_LIBS) -lpthread

PRIVILEGE_TESTS = \
	tests/unit/test_confined \
	tests/unit/test_folder \
	tests/unit/test_names \
	tests/unit/test_plugin

EXTRA_DIST += tests/unit/nss_slow.c tests/unit/nss_slow.h

if HAVE_CMOCKA
check_PROGRAMS += $(PRIVILEGE_TESTS)
UNIT_TESTS += $(PRIVILEGE_TESTS)
tests_unit_test_confined_CFLAGS = $(PRIVILEGE_CFLAGS)
tests_unit_test_confined_LDADD = $(PRIVILEGE_LDADD)
tests_unit_test_folder_CFLAGS = $(PRIVILEGE_CFLAGS)
tests_unit_test_folder_LDADD = $(PRIVILEGE_LDADD)
tests_unit_test_plugin_CFLAGS = $(PRIVILEGE_CFLAGS)
tests_unit_test_plugin_LDADD = $(PRIVILEGE_LDADD)
tests_unit_test_names_CFLAGS = $(PRIVILEGE_CFLAGS)
tests_unit_test_names_LDADD = $(PRIVILEGE_LDADD) -ldl
EXTRA_tests_unit_test_names_DEPENDENCIES = tests/unit/nss_slow.so

# A module of the name service.
tests/unit/nss_slow.so: tests/unit/nss_slow.c tests/unit/nss_slow.h
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(CC) $(AM_CFLAGS) $(CFLAGS) -fPIC -shared -Wl,-soname,libnss_slow.so.2 \
		-o $@ $(srcdir)/tests/unit/nss_slow.c
CLEANFILES += tests/unit/nss_slow.so
endif
