# Manual pages. Lists of fields, figures and messages come from the code's own tables.

dist_man_MANS = man/auspawn.8
nodist_man_MANS = man/auspawn-rules.7 man/auspawn-status.7
EXTRA_DIST += man/auspawn-rules.7.in man/auspawn-status.7.in
CLEANFILES += man/auspawn-rules.7 man/auspawn-status.7

noinst_PROGRAMS = man/print_fields man/print_figures man/print_messages
man_print_fields_SOURCES = man/print_fields.c
man_print_fields_LDADD = $(AUSPAWN_LIBS)
man_print_figures_SOURCES = man/print_figures.c
man_print_figures_LDADD = $(AUSPAWN_LIBS)
man_print_messages_SOURCES = man/print_messages.c
man_print_messages_LDADD = $(AUSPAWN_LIBS)

man/auspawn-rules.7: man/auspawn-rules.7.in man/print_fields$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && man/print_fields$(EXEEXT) > $@.fields && \
	$(SED) -e '/^@FIELDS@$$/{r $@.fields' -e 'd;}' $(srcdir)/man/auspawn-rules.7.in > $@.tmp && \
	rm -f $@.fields && mv $@.tmp $@

man/auspawn-status.7: man/auspawn-status.7.in man/print_figures$(EXEEXT) man/print_messages$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && man/print_messages$(EXEEXT) > $@.messages && \
	man/print_figures$(EXEEXT) > $@.figures && \
	$(SED) -e '/^@MESSAGES@$$/{r $@.messages' -e 'd;}' -e '/^@FIGURES@$$/{r $@.figures' -e 'd;}' \
		$(srcdir)/man/auspawn-status.7.in > $@.tmp && \
	rm -f $@.messages $@.figures && mv $@.tmp $@
