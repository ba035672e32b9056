# The plugin. Everything but main() is in an archive, so that tests can link it.

noinst_LIBRARIES = plugin/libauspawn.a plugin/libimport.a
plugin_libauspawn_a_SOURCES = \
	plugin/check.c plugin/check.h \
	plugin/config.c plugin/config.h \
	plugin/daemon.c plugin/daemon.h \
	plugin/delivery.c plugin/delivery.h plugin/delivery_inside.h plugin/delivery_kept.c \
	plugin/feed.c plugin/feed.h \
	plugin/keeper.c plugin/keeper.h plugin/keeper_inside.h plugin/keeper_write.c \
	plugin/machine.c plugin/machine.h \
	plugin/messages.c plugin/messages.h \
	plugin/pipeline.c plugin/pipeline.h \
	plugin/recovery.c plugin/recovery.h \
	plugin/replay.c plugin/replay.h \
	plugin/setup.c plugin/setup.h \
	plugin/sinks.c plugin/sinks.h \
	plugin/base/clock.h \
	plugin/base/complain.c plugin/base/complain.h \
	plugin/base/memory.c plugin/base/memory.h \
	plugin/base/mistakes.c plugin/base/mistakes.h \
	plugin/base/saved.c plugin/base/saved.h \
	plugin/base/settings.c plugin/base/settings.h plugin/base/settings_file.c \
	plugin/base/span.h \
	plugin/base/utf8.c plugin/base/utf8.h \
	plugin/base/whole_file.c plugin/base/whole_file.h \
	plugin/audit/argv.c plugin/audit/argv.h \
	plugin/audit/assemble.c plugin/audit/assemble.h \
	plugin/audit/fields.c plugin/audit/fields.h \
	plugin/audit/gather.c plugin/audit/gather.h \
	plugin/audit/lines.c plugin/audit/lines.h \
	plugin/audit/intake.c plugin/audit/intake.h \
	plugin/audit/auditd_log.c plugin/audit/auditd_log.h \
	plugin/audit/ranges.c plugin/audit/ranges.h \
	plugin/audit/once.c plugin/audit/once.h \
	plugin/audit/readback.c plugin/audit/readback.h \
	plugin/audit/readback_inside.h plugin/audit/readback_open.c \
	plugin/audit/serial.c plugin/audit/serial.h \
	plugin/audit/syscalls.c plugin/audit/syscalls.h \
	plugin/audit/triage.c plugin/audit/triage.h \
	plugin/process/ancestry.c plugin/process/ancestry.h \
	plugin/process/births.c plugin/process/births.h \
	plugin/process/container.c plugin/process/container.h \
	plugin/process/container_names.c plugin/process/container_names.h \
	plugin/process/document.c plugin/process/document.h \
	plugin/process/ecs.c plugin/process/ecs.h \
	plugin/process/entry.c plugin/process/entry.h \
	plugin/process/event.c plugin/process/event.h \
	plugin/process/field.c plugin/process/field.h \
	plugin/process/field_table.c plugin/process/field_table.h \
	plugin/process/identity.c plugin/process/identity.h \
	plugin/process/learn.c plugin/process/learn.h \
	plugin/process/lineage.c plugin/process/lineage.h \
	plugin/process/lookup.c plugin/process/lookup.h \
	plugin/process/procfs.c plugin/process/procfs.h plugin/process/procfs_parse.c \
	plugin/process/runtime.c plugin/process/runtime.h \
	plugin/process/script.c plugin/process/script.h \
	plugin/process/table.c plugin/process/table.h \
	plugin/process/users.c plugin/process/users.h \
	plugin/rules/compile.c plugin/rules/compile.h \
	plugin/rules/condition.c plugin/rules/condition.h \
	plugin/rules/counts.c plugin/rules/counts.h plugin/rules/counts_rows.c \
	plugin/rules/expression.c plugin/rules/expression.h \
	plugin/rules/expression_parser.c \
	plugin/rules/fold.c plugin/rules/fold.h \
	plugin/rules/function.c plugin/rules/function.h \
	plugin/rules/group_by.c plugin/rules/group_by.h \
	plugin/rules/index.c plugin/rules/index.h \
	plugin/rules/judge.c plugin/rules/judge.h \
	plugin/rules/kept.c plugin/rules/kept.h \
	plugin/rules/lexer.c plugin/rules/lexer.h \
	plugin/rules/lists.c plugin/rules/lists.h \
	plugin/rules/new_terms.c plugin/rules/new_terms.h \
	plugin/rules/parser.c plugin/rules/parser.h \
	plugin/rules/printer.c plugin/rules/printer.h \
	plugin/rules/rarity.c plugin/rules/rarity.h \
	plugin/rules/reader.c plugin/rules/reader.h \
	plugin/rules/regex.c plugin/rules/regex.h \
	plugin/rules/rows.c plugin/rules/rows.h \
	plugin/rules/rule.c plugin/rules/rule.h \
	plugin/rules/rule_condition.c plugin/rules/rule_condition.h \
	plugin/rules/rule_settings.c plugin/rules/rule_settings.h \
	plugin/rules/rulefile.c plugin/rules/rulefile.h \
	plugin/rules/ruleset.c plugin/rules/ruleset.h \
	plugin/rules/set.c plugin/rules/set.h \
	plugin/rules/tallies.c plugin/rules/tallies.h plugin/rules/tallies_rows.c \
	plugin/rules/threshold.c plugin/rules/threshold.h \
	plugin/rules/wildcard.c plugin/rules/wildcard.h \
	plugin/alert/alert.c plugin/alert/alert.h \
	plugin/alert/cef.c plugin/alert/cef.h \
	plugin/alert/file.c plugin/alert/file.h \
	plugin/alert/letter.c plugin/alert/letter.h \
	plugin/alert/losses.c plugin/alert/losses.h \
	plugin/alert/periods.h plugin/alert/periods_rows.c \
	plugin/alert/suppress.c plugin/alert/suppress.h \
	plugin/alert/syslog.c plugin/alert/syslog.h \
	plugin/alert/text.c plugin/alert/text.h \
	plugin/privilege/account.c plugin/privilege/account.h \
	plugin/privilege/drop.c plugin/privilege/drop.h \
	plugin/privilege/filter.c plugin/privilege/filter.h \
	plugin/privilege/folder.c plugin/privilege/folder.h \
	plugin/privilege/inheritance.c plugin/privilege/inheritance.h \
	plugin/privilege/names.c plugin/privilege/names.h \
	plugin/privilege/names_helper.c plugin/privilege/names_helper.h \
	plugin/privilege/privilege.c plugin/privilege/privilege.h \
	plugin/status/advice.c plugin/status/advice.h \
	plugin/status/commands.c plugin/status/commands.h \
	plugin/status/delays.c plugin/status/delays.h \
	plugin/status/figures.c plugin/status/figures.h \
	plugin/status/kernel.c plugin/status/kernel.h \
	plugin/status/process.c plugin/status/process.h \
	plugin/status/prometheus.c plugin/status/prometheus.h \
	plugin/status/rare_document.c plugin/status/rare_document.h \
	plugin/status/rates.c plugin/status/rates.h \
	plugin/status/running.c plugin/status/running.h \
	plugin/status/selftest.c plugin/status/selftest.h \
	plugin/status/status.c plugin/status/status.h \
	plugin/status/tail.c plugin/status/tail.h \
	plugin/status/text.c plugin/status/text.h \
	plugin/store/forget.c \
	plugin/store/inside.h \
	plugin/store/outbox.c plugin/store/outbox.h \
	plugin/store/place.c plugin/store/place.h \
	plugin/store/state.c plugin/store/state.h

