# What is installed beside the program.

auspawnconfdir = $(sysconfdir)/auspawn
rulesdir = $(auspawnconfdir)/rules.d
localdir = $(auspawnconfdir)/local.d
auditpluginsdir = $(sysconfdir)/audit/plugins.d
auditrulesdir = $(pkgdatadir)/audit.rules.d

noinst_DATA = conf/auspawn.conf conf/plugins.d/auspawn.conf
dist_rules_DATA = \
	conf/rules.d/00-lists.conf \
	conf/rules.d/10-web-shell-spawn.conf \
	conf/rules.d/20-web-unusual-child.conf
dist_local_DATA = conf/local.d/README
dist_auditrules_DATA = \
	conf/audit.rules.d/30-auspawn.rules \
	conf/audit.rules.d/31-auspawn-lineage.rules \
	conf/audit.rules.d/32-auspawn-lineage-fork.rules

EXTRA_DIST += conf/auspawn.conf.in conf/plugins.d/auspawn.conf.in
CLEANFILES += conf/auspawn.conf conf/plugins.d/auspawn.conf

# Folders are known only to make: a prefix can be given at 'make install'.
substitute = $(MKDIR_P) $(@D) && $(SED) \
	-e 's|@sbindir[@]|$(sbindir)|g' \
	-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
	-e 's|@localstatedir[@]|$(localstatedir)|g'

conf/auspawn.conf: conf/auspawn.conf.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/conf/auspawn.conf.in > $@.tmp && mv $@.tmp $@
conf/plugins.d/auspawn.conf: conf/plugins.d/auspawn.conf.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/conf/plugins.d/auspawn.conf.in > $@.tmp && mv $@.tmp $@

# What an administrator edits is not overwritten: the new one then stands beside it, as .new.
install_config = install_config() { \
	if test -e "$(DESTDIR)$$2"; then \
		cmp -s "$$1" "$(DESTDIR)$$2" || $(INSTALL_DATA) "$$1" "$(DESTDIR)$$2.new"; \
	else \
		$(INSTALL_DATA) "$$1" "$(DESTDIR)$$2"; \
	fi; }; install_config

# The plugin's own folders: its state, and where its file outputs go by default.
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(auspawnconfdir)" "$(DESTDIR)$(auditpluginsdir)"
	$(install_config) conf/auspawn.conf "$(auspawnconfdir)/auspawn.conf"
	$(install_config) conf/plugins.d/auspawn.conf "$(auditpluginsdir)/auspawn.conf"
	$(MKDIR_P) -m 700 "$(DESTDIR)$(localstatedir)/lib/auspawn"
	$(MKDIR_P) -m 750 "$(DESTDIR)$(localstatedir)/log/auspawn"

uninstall-local:
	rm -f "$(DESTDIR)$(auspawnconfdir)/auspawn.conf" "$(DESTDIR)$(auditpluginsdir)/auspawn.conf"
	-rmdir "$(DESTDIR)$(localstatedir)/lib/auspawn" "$(DESTDIR)$(localstatedir)/log/auspawn"
