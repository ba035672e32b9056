/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "process/ecs.h"
#include "process/field.h"

/* Of ECS 8.12's list of fields, some of each set. */
static const char *const schema_names[] = {
	"@timestamp", "labels", "labels.env", "message", "tags",
	"agent.build.original", "agent.ephemeral_id", "agent.id", "agent.type", "agent.version",
	"client.address", "client.as.number", "client.as.organization.name.text", "client.bytes",
	"client.geo.city_name", "client.geo.location", "client.nat.port", "client.registered_domain",
	"client.user.email", "client.user.full_name.text", "client.user.group.id", "client.user.roles",
	"cloud.account.id", "cloud.availability_zone", "cloud.origin.instance.name",
	"cloud.origin.service.name", "cloud.provider", "cloud.target.project.id",
	"container.cpu.usage", "container.disk.read.bytes", "container.id", "container.image.hash.all",
	"container.image.tag", "container.labels", "container.labels.app",
	"container.network.ingress.bytes", "container.runtime",
	"container.security_context.privileged",
	"data_stream.dataset", "data_stream.namespace", "data_stream.type",
	"destination.address", "destination.geo.country_iso_code", "destination.ip", "destination.port",
	"destination.user.name.text",
	"device.id", "device.manufacturer", "device.model.identifier", "device.serial_number",
	"dll.code_signature.digest_algorithm", "dll.hash.cdhash", "dll.name", "dll.path",
	"dll.pe.go_imports_names_var_entropy", "dll.pe.original_file_name", "dll.pe.sections",
	"dll.pe.sections.virtual_size",
	"dns.answers", "dns.answers.ttl", "dns.header_flags", "dns.question.name",
	"dns.question.top_level_domain", "dns.resolved_ip", "dns.response_code",
	"ecs.version",
	"email.attachments.file.extension", "email.attachments.file.hash.sha256", "email.bcc.address",
	"email.message_id", "email.subject.text", "email.x_mailer",
	"error.code", "error.stack_trace.text", "error.type",
	"event.action", "event.agent_id_status", "event.code", "event.created", "event.dataset",
	"event.ingested", "event.module", "event.original", "event.provider", "event.reason",
	"event.risk_score_norm", "event.sequence", "event.timezone", "event.url",
	"faas.coldstart", "faas.trigger.request_id",
	"file.accessed", "file.attributes", "file.code_signature.subject_name", "file.ctime",
	"file.drive_letter", "file.elf.byte_order", "file.elf.exports", "file.elf.header.entrypoint",
	"file.elf.imports_names_entropy", "file.elf.sections.chi2", "file.elf.segments.type",
	"file.elf.shared_libraries", "file.elf.telfhash", "file.extension", "file.fork_name",
	"file.hash.tlsh", "file.inode", "file.macho.symhash", "file.macho.sections.name",
	"file.mime_type", "file.mode", "file.name", "file.owner", "file.path", "file.path.text",
	"file.pe.imphash", "file.pe.pehash", "file.size", "file.target_path.text", "file.type", "file.uid",
	"file.x509.alternative_names", "file.x509.issuer.common_name",
	"file.x509.subject.distinguished_name", "file.x509.version_number",
	"group.domain", "group.id", "group.name",
	"host.architecture", "host.boot.id", "host.cpu.usage", "host.geo.timezone", "host.hostname",
	"host.ip", "host.mac", "host.network.egress.packets", "host.os.family", "host.os.full.text",
	"host.os.kernel", "host.os.platform", "host.pid_ns_ino", "host.risk.calculated_score_norm",
	"host.uptime",
	"http.request.body.content.text", "http.request.method", "http.response.status_code",
	"http.version",
	"log.file.path", "log.origin.file.line", "log.syslog.facility.code",
	"log.syslog.structured_data", "log.syslog.structured_data.x",
	"network.community_id", "network.direction", "network.inner", "network.inner.vlan.id",
	"network.transport", "network.vlan.name",
	"observer.egress.interface.alias", "observer.egress.vlan.id", "observer.ingress.zone",
	"observer.os.name.text", "observer.vendor",
	"orchestrator.api_version", "orchestrator.cluster.url", "orchestrator.resource.parent.type",
	"organization.name.text",
	"package.build_version", "package.install_scope", "package.name",
	"process.args", "process.code_signature.exists", "process.command_line.text",
	"process.elf.header.os_abi", "process.end", "process.entity_id",
	"process.entry_leader.attested_groups.name", "process.entry_leader.attested_user.name.text",
	"process.entry_leader.entry_meta.source.ip", "process.entry_leader.entry_meta.type",
	"process.entry_leader.parent.session_leader.vpid", "process.entry_leader.same_as_process",
	"process.entry_leader.supplemental_groups.id", "process.entry_leader.tty.char_device.minor",
	"process.env_vars", "process.exit_code", "process.group_leader.real_group.name",
	"process.group_leader.working_directory.text", "process.hash.sha256",
	"process.io.bytes_skipped.offset", "process.io.text", "process.macho.go_stripped",
	"process.parent.code_signature.trusted", "process.parent.elf.sections.flags",
	"process.parent.group_leader.entity_id", "process.parent.hash.md5", "process.parent.pe.company",
	"process.parent.uptime", "process.pe.description", "process.pgid", "process.previous.args_count",
	"process.previous.executable.text", "process.saved_user.name.text",
	"process.session_leader.parent.start", "process.supplemental_groups.name",
	"process.thread.capabilities.effective", "process.thread.id", "process.title.text",
	"process.tty", "process.tty.columns", "process.vpid", "process.working_directory.text",
	"registry.data.strings", "registry.hive", "registry.path",
	"related.hash", "related.hosts", "related.user",
	"rule.author", "rule.ruleset", "rule.uuid",
	"server.domain", "server.nat.ip", "server.user.hash",
	"service.ephemeral_id", "service.node.roles", "service.origin.node.name", "service.target.state",
	"source.as.number", "source.geo.region_name", "source.ip", "source.packets",
	"span.id", "trace.id", "transaction.id",
	"threat.enrichments", "threat.enrichments.indicator.file.elf.sections.name",
	"threat.enrichments.indicator.geo.name", "threat.enrichments.matched.atomic",
	"threat.feed.dashboard_id", "threat.framework", "threat.group.alias",
	"threat.indicator.as.organization.name", "threat.indicator.email.address",
	"threat.indicator.file.code_signature.team_id", "threat.indicator.marking.tlp_version",
	"threat.indicator.registry.data.bytes", "threat.indicator.url.full.text",
	"threat.indicator.x509.not_after", "threat.software.platforms", "threat.tactic.id",
	"threat.technique.name.text", "threat.technique.subtechnique.reference",
	"tls.cipher", "tls.client.hash.sha1", "tls.client.ja3", "tls.client.x509.subject.country",
	"tls.established", "tls.server.ja3s", "tls.server.x509.public_key_exponent",
	"tls.version_protocol",
	"url.domain", "url.full.text", "url.original", "url.top_level_domain", "url.username",
	"user.changes.full_name.text", "user.domain", "user.effective.group.name", "user.email",
	"user.risk.static_score", "user.target.roles",
	"user_agent.device.name", "user_agent.original.text", "user_agent.os.version",
	"volume.bus_type", "volume.mount_name", "volume.writable",
	"vulnerability.description.text", "vulnerability.report_id", "vulnerability.scanner.vendor",
	"vulnerability.score.environmental",
	/* 9 */
	"cloud.entity.id", "gen_ai.request.model", "gen_ai.tool.call.arguments",
	"gen_ai.tool.call.arguments.location", "gen_ai.usage.output_tokens", "file.origin_url",
	"host.entity.attributes.Managed", "service.entity.sub_type", "user.entity.display_name.text",
	"threat.indicator.id",
	/* Elastic's own, as its rules for Linux have them */
	"process.Ext.effective_parent.executable", "process.Ext.api.parameters.consumer_type",
	"process.parent.Ext.real.pid", "process.thread.Ext.call_stack_summary", "file.Ext.header_bytes", "file.Ext.original.name",
	"dll.Ext.device.product_id", "user.Ext.real.id", "group.Ext.real.name",
	"process.name.caseless", "process.parent.executable.caseless", "Target.process.name",
	"Target.process.parent.args", "Effective_process.executable", "Effective_process.entity_id",
	"auditd.data.syscall", "auditd.summary.actor.primary", "auditd.session", "auditd.result",
	"kibana.alert.rule.name", "system.auth.ssh.event", "process.responsible.name",
	"process.parent.parent.args", "process.group_leader.hash.sha1",
};

