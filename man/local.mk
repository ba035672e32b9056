# Manual pages. The list of fields comes from the code's own table.

dist_man_MANS = man/auspawn.8
nodist_man_MANS = man/auspawn-rules.7
EXTRA_DIST += man/auspawn-rules.7.in
CLEANFILES += man/auspawn-rules.7

noinst_PROGRAMS = man/print_fields
man_print_fields_SOURCES = man/print_fields.c
man_print_fields_LDADD = $(AUSPAWN_LIBS)

man/auspawn-rules.7: man/auspawn-rules.7.in man/print_fields$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && man/print_fields$(EXEEXT) > $@.fields && \
	$(SED) -e '/^@FIELDS@$$/{r $@.fields' -e 'd;}' $(srcdir)/man/auspawn-rules.7.in > $@.tmp && \
	rm -f $@.fields && mv $@.tmp $@
