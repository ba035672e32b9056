/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/cef.h"

#include "alert/text.h"
#include "base/utf8.h"
#include "process/document.h"

/* Which key of the extension has which field; a custom string has a label. */
static const struct {
	const char *key;
	const char *field;
	const char *label;
} extension[] = {
	{ "rt", "@timestamp", NULL },
	{ "externalId", "event.id", NULL },
	{ "dvchost", "host.name", NULL },
	{ "suser", "user.name", NULL },
	{ "suid", "user.id", NULL },
	{ "spid", "process.parent.pid", NULL },
	{ "sproc", "process.parent.executable", NULL },
	{ "dpid", "process.pid", NULL },
	{ "dproc", "process.executable", NULL },
	/* A document has at most one of the three. */
	{ "cnt", "auspawn.rarity.count", NULL },
	{ "cnt", "auspawn.threshold.count", NULL },
	{ "cnt", "auspawn.lost.count", NULL },
	{ "cn1", "auspawn.suppressed.count", "suppressed" },
	{ "cs1", "process.command_line", "commandLine" },
	{ "cs2", "process.working_directory", "workingDirectory" },
	{ "cs3", "auspawn.lineage", "lineage" },
	{ "cs4", "container.id", "containerId" },
	{ "msg", "message", NULL },
	{ "cs5", "auspawn.alert_id", "alertId" },
};

/* Backslashes are escaped already, by utf8_append_escaped(), which leaves no newline either. */
static void append_escaped(struct json_object *member, char special, UT_string *out)
{
	UT_string clean;

	utstring_init(&clean);
	if (member)
		utf8_append_escaped(&clean, span_of(json_object_get_string(member)));
	for (size_t i = 0; i < utstring_len(&clean); i++) {
		if (clean.d[i] == special)
			utstring_bincpy(out, "\\", 1);
		utstring_bincpy(out, &clean.d[i], 1);
	}
	utstring_done(&clean);
}

static int cef_severity(struct json_object *document)
{
	switch (text_severity(document)[0]) {
	case 'l':
		return 3;
	case 'm':
		return 5;
	case 'h':
		return 8;
	default:
		return 10;
	}
}

void cef_append(struct json_object *document, UT_string *out)
{
	struct json_object *rule = document_get(document, "rule.id");
	const char *between = "";

	utstring_printf(out, "CEF:0|auspawn|auspawn|%s|", PACKAGE_VERSION);
	append_escaped(rule ? rule : document_get(document, "event.action"), '|', out);
	utstring_printf(out, "|");
	append_escaped(rule ? document_get(document, "rule.name") :
			      document_get(document, "event.action"),
		       '|', out);
	utstring_printf(out, "|%d|", rule ? cef_severity(document) : 0);

	for (size_t i = 0; i < sizeof(extension) / sizeof(extension[0]); i++) {
		struct json_object *member = document_get(document, extension[i].field);

		if (!member)
			continue;
		if (extension[i].label)
			utstring_printf(out, "%s%sLabel=%s", between, extension[i].key,
					extension[i].label);
		utstring_printf(out, "%s%s=", extension[i].label ? " " : between, extension[i].key);
		append_escaped(member, '=', out);
		between = " ";
	}
}