static const char *const wrong_names[] = {
	"", ".", "process", "process.", ".process", "process..name", "process.nmae", "process.name.",
	"process.name.x", "process.text", "process.name.text.text", "Process.name", "process.Name",
	"process.Ext", "process.Ext.", "process.ext.token", "Ext.x", "process.Extra.x",
	"process.parent", "process.parent.", "process.command_line.txt", "process.commandline",
	"process.hash", "process.hash.sha265", "process.hash.sha256.x", "process.geo.name",
	"process.parent.user", "process.user.nmae", "process.session.leader.name",
	"process.entry_leader.entry_meta", "process.entry_leader.entry_meta.typ", "process.leader.pid",
	"file.hash", "file.hash.sha3", "file.pth", "file.user.name", "file.x509.subject",
	"host.os", "host.os.names", "host.name.first", "hosts.name", "user", "user.nme", "user.group",
	"users.name", "event", "event.actions", "event.kind.x", "network.protocoll", "dns.question",
	"source", "source.geo", "labels.", "auditd.", "auditd..data", "auditd.data syscall",
	"auditd.data.\x01", "Effective_process", "Effective_process.nmae", "Target.name",
	"Target.process", "winlog.event_data.TargetImage", "auspawn.key", "indicator.ip", "client",
	"client.as", "client.as.organization", "risk_score", "name", "pid", "interface.alias.x",
	"threat.indicator", "threat.indicator.file", "container.labels.", "@timestamp.x", "timestamp",
	"elf", "vlan.id.x",
};

