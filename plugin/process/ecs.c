/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/ecs.h"

#define MAX_NAME  256 /* bytes, with the NUL; a longer name is none */
#define MAX_DEPTH 16  /* sets within sets */

/*
 * A set of fields. Words are separated by spaces:
 *   fields  names below the set's; NAME.* stands for NAME and anything below it
 *   nested  other sets below it, as NAME or, where the two names differ, NAME=SET
 */
struct set {
	const char *name;
	const char *fields;
	const char *nested;
};

/* What is imported, and the sections: the same of executable files of all three kinds. */
#define IMPORTS                                                                                   \
	"go_import_hash go_imports.* go_imports_names_entropy go_imports_names_var_entropy "      \
	"go_stripped import_hash imports.* imports_names_entropy imports_names_var_entropy "      \
	"sections sections.entropy sections.name sections.physical_size sections.var_entropy "    \
	"sections.virtual_size"

/* What every set may have below it, and every field as a second index of it. */
#define EXTENSION "Ext"
static const char *const second_indices[] = { ".caseless", ".text" };

/* The set of all sets. The first row of names is ECS, the second Elastic's endpoint, auditd and alerts. */
static const struct set root = {
	"",
	"@timestamp labels.* message tags "
	"auditd.* kibana.* system.*",
	"agent client cloud code_signature container data_stream destination=client device dll dns ecs elf "
	"email entity error event faas file gen_ai geo group hash host http interface log macho network "
	"observer orchestrator organization os package pe process registry related risk rule server=client "
	"service source=client span=trace threat tls trace transaction=trace url user user_agent vlan volume "
	"vulnerability x509 "
	"Effective_process=process Target.process=process",
};

