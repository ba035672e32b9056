/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The limits that the manual tells are those of the code. */
#include "rules_alert_support.h"

#include "alert/suppress.h"
#include "alert/syslog.h"
#include "audit/argv.h"
#include "audit/gather.h"
#include "audit/lines.h"
#include "audit/triage.h"
#include "config.h"
#include "delivery.h"
#include "process/ancestry.h"
#include "process/procfs.h"
#include "process/table.h"
#include "process/users.h"
#include "rules/counts.h"
#include "rules/function.h"
#include "rules/group_by.h"
#include "rules/lists.h"
#include "rules/new_terms.h"
#include "rules/regex.h"
#include "rules/threshold.h"
#include "sinks.h"

struct limit {
	const char *what;
	size_t value;
	const char *unit; /* "" without */
};

/* 1,048,576 */
static void append_grouped(UT_string *text, size_t number)
{
	char digits[32];
	int length = snprintf(digits, sizeof(digits), "%zu", number);

	for (int i = 0; i < length; i++)
		utstring_printf(text, "%s%c", i && (length - i) % 3 == 0 ? "," : "", digits[i]);
}

/* As a row of the manual's table has it. */
static void append_row(UT_string *row, const struct limit *limit)
{
	size_t value = limit->value;

	if (!strcmp(limit->unit, "MiB"))
		value >>= 20;
	else if (!strcmp(limit->unit, "KiB"))
		value >>= 10;
	utstring_printf(row, "\nT{\n%s\nT}|", limit->what);
	append_grouped(row, value);
	utstring_printf(row, "%s%s|", *limit->unit ? " " : "", limit->unit);
}

static char *read_manual(void)
{
	const char *top = getenv("srcdir");
	char path[4096];

	snprintf(path, sizeof(path), "%s/man/auspawn.8", top ? top : ".");
	return read_text(path);
}

static size_t count_rows(const char *manual)
{
	const char *section = strstr(manual, "\n.SH LIMITS\n");
	const char *end = section ? strstr(section, "\n.TE") : NULL;
	size_t count = 0;

	assert_non_null(end);
	for (const char *at = strstr(section, "\nT}|"); at && at < end; at = strstr(at + 1, "\nT}|"))
		count++;
	return count;
}

static void test_the_manual_has_the_limits_of_the_code(void **state)
{
	struct mistakes mistakes = { 0 };
	struct config *config = config_load(NULL, SETTINGS_TRUST_ALL, &mistakes);
	const struct limit limits[] = {
		{ "Records waiting to be judged", config->queue_size, "MiB" },
		{ "Line", LINES_MAX_LENGTH, "bytes" },
		{ "Name of a node", TRIAGE_MAX_NODE, "bytes" },
		{ "Nodes", GATHER_MAX_NODES, "" },
		{ "Events in progress", GATHER_MAX_OPEN, "" },
		{ "Wait for the end of an event", GATHER_END_MS, "ms" },
		{ "Records of an event", GATHER_MAX_BYTES, "MiB" },
		{ "Records of all events in progress", GATHER_MAX_TOTAL, "MiB" },
		{ "Arguments of an exec", ARGV_MAX, "" },
		{ "Arguments missing in a row", ARGV_MAX_HOLE, "" },
		{ "Processes remembered", config->max_processes, "" },
		{ "Bytes for each of them", TABLE_BYTES_EACH, "" },
		{ "Arguments remembered of a process", TABLE_MAX_ARGS, "bytes" },
		{ "The same, half of all bytes used", TABLE_FEW_ARGS, "bytes" },
		{ "Ancestors of an event", EVENT_MAX_ANCESTORS, "" },
		{ "Generations up to an entry leader", ANCESTRY_MAX_DEPTH, "" },
		{ "File of /proc", PROCFS_MAX_FILE, "bytes" },
		{ "Environment of a process", PROCFS_MAX_ENVIRONMENT, "MiB" },
		{ "Variables of an event", PROCFS_MAX_VARIABLES, "" },
		{ "Variable", PROCFS_MAX_VARIABLE, "bytes" },
		{ "User and group ids with their names", USERS_MAX_CACHED, "" },
		{ "Configuration, rule file, condition_file", SETTINGS_MAX_FILE, "MiB" },
		{ "Rule files of a folder", RULESET_MAX_FILES, "" },
		{ "Rules", RULESET_MAX_RULES, "" },
		{ "Mistakes told of a file", MISTAKES_MAX, "" },
		{ "Items of a list", LISTS_MAX_ITEMS, "" },
		{ "Parentheses inside each other", PARSER_MAX_DEPTH, "" },
		{ "Arguments of a function", FUNCTION_MAX_ARGUMENTS, "" },
		{ "Steps of a regular expression", REGEX_MAX_STEPS, "" },
		{ "Text for that other way", REGEX_MAX_TEXT, "bytes" },
		{ "Groups of all rarity rules", COUNTS_MAX_BYTES, "MiB" },
		{ "How many of them there were when and where", COUNTS_MORE_BYTES, "MiB" },
		{ "Groups of all threshold rules", THRESHOLD_MAX_BYTES, "MiB" },
		{ "Events that a threshold rule remembers of a group", RULE_MAX_AT_LEAST, "" },
		{ "Terms of a new_terms rule", NEW_TERMS_MAX, "" },
		{ "Bytes of those terms", NEW_TERMS_MAX_BYTES, "MiB" },
		{ "Values of a group, in new_terms and threshold rules", GROUP_BY_MAX_KEY, "bytes" },
		{ "Alert to syslog", config->message_size, "bytes" },
		{ "Periods of folded alerts", SUPPRESS_MAX_PERIODS, "" },
		{ "Bytes of all of them", SUPPRESS_MAX_BYTES, "MiB" },
		{ "Alerts waiting in the state", config->outbox_size, "MiB" },
		{ "Alerts waiting that can't be kept", DELIVERY_MAX_MEMORY, "MiB" },
		{ "Messages of auspawn's own waiting for syslog", SYSLOG_MAX_QUEUE, "KiB" },
		{ "Message of auspawn's own", SINKS_MAX_MESSAGE, "bytes" },
	};
	char *manual = read_manual();
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(limits); i++) {
		UT_string row;

		utstring_init(&row);
		append_row(&row, &limits[i]);
		if (!strstr(manual, utstring_body(&row))) {
			print_error("not in the manual: %s\n", utstring_body(&row));
			wrong++;
		}
		utstring_done(&row);
	}
	assert_rows(wrong);
	assert_int_equal(count_rows(manual), COUNT_OF(limits));
	free(manual);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_manual_has_the_limits_of_the_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