static void test_names_of_the_schema_are_known(void **state)
{
	(void)state;
	assert_true(ARRAY_SIZE(schema_names) >= 150);
	for (size_t i = 0; i < ARRAY_SIZE(schema_names); i++) {
		if (!ecs_has_field(span_of(schema_names[i])))
			fail_msg("%s", schema_names[i]);
	}
}

static void test_other_names_are_not(void **state)
{
	size_t known = 0;

	(void)state;
	assert_true(ARRAY_SIZE(wrong_names) >= 40);
	for (size_t i = 0; i < ARRAY_SIZE(wrong_names); i++) {
		if (!ecs_has_field(span_of(wrong_names[i])))
			continue;
		print_error("%s\n", wrong_names[i]);
		known++;
	}
	assert_int_equal(known, 0);
	assert_false(ecs_has_field(SPAN_NONE));
}

static void test_name_ends_where_its_span_ends(void **state)
{
	(void)state;
	assert_true(ecs_has_field((struct span){ "process.titlex", 13 }));
	assert_false(ecs_has_field((struct span){ "process.title", 12 }));
	assert_false(ecs_has_field(SPAN("process.title\0")));
}

/* Sets that stand in themselves can be written for ever, and cost no more than their letters. */
static void test_very_long_names_are_none(void **state)
{
	char name[65536] = "";

	(void)state;
	for (size_t i = 0; i + 20 < sizeof(name); i += 7)
		memcpy(name + i, "parent.", 7);
	memcpy(name, "process", 7);
	assert_false(ecs_has_field(span_of(name)));
	assert_false(ecs_has_field((struct span){ name, 200 }));
	memset(name, '.', sizeof(name));
	assert_false(ecs_has_field((struct span){ name, sizeof(name) }));
}

struct names {
	size_t count;
	size_t longest;
	bool deep;
};

static void check_name(void *user, const char *name)
{
	struct names *names = user;

	names->count++;
	if (strlen(name) > names->longest)
		names->longest = strlen(name);
	if (!strcmp(name, "process.group_leader.hash.sha256"))
		names->deep = true;
	if (!ecs_has_field(span_of(name)))
		fail_msg("%s is listed and not known", name);
	if (strstr(name, "parent.parent.") || strchr(name, '*'))
		fail_msg("%s is listed", name);
}

static void test_every_name_is_listed(void **state)
{
	struct names names = { 0 };

	(void)state;
	ecs_each(SIZE_MAX, check_name, &names);
	assert_in_range(names.count, 1700, 20000);
	assert_true(names.deep);
	/* field_nearest() looks at no longer ones. */
	assert_true(names.longest < FIELD_MAX_NAME);
}

static void test_names_that_are_too_long_are_left_out(void **state)
{
	struct names all = { 0 }, shorter = { 0 }, none = { 0 };

	(void)state;
	ecs_each(SIZE_MAX, check_name, &all);
	ecs_each(all.longest, check_name, &shorter);
	assert_int_equal(shorter.count, all.count);
	shorter = (struct names){ 0 };
	ecs_each(all.longest - 1, check_name, &shorter);
	assert_in_range(shorter.count, all.count / 2, all.count - 1);
	shorter = (struct names){ 0 };
	ecs_each(10, check_name, &shorter);
	assert_int_equal(shorter.longest, 10);
	ecs_each(0, check_name, &none);
	assert_int_equal(none.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_the_schema_are_known),
		cmocka_unit_test(test_other_names_are_not),
		cmocka_unit_test(test_name_ends_where_its_span_ends),
		cmocka_unit_test(test_very_long_names_are_none),
		cmocka_unit_test(test_every_name_is_listed),
		cmocka_unit_test(test_names_that_are_too_long_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