static const struct set sets[] = {
	{ "agent", "build.original ephemeral_id id name type version", "" },
	{ "as", "number organization.name", "" },
	{ "client",
	  "address bytes domain ip mac nat.ip nat.port packets port registered_domain subdomain "
	  "top_level_domain",
	  "as geo user" },
	{ "cloud",
	  "account.id account.name availability_zone instance.id instance.name machine.type project.id "
	  "project.name provider region service.name",
	  "entity origin=cloud target=cloud" },
	{ "code_signature",
	  "digest_algorithm exists flags signing_id status subject_name team_id thumbprint_sha256 timestamp "
	  "trusted valid",
	  "" },
	{ "container",
	  "cpu.usage disk.read.bytes disk.write.bytes id image.hash.all image.name image.tag labels.* "
	  "memory.usage name network.egress.bytes network.ingress.bytes runtime "
	  "security_context.privileged",
	  "" },
	{ "data_stream", "dataset namespace type", "" },
	{ "device", "id manufacturer model.identifier model.name serial_number", "" },
	{ "dll", "name path", "code_signature hash pe" },
	{ "dns",
	  "answers answers.class answers.data answers.name answers.ttl answers.type header_flags id op_code "
	  "question.class question.name question.registered_domain question.subdomain "
	  "question.top_level_domain question.type resolved_ip response_code type",
	  "" },
	{ "ecs", "version", "" },
	{ "elf",
	  "architecture byte_order cpu_type creation_date exports.* header.abi_version header.class "
	  "header.data header.entrypoint header.object_version header.os_abi header.type header.version "
	  "sections.chi2 sections.flags sections.physical_offset sections.type sections.virtual_address "
	  "segments segments.sections segments.type shared_libraries telfhash " IMPORTS,
	  "" },
	{ "email",
	  "attachments attachments.file.extension attachments.file.mime_type attachments.file.name "
	  "attachments.file.size bcc.address cc.address content_type delivery_timestamp direction "
	  "from.address local_id message_id origination_timestamp reply_to.address sender.address subject "
	  "to.address x_mailer",
	  "attachments.file.hash=hash" },
	{ "entity",
	  "attributes.* behavior.* display_name id last_seen_timestamp lifecycle.* metrics.* name raw.* "
	  "reference source sub_type type",
	  "" },
	{ "error", "code id message stack_trace type", "" },
	{ "event",
	  "action agent_id_status category code created dataset duration end hash id ingested kind module "
	  "original outcome provider reason reference risk_score risk_score_norm sequence severity start "
	  "timezone type url",
	  "" },
	{ "faas", "coldstart execution id name trigger.request_id trigger.type version", "" },
	{ "file",
	  "accessed attributes created ctime device directory drive_letter extension fork_name gid group "
	  "inode mime_type mode mtime name origin_referrer_url origin_url owner path size target_path type "
	  "uid",
	  "code_signature elf hash macho pe x509" },
	{ "gen_ai",
	  "agent.description agent.id agent.name input.messages operation.name output.messages output.type "
	  "request.choice.count request.encoding_formats request.frequency_penalty request.max_tokens "
	  "request.model request.presence_penalty request.seed request.stop_sequences request.temperature "
	  "request.top_k request.top_p response.finish_reasons response.id response.model system "
	  "system_instructions token.type tool.call.arguments.* tool.call.id tool.call.result.* "
	  "tool.definitions tool.name tool.type usage.input_tokens usage.output_tokens",
	  "" },
	{ "geo",
	  "city_name continent_code continent_name country_iso_code country_name location name postal_code "
	  "region_iso_code region_name timezone",
	  "" },
	{ "group", "domain id name", "" },
	{ "hash", "cdhash md5 sha1 sha256 sha384 sha512 ssdeep tlsh", "" },
	{ "host",
	  "architecture boot.id cpu.usage disk.read.bytes disk.write.bytes domain hostname id ip mac name "
	  "network.egress.bytes network.egress.packets network.ingress.bytes network.ingress.packets "
	  "pid_ns_ino type uptime",
	  "entity geo os risk" },
	{ "http",
	  "request.body.bytes request.body.content request.bytes request.id request.method request.mime_type "
	  "request.referrer response.body.bytes response.body.content response.bytes response.mime_type "
	  "response.status_code version",
	  "" },
	{ "indicator",
	  "confidence description email.address first_seen id ip last_seen marking.tlp marking.tlp_version "
	  "modified_at name port provider reference scanner_stats sightings type",
	  "as file geo registry url x509" },
	{ "interface", "alias id name", "" },
	{ "log",
	  "file.path level logger origin.file.line origin.file.name origin.function syslog syslog.appname "
	  "syslog.facility.code syslog.facility.name syslog.hostname syslog.msgid syslog.priority "
	  "syslog.procid syslog.severity.code syslog.severity.name syslog.structured_data.* "
	  "syslog.version",
	  "" },
	{ "macho", "symhash " IMPORTS, "" },
	{ "network",
	  "application bytes community_id direction forwarded_ip iana_number inner name packets protocol "
	  "transport type",
	  "inner.vlan=vlan vlan" },
	{ "observer",
	  "egress egress.zone hostname ingress ingress.zone ip mac name product serial_number type vendor "
	  "version",
	  "egress.interface=interface egress.vlan=vlan geo ingress.interface=interface ingress.vlan=vlan "
	  "os" },
	{ "orchestrator",
	  "api_version cluster.id cluster.name cluster.url cluster.version namespace organization "
	  "resource.annotation resource.id resource.ip resource.label resource.name resource.parent.type "
	  "resource.type type",
	  "entity" },
	{ "organization", "id name", "" },
	{ "os", "family full kernel name platform type version", "" },
	{ "package",
	  "architecture build_version checksum description install_scope installed license name path "
	  "reference size type version",
	  "" },
	{ "pe",
	  "architecture company description file_version imphash original_file_name pehash product " IMPORTS,
	  "" },
	{ "process",
	  "args args_count command_line end entity_id entry_meta.type env_vars executable exit_code "
	  "interactive io io.bytes_skipped io.bytes_skipped.length io.bytes_skipped.offset "
	  "io.max_bytes_per_process_exceeded io.text io.total_bytes_captured io.total_bytes_skipped io.type "
	  "name pgid pid ppid same_as_process start thread.capabilities.effective "
	  "thread.capabilities.permitted thread.id thread.name title tty tty.char_device.major "
	  "tty.char_device.minor tty.columns tty.rows uptime vpid working_directory",
	  "attested_groups=group attested_user=user code_signature elf entry_leader=process "
	  "entry_meta.source=client group group_leader=process hash macho parent=process pe "
	  "previous=process real_group=group real_user=user responsible=process saved_group=group "
	  "saved_user=user session_leader=process supplemental_groups=group user" },
	{ "registry", "data.bytes data.strings data.type hive key path value", "" },
	{ "related", "hash hosts ip user", "" },
	{ "risk",
	  "calculated_level calculated_score calculated_score_norm static_level static_score "
	  "static_score_norm",
	  "" },
	{ "rule", "author category description id license name reference ruleset uuid version", "" },
	{ "service",
	  "address environment ephemeral_id id name node.name node.role node.roles state type version",
	  "entity origin=service target=service" },
	{ "threat",
	  "enrichments enrichments.indicator enrichments.matched.atomic enrichments.matched.field "
	  "enrichments.matched.id enrichments.matched.index enrichments.matched.occurred "
	  "enrichments.matched.type feed.dashboard_id feed.description feed.name feed.reference framework "
	  "group.alias group.id group.name group.reference software.alias software.id software.name "
	  "software.platforms software.reference software.type tactic.id tactic.name tactic.reference "
	  "technique.id technique.name technique.reference technique.subtechnique.id "
	  "technique.subtechnique.name technique.subtechnique.reference",
	  "enrichments.indicator=indicator indicator" },
	{ "tls",
	  "cipher client.certificate client.certificate_chain client.hash.md5 client.hash.sha1 "
	  "client.hash.sha256 client.issuer client.ja3 client.not_after client.not_before "
	  "client.server_name client.subject client.supported_ciphers curve established next_protocol "
	  "resumed server.certificate server.certificate_chain server.hash.md5 server.hash.sha1 "
	  "server.hash.sha256 server.issuer server.ja3s server.not_after server.not_before server.subject "
	  "version version_protocol",
	  "client.x509=x509 server.x509=x509" },
	{ "trace", "id", "" },
	{ "url",
	  "domain extension fragment full original password path port query registered_domain scheme "
	  "subdomain top_level_domain username",
	  "" },
	{ "user", "domain email full_name hash id name roles",
	  "changes=user effective=user entity group risk target=user" },
	{ "user_agent", "device.name name original version", "os" },
	{ "vlan", "id name", "" },
	{ "volume",
	  "bus_type default_access device_name device_type dos_name file_system_type mount_name nt_name "
	  "product_id product_name removable serial_number size vendor_id vendor_name writable",
	  "" },
	{ "vulnerability",
	  "category classification description enumeration id reference report_id scanner.vendor score.base "
	  "score.environmental score.temporal score.version severity",
	  "" },
	{ "x509",
	  "alternative_names issuer.common_name issuer.country issuer.distinguished_name issuer.locality "
	  "issuer.organization issuer.organizational_unit issuer.state_or_province not_after not_before "
	  "public_key_algorithm public_key_curve public_key_exponent public_key_size serial_number "
	  "signature_algorithm subject.common_name subject.country subject.distinguished_name "
	  "subject.locality subject.organization subject.organizational_unit subject.state_or_province "
	  "version_number",
	  "" },
};

