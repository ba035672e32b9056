# What is installed beside the program.

auspawnconfdir = $(sysconfdir)/auspawn
rulesdir = $(auspawnconfdir)/rules.d
localdir = $(auspawnconfdir)/local.d
auditpluginsdir = $(sysconfdir)/audit/plugins.d
logrotatedir = $(sysconfdir)/logrotate.d
auditrulesdir = $(pkgdatadir)/audit.rules.d
examplesdir = $(pkgdatadir)/examples

noinst_DATA = conf/auspawn.conf conf/plugins.d/auspawn.conf conf/logrotate.d/auspawn
dist_rules_DATA = \
	conf/rules.d/00-lists.conf \
	conf/rules.d/10-web-shell-spawn.conf \
	conf/rules.d/20-web-unusual-child.conf
dist_local_DATA = conf/local.d/README
dist_auditrules_DATA = \
	conf/audit.rules.d/30-auspawn.rules \
	conf/audit.rules.d/31-auspawn-lineage.rules \
	conf/audit.rules.d/32-auspawn-lineage-fork.rules \
	conf/audit.rules.d/33-auspawn-exit.rules
# Not active: whoever wants them copies a rule file with its queries, or points rules_dir at them.
dist_examples_DATA = \
	conf/examples/10-reverse-shells.conf \
	conf/examples/20-execution.conf \
	conf/examples/30-persistence.conf \
	conf/examples/40-privilege-escalation.conf \
	conf/examples/50-container-escape.conf \
	conf/examples/60-credential-access.conf \
	conf/examples/70-defence-evasion.conf \
	conf/examples/80-discovery.conf \
	conf/examples/90-network.conf \
	conf/examples/95-impact.conf \
	conf/examples/account-file-edit.eql \
	conf/examples/accounts-enumerated.eql \
	conf/examples/archive-in-hiding-place.eql \
	conf/examples/archive-piped-to-network.eql \
	conf/examples/at-job-from-command.eql \
	conf/examples/auditing-off.eql \
	conf/examples/authorized-key-added.eql \
	conf/examples/awk-spawns-shell.eql \
	conf/examples/backups-removed.eql \
	conf/examples/boot-script-edit.eql \
	conf/examples/bulk-encryption.eql \
	conf/examples/cgroup-mounted-by-hand.eql \
	conf/examples/cgroup-release-agent.eql \
	conf/examples/chroot-into-host.eql \
	conf/examples/cloud-metadata-credentials.eql \
	conf/examples/container-with-host-root.eql \
	conf/examples/credential-file-sent.eql \
	conf/examples/cron-edit.eql \
	conf/examples/crontab-from-writable.eql \
	conf/examples/crypto-miner.eql \
	conf/examples/dangerous-capability-set.eql \
	conf/examples/data-in-name-queries.eql \
	conf/examples/database-spawns-shell.eql \
	conf/examples/decode-to-shell.eql \
	conf/examples/detached-temporary-program.eql \
	conf/examples/disk-overwritten.eql \
	conf/examples/docker-socket-by-hand.eql \
	conf/examples/download-and-run.eql \
	conf/examples/download-from-bare-address.eql \
	conf/examples/download-to-hiding-place.eql \
	conf/examples/download-to-shell.eql \
	conf/examples/editor-spawns-shell.eql \
	conf/examples/enumeration-script.eql \
	conf/examples/exec-deleted-file.eql \
	conf/examples/exec-hidden-file.eql \
	conf/examples/exec-hidden-temporary-folder.eql \
	conf/examples/exec-memory-file.eql \
	conf/examples/exec-odd-place.eql \
	conf/examples/exec-shared-memory.eql \
	conf/examples/exec-through-loader.eql \
	conf/examples/find-spawns-shell.eql \
	conf/examples/firewall-flushed.eql \
	conf/examples/history-off.eql \
	conf/examples/host-disk-opened.eql \
	conf/examples/immutable-flag-changed.eql \
	conf/examples/init-root-reached.eql \
	conf/examples/inline-code-decoded.eql \
	conf/examples/interpreter-spawns-shell.eql \
	conf/examples/java-runs-intrusion-command.eql \
	conf/examples/kernel-helper-replaced.eql \
	conf/examples/kernel-module-from-writable.eql \
	conf/examples/kernel-protection-off.eql \
	conf/examples/library-preloaded-from-writable.eql \
	conf/examples/login-message-edit.eql \
	conf/examples/login-module-planted.eql \
	conf/examples/login-script-edit.eql \
	conf/examples/login-traced.eql \
	conf/examples/logs-removed.eql \
	conf/examples/mail-server-runs-download.eql \
	conf/examples/mandatory-access-control-off.eql \
	conf/examples/namespace-exploit.eql \
	conf/examples/namespace-of-init-entered.eql \
	conf/examples/network-scan.eql \
	conf/examples/option-spawns-shell.eql \
	conf/examples/package-hook-edit.eql \
	conf/examples/password-cracker.eql \
	conf/examples/password-search.eql \
	conf/examples/pkexec-without-arguments.eql \
	conf/examples/preload-file-edit.eql \
	conf/examples/private-key-search.eql \
	conf/examples/privileged-file-search.eql \
	conf/examples/process-hidden-by-mount.eql \
	conf/examples/process-memory-read.eql \
	conf/examples/process-poses-as-kernel-thread.eql \
	conf/examples/proxied-program.eql \
	conf/examples/reverse-shell-awk.eql \
	conf/examples/reverse-shell-bash-network.eql \
	conf/examples/reverse-shell-fifo.eql \
	conf/examples/reverse-shell-lua.eql \
	conf/examples/reverse-shell-netcat.eql \
	conf/examples/reverse-shell-node.eql \
	conf/examples/reverse-shell-openssl.eql \
	conf/examples/reverse-shell-perl.eql \
	conf/examples/reverse-shell-php.eql \
	conf/examples/reverse-shell-python.eql \
	conf/examples/reverse-shell-ruby.eql \
	conf/examples/reverse-shell-socat.eql \
	conf/examples/reverse-shell-telnet.eql \
	conf/examples/scheduler-runs-temporary-program.eql \
	conf/examples/second-root-account.eql \
	conf/examples/security-agent-killed.eql \
	conf/examples/security-agent-search.eql \
	conf/examples/security-service-stopped.eql \
	conf/examples/service-account-escalates.eql \
	conf/examples/service-token-read.eql \
	conf/examples/setuid-bit-set.eql \
	conf/examples/setuid-program-odd-place.eql \
	conf/examples/shadow-read.eql \
	conf/examples/shell-copied-away.eql \
	conf/examples/shell-keeps-privileges.eql \
	conf/examples/shell-startup-planted.eql \
	conf/examples/shell-terminal-upgrade.eql \
	conf/examples/socat-relay.eql \
	conf/examples/ssh-password-on-command-line.eql \
	conf/examples/ssh-remote-forward.eql \
	conf/examples/ssh-spread.eql \
	conf/examples/sudo-exploit-arguments.eql \
	conf/examples/sudo-password-piped.eql \
	conf/examples/sudoers-edit.eql \
	conf/examples/system-removed.eql \
	conf/examples/systemd-unit-edit.eql \
	conf/examples/systemd-unit-from-writable.eql \
	conf/examples/time-stamp-copied.eql \
	conf/examples/tunnel-tool.eql \
	conf/examples/udev-rule-edit.eql \
	conf/examples/upload-to-drop-site.eql \
	conf/examples/web-account-discovery.eql \
	conf/examples/web-shell-written.eql