AUSPAWN_LIBS = plugin/libauspawn.a \
	$(AUPARSE_LIBS) $(AUDIT_LIBS) $(LIBCONFIG_LIBS) $(JSON_C_LIBS) $(PCRE2_LIBS) \
	$(SQLITE_LIBS) $(CAP_NG_LIBS) $(SECCOMP_LIBS) -lm

sbin_PROGRAMS = plugin/auspawn
plugin_auspawn_SOURCES = plugin/main.c
plugin_auspawn_LDADD = $(AUSPAWN_LIBS)

# `auspawn import` runs this program. It alone needs C++; what of it is C is in an archive, for the tests.
plugin_libimport_a_SOURCES = \
	plugin/import/esql.c plugin/import/esql.h \
	plugin/import/esql_condition.c \
	plugin/import/esql_eval.c \
	plugin/import/esql_reader.c plugin/import/esql_reader.h \
	plugin/import/esql_value.c \
	plugin/import/import.c plugin/import/import.h \
	plugin/import/kql.c plugin/import/kql.h \
	plugin/import/lucene.c plugin/import/lucene.h \
	plugin/import/metadata.c plugin/import/metadata.h \
	plugin/import/output.c plugin/import/output.h \
	plugin/import/possible.c plugin/import/possible.h \
	plugin/import/query.c plugin/import/query.h \
	plugin/import/source.c plugin/import/source.h \
	plugin/import/toml.h \
	plugin/import/writer.c plugin/import/writer.h

IMPORT_LIBS = plugin/libimport.a $(AUSPAWN_LIBS)

if WITH_IMPORT
sbin_PROGRAMS += plugin/auspawn-import
plugin_auspawn_import_SOURCES = plugin/import/main.c plugin/import/toml.cc
plugin_auspawn_import_LDADD = $(IMPORT_LIBS)
else
EXTRA_DIST += plugin/import/main.c plugin/import/toml.cc
endif