/* --- words --- */

/* Takes the next word off the front of `*text`; returns false if there is none. */
static bool next_word(const char **text, struct span *word)
{
	*text += strspn(*text, " ");
	word->start = *text;
	word->length = strcspn(*text, " ");
	*text += word->length;
	return word->length;
}

/* Splits a word of `nested` into the name below and the set. */
static void split(struct span word, struct span *name, struct span *set)
{
	const char *equals = memchr(word.start, '=', word.length);

	*name = *set = word;
	if (!equals)
		return;
	name->length = (size_t)(equals - word.start);
	set->start = equals + 1;
	set->length = word.length - name->length - 1;
}

static const struct set *find_set(struct span name)
{
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (span_is(name, sets[i].name))
			return &sets[i];
	}
	return NULL;
}

/* --- is there such a name? --- */

/* Is `name` what stands below `outer` and a dot? Then that is in `*inner`. */
static bool below(struct span name, struct span outer, struct span *inner)
{
	if (name.length <= outer.length + 1 || memcmp(name.start, outer.start, outer.length) != 0 ||
	    name.start[outer.length] != '.')
		return false;
	inner->start = name.start + outer.length + 1;
	inner->length = name.length - outer.length - 1;
	return true;
}

static bool has_field(const struct set *set, struct span name)
{
	const char *fields = set->fields;
	struct span field, rest;

	while (next_word(&fields, &field)) {
		bool open = field.length > 2 && field.start[field.length - 1] == '*';

		if (open)
			field.length -= 2;
		if (span_equal(field, name) || (open && below(name, field, &rest)))
			return true;
	}
	return false;
}