EXTRA_DIST += conf/auspawn.conf.in conf/plugins.d/auspawn.conf.in conf/logrotate.d/auspawn.in
CLEANFILES += conf/auspawn.conf conf/plugins.d/auspawn.conf conf/logrotate.d/auspawn

# Folders are known only to make: a prefix can be given at 'make install'.
substitute = $(MKDIR_P) $(@D) && $(SED) \
	-e 's|@sbindir[@]|$(sbindir)|g' \
	-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
	-e 's|@localstatedir[@]|$(localstatedir)|g'

conf/auspawn.conf: conf/auspawn.conf.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/conf/auspawn.conf.in > $@.tmp && mv $@.tmp $@
conf/plugins.d/auspawn.conf: conf/plugins.d/auspawn.conf.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/conf/plugins.d/auspawn.conf.in > $@.tmp && mv $@.tmp $@
conf/logrotate.d/auspawn: conf/logrotate.d/auspawn.in Makefile
	$(AM_V_GEN)$(substitute) $(srcdir)/conf/logrotate.d/auspawn.in > $@.tmp && mv $@.tmp $@

# What an administrator edits is not overwritten: the new one then stands beside it, as .new.
install_config = install_config() { \
	if test -e "$(DESTDIR)$$2"; then \
		cmp -s "$$1" "$(DESTDIR)$$2" || $(INSTALL_DATA) "$$1" "$(DESTDIR)$$2.new"; \
	else \
		$(INSTALL_DATA) "$$1" "$(DESTDIR)$$2"; \
	fi; }; install_config

# The plugin's own folders: its state, and where its file outputs go by default.
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(auspawnconfdir)" "$(DESTDIR)$(auditpluginsdir)" "$(DESTDIR)$(logrotatedir)"
	$(install_config) conf/auspawn.conf "$(auspawnconfdir)/auspawn.conf"
	$(install_config) conf/plugins.d/auspawn.conf "$(auditpluginsdir)/auspawn.conf"
	$(install_config) conf/logrotate.d/auspawn "$(logrotatedir)/auspawn"
	$(MKDIR_P) -m 700 "$(DESTDIR)$(localstatedir)/lib/auspawn"
	$(MKDIR_P) -m 750 "$(DESTDIR)$(localstatedir)/log/auspawn"

# A configuration that somebody has edited stays, but auditd must not look for a plugin that is gone.
uninstall-local:
	rm -f "$(DESTDIR)$(auditpluginsdir)/auspawn.conf" "$(DESTDIR)$(logrotatedir)/auspawn"
	! cmp -s conf/auspawn.conf "$(DESTDIR)$(auspawnconfdir)/auspawn.conf" || \
		rm -f "$(DESTDIR)$(auspawnconfdir)/auspawn.conf"

# What is empty by now: neither state nor alerts nor files of somebody's own are removed.
uninstall-hook:
	for dir in "$(localdir)" "$(rulesdir)" "$(auspawnconfdir)" "$(auditrulesdir)" "$(examplesdir)" \
		"$(pkgdatadir)" "$(localstatedir)/lib/auspawn" "$(localstatedir)/log/auspawn"; do \
		rmdir "$(DESTDIR)$$dir" 2>/dev/null || :; \
	done