/* Is it below an extension of a set, or of one of its fields? */
static bool is_extension(struct span name)
{
	static const char inside[] = "." EXTENSION ".";

	return (span_starts_with(name, inside + 1) && name.length > strlen(inside + 1)) ||
	       memmem(name.start, name.length, inside, strlen(inside));
}

static bool has_name(const struct set *set, struct span name)
{
	const char *nested = set->nested;
	struct span word, inner, inner_set, rest;

	if (has_field(set, name) || (set != &root && is_extension(name)))
		return true;
	/* Each step takes at least one part off the name. */
	while (next_word(&nested, &word)) {
		split(word, &inner, &inner_set);
		if (below(name, inner, &rest) && has_name(find_set(inner_set), rest))
			return true;
	}
	return false;
}

/* Parts of letters, digits, _, - and @, with dots between. */
static bool is_well_formed(struct span name)
{
	bool in_part = false;

	for (size_t i = 0; i < name.length; i++) {
		unsigned char c = (unsigned char)name.start[i];

		if (c == '.' && !in_part)
			return false;
		in_part = c != '.';
		if (in_part && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '-' && c != '@')
			return false;
	}
	return in_part;
}

bool ecs_has_field(struct span name)
{
	if (name.length >= MAX_NAME || !is_well_formed(name))
		return false;
	for (size_t i = 0; i < sizeof(second_indices) / sizeof(second_indices[0]); i++) {
		size_t length = strlen(second_indices[i]);

		if (name.length > length &&
		    !memcmp(name.start + name.length - length, second_indices[i], length)) {
			const struct span first = { name.start, name.length - length };

			return has_name(&root, first) || has_name(&root, name);
		}
	}
	return has_name(&root, name);
}

/* --- all names --- */

struct listing {
	size_t longest;
	void (*handle)(void *user, const char *name);
	void *user;
	char name[MAX_NAME];
	size_t length;
	const struct set *path[MAX_DEPTH]; /* the sets around */
	size_t depth;
};

/* Appends a part to the name; returns false, and does not, where that is too long. */
static bool append(struct listing *listing, struct span part)
{
	size_t dot = listing->length > 0;

	if (listing->length + dot + part.length > listing->longest)
		return false;
	if (dot)
		listing->name[listing->length] = '.';
	memcpy(listing->name + listing->length + dot, part.start, part.length);
	listing->length += dot + part.length;
	listing->name[listing->length] = '\0';
	return true;
}

static void list_fields(struct listing *listing, const struct set *set)
{
	size_t length = listing->length;
	const char *fields = set->fields;
	struct span word;

	while (next_word(&fields, &word)) {
		if (word.start[word.length - 1] == '*')
			word.length -= 2;
		if (append(listing, word))
			listing->handle(listing->user, listing->name);
		listing->length = length;
	}
}

static bool may_enter(const struct listing *listing, const struct set *set)
{
	int times = 0;

	for (size_t i = 0; i < listing->depth; i++)
		times += listing->path[i] == set;
	return times < 2 && listing->depth < MAX_DEPTH;
}

static void list(struct listing *listing, const struct set *set)
{
	size_t length = listing->length;
	const char *nested = set->nested;
	struct span word, inner, inner_set;

	listing->path[listing->depth++] = set;
	list_fields(listing, set);
	while (next_word(&nested, &word)) {
		split(word, &inner, &inner_set);
		if (may_enter(listing, find_set(inner_set)) && append(listing, inner))
			list(listing, find_set(inner_set));
		listing->length = length;
	}
	listing->depth--;
}

void ecs_each(size_t longest, void (*handle)(void *user, const char *name), void *user)
{
	struct listing listing = {
		.longest = longest < MAX_NAME ? longest : MAX_NAME - 1,
		.handle = handle,
		.user = user,
	};

	list(&listing, &root);
}
