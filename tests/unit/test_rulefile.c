/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "base/settings.h"
#include "rules/ruleset.h"

struct file {
	const char *name;
	const char *text;
};

/* What loading a folder came to. */
struct loaded {
	struct ruleset *ruleset;
	UT_string rules;    /* ids, separated by blanks */
	UT_string mistakes; /* each with its file's name alone, on a line of its own */
};

static void append_mistake(struct loaded *loaded, const char *folder, const char *message)
{
	size_t length = strlen(folder);

	if (!strncmp(message, folder, length) && message[length] == '/')
		message += length + 1;
	utstring_printf(&loaded->mistakes, "%s%s", utstring_len(&loaded->mistakes) ? "\n" : "",
			message);
}

static void load(struct loaded *loaded, struct folder *folder, const struct file *files,
		 size_t count)
{
	struct mistakes mistakes = { 0 };

	for (size_t i = 0; i < count; i++)
		write_text(folder_file(folder, files[i].name), files[i].text);
	utstring_init(&loaded->rules);
	utstring_init(&loaded->mistakes);
	loaded->ruleset = ruleset_load(&(struct ruleset_sources){ .rules_dir = folder->path,
				.trust = SETTINGS_TRUST_ALL }, &mistakes);
	for (size_t i = 0; i < mistakes.total; i++) {
		if (!mistakes.all[i].warning)
			append_mistake(loaded, folder->path, mistakes.all[i].text);
	}
	for (size_t i = 0; i < loaded->ruleset->rules; i++)
		utstring_printf(&loaded->rules, "%s%s", i ? " " : "",
				loaded->ruleset->rule[i]->id);
	mistakes_clear(&mistakes);
}

static void unload(struct loaded *loaded)
{
	ruleset_free(loaded->ruleset);
	utstring_done(&loaded->rules);
	utstring_done(&loaded->mistakes);
}

/* Asserts what loading `files` gives: ids of rules and mistakes. */
static void assert_loads(void **state, const struct file *files, size_t count, const char *rules,
			 const char *mistakes)
{
	struct loaded loaded;

	load(&loaded, *state, files, count);
	assert_string_equal(utstring_body(&loaded.mistakes), mistakes);
	assert_string_equal(utstring_body(&loaded.rules), rules);
	unload(&loaded);
}

static bool matches(const struct rule *rule, const struct process_event *event)
{
	bool limited = false;
	bool satisfied = rule_matches(rule, event, &limited);

	assert_false(limited);
	return satisfied;
}

#define ASSERT_LOADS(state, files, rules, mistakes)                                               \
	assert_loads(state, files, COUNT_OF(files), rules, mistakes)

struct row {
	const char *text;     /* a ^ marks a place and is left out of the file */
	const char *mistakes; /* one to a line, the places of the marks in their order left out */
};

/* What stands before and behind the marks, and in `expected` each mistake with its place. */
static void resolve_marks(const struct row *row, UT_string *text, UT_string *expected)
{
	const char *mistake = row->mistakes;
	int line = 1, column = 1;

	for (const char *c = row->text; *c; c++) {
		if (*c == '^') {
			size_t length = strcspn(mistake, "\n");

			utstring_printf(expected, "%sa.conf:%d:%d: %.*s",
					utstring_len(expected) ? "\n" : "", line, column,
					(int)length, mistake);
			mistake += length + (mistake[length] == '\n');
			continue;
		}
		utstring_bincpy(text, c, 1);
		column = *c == '\n' ? 1 : column + 1;
		line += *c == '\n';
	}
	utstring_printf(expected, "%s%s", *mistake && utstring_len(expected) ? "\n" : "", mistake);
}

/* Each text is a file of its own, with at least one mistake: then none of its rules may be loaded. */
static size_t wrong_rows(void **state, const struct row *rows, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++) {
		struct loaded loaded;
		UT_string text, expected;

		utstring_init(&text);
		utstring_init(&expected);
		resolve_marks(&rows[i], &text, &expected);
		load(&loaded, *state, &(struct file){ "a.conf", utstring_body(&text) }, 1);
		wrong += !row_is(rows[i].text, utstring_body(&loaded.mistakes),
				 utstring_body(&expected));
		wrong += !row_is(rows[i].text, utstring_body(&loaded.rules), "");
		unload(&loaded);
		utstring_done(&text);
		utstring_done(&expected);
	}
	return wrong;
}

#define ASSERT_ROWS(state, rows) assert_rows(wrong_rows(state, rows, COUNT_OF(rows)))

/* A rule that is right but for `extra`, which stands on the third line. */
#define RULE_WITH(extra)                                                                          \
	"rules = ({\n"                                                                            \
	"    id = \"r\"; condition = \"process.pid == 1\";\n"                                     \
	"    " extra "\n"                                                                         \
	"});\n"
#define RARITY_WITH(extra)                                                                        \
	"rules = ({\n"                                                                            \
	"    id = \"r\"; type = \"rarity\"; condition = \"process.pid == 1\";\n"                  \
	"    " extra "\n"                                                                         \
	"});\n"
/* An exception whose condition is the string `condition`, quotes included. */
#define EXCEPT(condition) "{ condition = " condition "; reason = \"r\"; }"
#define BY "by = [ \"process.name\" ]; "

static void test_a_rule_has_what_its_file_says(void **state)
{
	static const struct file files[] = {
		{ "a.conf",
		  "rules = ({\n"
		  "    id = \"web-shell\"; name = \"Web shell\"; type = \"match\";\n"
		  "    severity = \"critical\"; risk_score = 12;\n"
		  "    threat = ( { tactic = \"TA0003\"; technique = \"T1505.003\"; },\n"
		  "               { tactic = \"TA0002\"; } );\n"
		  "    condition = \"process.pid == 1\";\n"
		  "    except = ( " EXCEPT("\"process.name == 'a'\"") ", " EXCEPT("\"process.name == 'b'\"") " );\n"
		  "});\n" },
	};
	const struct rule *rule;
	struct loaded loaded;

	load(&loaded, *state, files, COUNT_OF(files));
	assert_string_equal(utstring_body(&loaded.mistakes), "");
	assert_int_equal(loaded.ruleset->rules, 1);
	assert_int_equal(loaded.ruleset->files, 1);
	rule = loaded.ruleset->rule[0];
	assert_string_equal(rule->id, "web-shell");
	assert_string_equal(rule->name, "Web shell");
	assert_int_equal(rule->type, RULE_MATCH);
	assert_int_equal(rule->tuning.severity, SEVERITY_CRITICAL);
	assert_int_equal(rule->tuning.risk_score, 12);
	assert_int_equal(rule->threats, 2);
	assert_string_equal(rule->threat[0].tactic, "TA0003");
	assert_string_equal(rule->threat[0].technique, "T1505.003");
	assert_string_equal(rule->threat[1].tactic, "TA0002");
	assert_null(rule->threat[1].technique);
	assert_non_null(rule->condition);
	assert_int_equal(rule->excepts, 2);
	unload(&loaded);
}

static void test_what_a_rule_does_not_say_has_a_default(void **state)
{
	static const struct file files[] = {
		{ "a.conf", "rules = ( { id = \"r\"; condition = \"true\"; },\n"
			    "{ id = \"s\"; condition = \"true\"; type = \"rarity\"; " BY "} );" },
	};
	const struct rule *rule;
	struct loaded loaded;

	load(&loaded, *state, files, COUNT_OF(files));
	assert_string_equal(utstring_body(&loaded.mistakes), "");
	rule = loaded.ruleset->rule[0];
	assert_string_equal(rule->name, "r");
	assert_int_equal(rule->type, RULE_MATCH);
	assert_int_equal(rule->tuning.severity, SEVERITY_MEDIUM);
	assert_int_equal(rule_risk_score(rule), 47);
	assert_int_equal(rule->threats, 0);
	assert_int_equal(rule->excepts, 0);
	rule = loaded.ruleset->rule[1];
	assert_int_equal(rule->type, RULE_RARITY);
	assert_int_equal(rule->tuning.rarity.window_ms, 61 * 60000);
	assert_int_equal(rule->tuning.rarity.every_ms, 60 * 60000);
	assert_int_equal(rule->tuning.rarity.fewer_than, 5);
	assert_int_equal(rule->tuning.rarity.max_hosts, 1);
	assert_false(rule->tuning.rarity.first_seen);
	unload(&loaded);
}

static void test_the_risk_score_follows_the_severity(void **state)
{
	static const struct file files[] = {
		{ "a.conf",
		  "rules = ( { id = \"a\"; condition = \"true\"; severity = \"low\"; },\n"
		  "{ id = \"b\"; condition = \"true\"; severity = \"medium\"; },\n"
		  "{ id = \"c\"; condition = \"true\"; severity = \"high\"; },\n"
		  "{ id = \"d\"; condition = \"true\"; severity = \"critical\"; } );" },
	};
	static const int scores[] = { 21, 47, 73, 99 };
	struct loaded loaded;

	load(&loaded, *state, files, COUNT_OF(files));
	assert_int_equal(loaded.ruleset->rules, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(loaded.ruleset->rule[i]->tuning.severity, i);
		assert_int_equal(rule_risk_score(loaded.ruleset->rule[i]), scores[i]);
	}
	unload(&loaded);
}

static void test_a_rarity_rule_has_what_its_file_says(void **state)
{
	static const struct file files[] = {
		{ "a.conf", RARITY_WITH("by = [ \"process.executable\", \"process.parent.pid\" ];"
					"window = \"2h\"; every = \"15m\"; fewer_than = 3;"
					"max_hosts = 7; deliver = \"first-seen\";") },
	};
	const struct rarity_settings *rarity;
	const struct group_by *by;
	struct loaded loaded;

	load(&loaded, *state, files, COUNT_OF(files));
	assert_string_equal(utstring_body(&loaded.mistakes), "");
	rarity = &loaded.ruleset->rule[0]->tuning.rarity;
	by = &loaded.ruleset->rule[0]->by;
	assert_int_equal(by->fields, 2);
	assert_string_equal(by->field[0].name, "process.executable");
	assert_string_equal(by->field[1].name, "process.parent.pid");
	assert_int_equal(by->field[1].ref.owner, OWNER_PARENT);
	assert_int_equal(rarity->window_ms, 2 * 3600000);
	assert_int_equal(rarity->every_ms, 15 * 60000);
	assert_int_equal(rarity->fewer_than, 3);
	assert_int_equal(rarity->max_hosts, 7);
	assert_true(rarity->first_seen);
	unload(&loaded);
}

static void test_an_exception_takes_an_event_out(void **state)
{
	static const struct file files[] = {
		{ "a.conf", "rules = ( { id = \"r\"; condition = \"process.args == '-c'\";\n"
			    "except = ( " EXCEPT("\"process.args == 'x'\"") ", " EXCEPT("\"process.pid == 5\"") " ); } );" },
	};
	struct scene scene;
	struct loaded loaded;
	const struct rule *rule;

	load(&loaded, *state, files, COUNT_OF(files));
	rule = loaded.ruleset->rule[0];
	scene_init(&scene);
	SCENE_ARGS(&scene, "sh");
	assert_false(matches(rule, &scene.event));
	SCENE_ARGS(&scene, "sh", "-c");
	assert_true(matches(rule, &scene.event));
	SCENE_ARGS(&scene, "sh", "-c", "x");
	assert_false(matches(rule, &scene.event));
	SCENE_ARGS(&scene, "sh", "-c", "y");
	scene.event.process.pid = 5;
	assert_false(matches(rule, &scene.event));
	unload(&loaded);
}

static void test_files_are_read_in_name_order_and_only_conf(void **state)
{
	static const struct file files[] = {
		{ "20-b.conf", "rules = ( { id = \"b\"; condition = \"true\"; } );" },
		{ "10-a.conf", "rules = ( { id = \"a\"; condition = \"true\"; } );" },
		{ "30-c.conf", "" },
		{ "15-x.conf.bak", "rubbish" },
		{ ".hidden.conf", "rubbish" },
		{ "README", "rubbish" },
	};
	struct loaded loaded;

	load(&loaded, *state, files, COUNT_OF(files));
	assert_string_equal(utstring_body(&loaded.mistakes), "");
	assert_string_equal(utstring_body(&loaded.rules), "a b");
	assert_int_equal(loaded.ruleset->files, 3);
	unload(&loaded);
}

static void test_an_empty_folder_has_no_rules_and_no_mistakes(void **state)
{
	assert_loads(state, NULL, 0, "", "");
}

static void test_a_folder_that_is_not_there_is_a_mistake(void **state)
{
	struct folder *folder = *state;
	struct mistakes mistakes = { 0 };
	struct ruleset *ruleset;
	char expected[300];

	ruleset = ruleset_load(&(struct ruleset_sources){ .rules_dir = folder_file(folder, "none"),
				.trust = SETTINGS_TRUST_ALL }, &mistakes);
	assert_int_equal(ruleset->rules, 0);
	assert_int_equal(mistakes.count, 1);
	snprintf(expected, sizeof(expected), "%s/none: can't be read: No such file or directory",
		 folder->path);
	assert_string_equal(mistakes.all[0].text, expected);
	mistakes_clear(&mistakes);
	ruleset_free(ruleset);

	write_text(folder_file(folder, "file"), "");
	ruleset = ruleset_load(&(struct ruleset_sources){ .rules_dir = folder_file(folder, "file"),
				.trust = SETTINGS_TRUST_ALL }, &mistakes);
	assert_int_equal(mistakes.count, 1);
	snprintf(expected, sizeof(expected), "%s/file: can't be read: Not a directory",
		 folder->path);
	assert_string_equal(mistakes.all[0].text, expected);
	mistakes_clear(&mistakes);
	ruleset_free(ruleset);
}

static void test_a_folder_may_be_named_like_a_pattern(void **state)
{
	static const char *const names[] = { "a*", "[b]", "c?", "d\\e" };
	struct folder *folder = *state;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct mistakes mistakes = { 0 };
		struct ruleset *ruleset;
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", folder->path, names[i]);
		assert_int_equal(mkdir(path, 0700), 0);
		snprintf(path, sizeof(path), "%s/%s/x.conf", folder->path, names[i]);
		write_text(path, "rules = ( { id = \"r\"; condition = \"true\"; } );");
		ruleset = ruleset_load(&(struct ruleset_sources){ .rules_dir = folder_file(folder, names[i]),
				.trust = SETTINGS_TRUST_ALL }, &mistakes);
		assert_int_equal(mistakes.count, 0);
		assert_int_equal(ruleset->rules, 1);
		mistakes_clear(&mistakes);
		ruleset_free(ruleset);
	}
}

static void test_a_list_serves_rules_of_every_file(void **state)
{
	static const struct file files[] = {
		{ "10.conf", "rules = ( { id = \"r\"; condition = \"process.name in @later\"; } );" },
		{ "20.conf", "lists = { later = [ \"sh\" ]; };" },
	};
	struct scene scene;
	struct loaded loaded;

	load(&loaded, *state, files, COUNT_OF(files));
	assert_string_equal(utstring_body(&loaded.mistakes), "");
	scene_init(&scene);
	scene.image.comm = "sh";
	assert_true(matches(loaded.ruleset->rule[0], &scene.event));
	scene.image.comm = "bash";
	assert_false(matches(loaded.ruleset->rule[0], &scene.event));
	unload(&loaded);
}

static void test_a_list_may_have_either_brackets(void **state)
{
	static const struct file files[] = {
		{ "a.conf", "lists = { a = [ \"x\" ]; b = ( \"x\", \"y\" ); };\n"
			    "rules = ( { id = \"r\"; condition = \"process.name in (@a, @b)\"; } );" },
	};

	ASSERT_LOADS(state, files, "r", "");
}

static void test_a_file_with_a_mistake_loads_none_of_its_rules(void **state)
{
	static const struct file files[] = {
		{ "a.conf", "rules = (\n"
			    "    { id = \"a1\"; condition = \"true\"; },\n"
			    "    { id = \"a2\"; condition = \"x == 'a'\"; },\n"
			    "    { id = \"a3\"; condition = \"true\"; }\n"
			    ");" },
		{ "b.conf", "rules = ( { id = \"b\"; condition = \"true\"; } );" },
	};
	struct loaded loaded;

	load(&loaded, *state, files, COUNT_OF(files));
	assert_string_equal(utstring_body(&loaded.mistakes), "a.conf:3:31: unknown field 'x'");
	assert_string_equal(utstring_body(&loaded.rules), "b");
	assert_int_equal(loaded.ruleset->files, 1);
	unload(&loaded);
}

static void test_a_file_that_is_no_libconfig_stops_no_other(void **state)
{
	static const struct file files[] = {
		{ "a.conf", "rules = (\n  { id = ; }\n);" },
		{ "b.conf", "rules = ( { id = \"b\"; condition = \"true\"; } );" },
	};

	ASSERT_LOADS(state, files, "b", "a.conf:2:1: syntax error; look for a missing ',', ';' or quote here and on the lines above");
}

static void test_the_lists_of_a_file_with_a_bad_rule_still_serve_others(void **state)
{
	static const struct file files[] = {
		{ "a.conf", "lists = { good = [ \"x\" ]; };\n"
			    "rules = ( { id = \"a\"; condition = \"x == 'a'\"; } );" },
		{ "b.conf", "rules = ( { id = \"b\"; condition = \"process.name in @good\"; } );" },
	};

	ASSERT_LOADS(state, files, "b", "a.conf:2:36: unknown field 'x'");
}

static void test_an_id_is_given_once(void **state)
{
	static const struct file same_file[] = {
		{ "a.conf", "rules = (\n"
			    "    { id = \"r\"; condition = \"true\"; },\n"
			    "    { id = \"r\"; condition = \"true\"; }\n"
			    ");" },
	};
	static const struct file other_file[] = {
		{ "a.conf", "rules = ( { id = \"r\"; condition = \"true\"; } );" },
		{ "b.conf", "rules = (\n    { condition = \"true\"; id = \"r\"; } );" },
	};

	ASSERT_LOADS(state, same_file, "", "a.conf:3:7: there already is a rule 'r'");
	ASSERT_LOADS(state, other_file, "r", "b.conf:2:27: there already is a rule 'r'");
}

static void test_an_id_is_free_again_when_its_file_was_refused(void **state)
{
	static const struct file files[] = {
		{ "a.conf", "rules = ( { id = \"r\"; condition = \"x == 'a'\"; } );" },
		{ "b.conf", "rules = ( { id = \"r\"; condition = \"true\"; } );" },
	};

	ASSERT_LOADS(state, files, "r", "a.conf:1:36: unknown field 'x'");
}

static void test_a_list_is_given_once(void **state)
{
	static const struct file files[] = {
		{ "a.conf", "lists = { shells = [ \"sh\" ]; };" },
		{ "b.conf", "lists = {\n  shells = [ \"bash\" ];\n};\n"
			    "rules = ( { id = \"b\"; condition = \"true\"; } );" },
		{ "c.conf", "rules = ( { id = \"c\"; condition = \"process.name in @shells\"; } );" },
	};

	ASSERT_LOADS(state, files, "c", "b.conf:2:3: there already is a list 'shells'");
}

static void test_lists_hold_strings_and_at_least_one(void **state)
{
	static const struct row rows[] = {
		{ "lists = {\n    empty = [ ];\n};", "a.conf:2:5: list 'empty' is empty" },
		{ "lists = {\n    empty = ( );\n};", "a.conf:2:5: list 'empty' is empty" },
		{ "lists = {\n    n = [ 1, 2 ];\n};", "a.conf:2:5: list 'n' must hold only strings" },
		{ "lists = {\n    n = ( \"a\", 2 );\n};",
		  "a.conf:2:5: list 'n' must hold only strings" },
		{ "lists = { n = ( \"a\", ( \"b\" ) ); };",
		  "a.conf:1:11: list 'n' must hold only strings" },
		{ "lists = {\n    n = \"a\";\n};",
		  "a.conf:2:5: list 'n' must be [ \"...\", ... ]" },
		{ "lists = {\n    n = { a = 1; };\n};",
		  "a.conf:2:5: list 'n' must be [ \"...\", ... ]" },
		{ "lists = [ \"a\" ];", "a.conf:1:1: 'lists' must be a group, { ... }" },
		{ "lists = 5;", "a.conf:1:1: 'lists' must be a group, { ... }" },
	};

	ASSERT_ROWS(state, rows);
}

static void test_unknown_settings_are_mistakes(void **state)
{
	static const struct row rows[] = {
		{ "rule = ( );", "a.conf:1:1: unknown setting 'rule'" },
		{ "rules = ( );\n  lits = { };", "a.conf:2:3: unknown setting 'lits'" },
		{ RULE_WITH("descripton = \"x\";"), "a.conf:3:5: unknown setting 'descripton'" },
		{ RULE_WITH("name = \"x\"; window = \"1h\";"),
		  "a.conf:3:17: a match rule has no 'window'" },
		{ RULE_WITH(BY), "a.conf:3:5: a match rule has no 'by'" },
		{ RULE_WITH("suppress = { by = [ \"user.id\", \"process.user.id\" ]; };"),
		  "a.conf:3:18: 'process.user.id' does not stand in alerts" },
		{ RARITY_WITH(BY "fewer = 3;"), "a.conf:3:30: unknown setting 'fewer'" },
		{ RULE_WITH("threat = ( { tactic = \"TA0003\"; techniqe = \"T1505\"; } );"),
		  "a.conf:3:37: unknown setting 'techniqe'" },
	};

	ASSERT_ROWS(state, rows);
}

static void test_settings_of_another_type_are_mistakes(void **state)
{
	static const struct row rows[] = {
		{ "rules = 5;", "a.conf:1:1: 'rules' must be a list, ( ... )" },
		{ "rules = { };", "a.conf:1:1: 'rules' must be a list, ( ... )" },
		{ "rules = ( 5 );", "a.conf:1:1: 'rules' must hold groups, { ... }" },
		{ "rules = [ \"a\" ];", "a.conf:1:1: 'rules' must hold groups, { ... }" },
		{ RULE_WITH("name = 5;"), "a.conf:3:5: 'name' must be a string" },
		{ RULE_WITH("severity = 3;"), "a.conf:3:5: 'severity' must be a string" },
		{ RULE_WITH("risk_score = \"47\";"),
		  "a.conf:3:5: 'risk_score' must be a whole number from 0 to 100" },
		{ RULE_WITH("risk_score = 4.5;"),
		  "a.conf:3:5: 'risk_score' must be a whole number from 0 to 100" },
		{ RULE_WITH("threat = \"T1505\";"), "a.conf:3:5: 'threat' must be a list, ( ... )" },
		{ RULE_WITH("threat = { tactic = \"TA0003\"; };"),
		  "a.conf:3:5: 'threat' must be a list, ( ... )" },
		{ RULE_WITH("threat = ( \"TA0003\" );"),
		  "a.conf:3:5: 'threat' must hold groups, { ... }" },
		{ RULE_WITH("except = \"true\";"), "a.conf:3:5: 'except' must be a list, ( ... )" },
		{ RULE_WITH("type = true;"), "a.conf:3:5: 'type' must be a string" },
		{ RARITY_WITH(BY "window = 61;"), "a.conf:3:30: 'window' must be a string" },
		{ RARITY_WITH(BY "fewer_than = \"5\";"),
		  "a.conf:3:30: 'fewer_than' must be a whole number from 1 to 1000000000" },
		{ "rules = ({\n  id = \"r\"; condition = 5; });",
		  "a.conf:2:13: a condition must be a string" },
		{ RULE_WITH("except = ( " EXCEPT("\"true\"") ", 5 );"),
		  "a.conf:3:5: 'except' must hold groups, "
		  "{ condition = \"...\"; reason = \"...\"; }" },
		{ RULE_WITH("except = ( \"true\" );"),
		  "a.conf:3:5: 'except' must hold groups, "
		  "{ condition = \"...\"; reason = \"...\"; }" },
		{ RULE_WITH("except = ( { condition = 5; reason = \"r\"; } );"),
		  "a.conf:3:18: a condition must be a string" },
		{ RULE_WITH("except = ( { condition = \"true\"; } );"),
		  "a.conf:3:5: an exception needs a 'reason'" },
		{ RULE_WITH("except = ( { condition = \"true\"; reason = \" \"; } );"),
		  "a.conf:3:5: an exception needs a 'reason'" },
		{ RULE_WITH("except = ( { reason = \"r\"; } );"),
		  "a.conf:3:5: an exception needs a 'condition'" },
		{ RULE_WITH("except = ( " EXCEPT("\"true\"") ", { condition = \"false\"; "
			    "reason = \"r\"; why = 1; } );"),
		  "a.conf:3:92: unknown setting 'why'" },
	};

	ASSERT_ROWS(state, rows);
}

static void test_values_out_of_range_are_mistakes(void **state)
{
	static const struct row rows[] = {
		{ RULE_WITH("severity = \"urgent\";"),
		  "a.conf:3:5: 'severity' must be low, medium, high or critical" },
		{ RULE_WITH("severity = \"HIGH\";"),
		  "a.conf:3:5: 'severity' must be low, medium, high or critical" },
		{ RULE_WITH("severity = \"\";"),
		  "a.conf:3:5: 'severity' must be low, medium, high or critical" },
		{ RULE_WITH("risk_score = 101;"),
		  "a.conf:3:5: 'risk_score' must be a whole number from 0 to 100" },
		{ RULE_WITH("risk_score = -1;"),
		  "a.conf:3:5: 'risk_score' must be a whole number from 0 to 100" },
		{ RULE_WITH("risk_score = 4294967343L;"),
		  "a.conf:3:5: 'risk_score' must be a whole number from 0 to 100" },
		{ RULE_WITH("type = \"regex\";"),
		  "a.conf:3:5: unknown rule type 'regex'; "
		  "known are match, rarity, new_terms and threshold" },
		{ RARITY_WITH(BY "fewer_than = 0;"),
		  "a.conf:3:30: 'fewer_than' must be a whole number from 1 to 1000000000" },
		{ RARITY_WITH(BY "max_hosts = 0;"),
		  "a.conf:3:30: 'max_hosts' must be a whole number from 1 to 1000000000" },
		{ RARITY_WITH(BY "deliver = \"now\";"),
		  "a.conf:3:30: 'deliver' must be \"window\" or \"first-seen\"" },
	};

	ASSERT_ROWS(state, rows);
}

static void test_a_threat_names_attack_ids(void **state)
{
#define TACTIC	  "'tactic' must be an ATT&CK tactic such as TA0003"
#define TECHNIQUE "'technique' must be an ATT&CK technique such as T1505.003"
	static const struct row rows[] = {
		{ RULE_WITH("threat = ( { technique = \"T1505\"; } );"), "a.conf:3:5: " TACTIC },
		{ RULE_WITH("threat = ( { tactic = \"T0003\"; } );"), "a.conf:3:5: " TACTIC },
		{ RULE_WITH("threat = ( { tactic = \"TA003\"; } );"), "a.conf:3:5: " TACTIC },
		{ RULE_WITH("threat = ( { tactic = \"TA00030\"; } );"), "a.conf:3:5: " TACTIC },
		{ RULE_WITH("threat = ( { tactic = \"TA0003.001\"; } );"), "a.conf:3:5: " TACTIC },
		{ RULE_WITH("threat = ( { tactic = \"TA0003\"; technique = \"1505\"; } );"),
		  "a.conf:3:5: " TECHNIQUE },
		{ RULE_WITH("threat = ( { tactic = \"TA0003\"; technique = \"T1505.\"; } );"),
		  "a.conf:3:5: " TECHNIQUE },
		{ RULE_WITH("threat = ( { tactic = \"TA0003\"; technique = \"T1505.03\"; } );"),
		  "a.conf:3:5: " TECHNIQUE },
		{ RULE_WITH("threat = ( { tactic = \"TA0003\"; technique = \"T1505.0033\"; } );"),
		  "a.conf:3:5: " TECHNIQUE },
		{ RULE_WITH("threat = ( { tactic = \"TA0003\"; technique = \"T150\"; } );"),
		  "a.conf:3:5: " TECHNIQUE },
	};
#undef TACTIC
#undef TECHNIQUE

	ASSERT_ROWS(state, rows);
}

static void test_durations_are_whole_numbers_with_a_unit(void **state)
{
#define WINDOW "a.conf:3:30: 'window' must be a duration such as \"90s\", \"61m\", \"1h\" or \"14d\""
	static const struct row rows[] = {
		{ RARITY_WITH(BY "window = \"61\";"), WINDOW },
		{ RARITY_WITH(BY "window = \"\";"), WINDOW },
		{ RARITY_WITH(BY "window = \"m\";"), WINDOW },
		{ RARITY_WITH(BY "window = \"61 m\";"), WINDOW },
		{ RARITY_WITH(BY "window = \"61min\";"), WINDOW },
		{ RARITY_WITH(BY "window = \"61m \";"), WINDOW },
		{ RARITY_WITH(BY "window = \"61M\";"), WINDOW },
		{ RARITY_WITH(BY "window = \"1.5h\";"), WINDOW },
		{ RARITY_WITH(BY "window = \"0h\";"), WINDOW },
		{ RARITY_WITH(BY "window = \"-61m\";"), WINDOW },
		{ RARITY_WITH(BY "window = \"367d\";"), WINDOW },
		{ RARITY_WITH(BY "window = \"99999999999999999999d\";"), WINDOW },
		{ RARITY_WITH(BY "window = \"61x\";"), WINDOW },
	};
#undef WINDOW

	ASSERT_ROWS(state, rows);
}

static void test_a_window_is_not_shorter_than_every(void **state)
{
	static const struct row rows[] = {
		{ RARITY_WITH(BY "window = \"30m\"; every = \"1h\";"),
		  "a.conf:1:1: 'window' is shorter than 'every': events between would never count" },
		{ RARITY_WITH(BY "window = \"1h\"; every = \"3s\";"),
		  "a.conf:1:1: 'window' is more than 1000 times 'every'" },
	};
	static const struct file equal[] = {
		{ "a.conf", RARITY_WITH(BY "window = \"90s\"; every = \"90s\";") },
	};
	static const struct file often[] = {
		{ "a.conf", RARITY_WITH(BY "window = \"1000s\"; every = \"1s\";") },
	};

	ASSERT_ROWS(state, rows);
	ASSERT_LOADS(state, equal, "r", "");
	ASSERT_LOADS(state, often, "r", "");
}

static void test_a_rarity_rule_needs_fields_that_exist(void **state)
{
	static const struct row rows[] = {
		{ RARITY_WITH(""), "a.conf:1:1: a rarity rule needs 'by', the fields of a group" },
		{ RARITY_WITH("by = [ ];"), "a.conf:3:5: 'by' is empty" },
		{ RARITY_WITH("by = [ \"process.name\", \"proces.pid\" ];"),
		  "a.conf:3:5: unknown field 'proces.pid'; did you mean 'process.pid'?" },
		{ RARITY_WITH("by = [ \"zzz\" ];"), "a.conf:3:5: unknown field 'zzz'" },
		{ RARITY_WITH("by = [ 5 ];"), "a.conf:3:5: unknown field ''" },
	};

	ASSERT_ROWS(state, rows);
}

/* It is there, only its form is wrong: to call it missing would mislead. */
static void test_a_setting_of_a_wrong_form_is_not_called_missing(void **state)
{
	static const struct row rows[] = {
		{ RARITY_WITH("^by = \"process.name\";"), "'by' must be a list, ( ... )" },
		{ "rules = ({\n  ^id = 5; condition = \"true\"; });", "'id' must be a string" },
	};

	ASSERT_ROWS(state, rows);
}

static void test_a_rule_needs_an_id_and_a_condition(void **state)
{
	static const struct row rows[] = {
		{ "rules = (\n  { condition = \"true\"; }\n);", "a.conf:2:3: a rule needs an 'id'" },
		{ "rules = (\n  { id = \"\"; condition = \"true\"; }\n);",
		  "a.conf:2:3: a rule needs an 'id'" },
		{ "rules = (\n  { id = \"r\"; }\n);", "a.conf:2:3: a rule needs either a 'condition' or a 'condition_file'" },
		{ "rules = (\n  { }\n);",
		  "a.conf:2:3: a rule needs an 'id'\n"
		  "a.conf:2:3: a rule needs either a 'condition' or a 'condition_file'" },
		{ "rules = (\n  { id = \"r\"; condition = \"true\"; condition_file = \"r.eql\"; }\n);",
		  "a.conf:2:3: a rule needs either a 'condition' or a 'condition_file'" },
		{ "rules = (\n  { id = \"Web Shell\"; condition = \"true\"; }\n);",
		  "a.conf:2:5: 'id' must be of small letters, digits and dashes" },
		{ "rules = (\n  { id = \"a/b\"; condition = \"true\"; }\n);",
		  "a.conf:2:5: 'id' must be of small letters, digits and dashes" },
	};

	ASSERT_ROWS(state, rows);
}

/* Each mistake is an unknown field x of one character; the place is where the x stands. */
static void test_a_mistake_is_placed_in_values_of_several_strings(void **state)
{
	static const struct row rows[] = {
		{ "rules = ({ id = \"r\";\n"
		  "    condition = \"^x == 'a'\"; });", "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\n"
		  "    condition = \"true and \"\n"
		  "                \"^x == 'a'\"; });", "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\n"
		  "    condition =\n"
		  "        \"true and\"\n"
		  "        \" true and\"   \" ^x == 'a'\"; });", "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\n"
		  "    condition = \"true \" // one\n"
		  "                # two \"x\"\n"
		  "                /* three \"x\"\n"
		  "                   \"x\" */ \"and ^x == 'a'\"; });", "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\n"
		  "    condition = \"process.name == \\\"q\\\" and ^x == 'a'\"; });",
		  "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\n"
		  "    condition = \"true\\tand\\n^\\x78 == 'a'\"; });", "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\n"
		  "    condition = \"process.name == '\\\\\\\\' and ^x == 'a'\"; });",
		  "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\n"
		  "    condition = \"true and\n  ^x == 'a'\"; });", "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\n"
		  "    condition = \"\" \"true and \" \"\" \"^x == 'a'\" \"\"; });",
		  "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\n"
		  "    condition : \"^x == 'a'\", });", "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\r\n"
		  "    condition = \"true and \"\r\n"
		  "                \"^x == 'a'\"; });\r\n", "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\n"
		  "    condition = \"true and\"\n"
		  "        \" (true or^\"; });",
		  "expected a field, a string or a number, but the condition ends here" },
		{ "rules = ({ id = \"r\";\n"
		  "    condition = \"^\"; });",
		  "expected a field, a string or a number, but the condition ends here" },
	};

	ASSERT_ROWS(state, rows);
}

static void test_a_mistake_is_placed_in_the_exception_that_has_it(void **state)
{
	static const struct row rows[] = {
		{ RULE_WITH("except = ( " EXCEPT("\"^x == 'a'\"") " );"), "unknown field 'x'" },
		{ RULE_WITH("except = ( " EXCEPT("\"true\"") ",\n" EXCEPT("\"true and ^x == 'a'\"") ", " EXCEPT("\"false\"") " );"),
		  "unknown field 'x'" },
		{ RULE_WITH("except = ( " EXCEPT("\"true and\"\n  \" ^x == 'a'\"") ",\n" EXCEPT("\"^y == 'b'\"") " );"),
		  "unknown field 'x'\nunknown field 'y'" },
	};

	ASSERT_ROWS(state, rows);
}

/* The same text can stand before it, as another setting's value or in a comment. */
static void test_a_mistake_is_placed_in_the_condition_not_in_its_double(void **state)
{
	static const struct row rows[] = {
		{ "rules = ({ id = \"r\"; name = \"x == 'a'\"; condition = \"^x == 'a'\"; });",
		  "unknown field 'x'" },
		{ "rules = ({ id = \"r\";\n"
		  "    name = \"x == 'a'\";\n"
		  "    condition = \"^x == 'a'\"; });", "unknown field 'x'" },
		{ "rules = ({ id = \"r\"; /* \"x == 'a'\" */ condition = \"^x == 'a'\"; });",
		  "unknown field 'x'" },
		{ "rules = ({ id = \"r\"; condition = \"true\"; },\n"
		  "{ id = \"s\"; name = \"x == 'a'\"; condition = \"^x == 'a'\"; });",
		  "unknown field 'x'" },
	};

	ASSERT_ROWS(state, rows);
}

/* A setting is found by its name: not inside another name or value. */
static void test_a_setting_is_placed_at_its_own_name(void **state)
{
	static const struct row rows[] = {
		{ "rules = ({ id = \"r\"; condition = \"true\"; name = \"by\"; ^by = \"y\"; });",
		  "a match rule has no 'by'" },
		{ "rules = ({ id = \"r\"; condition = \"true\"; name = \"the type\"; ^type = 5; });",
		  "'type' must be a string" },
		{ "rules = ({ condition = \"user.id == '0'\"; ^id = \"A\"; });",
		  "'id' must be of small letters, digits and dashes" },
		{ "rules = ({ id = \"r\"; condition = \"true\"; /* severity */ ^severity = \"x\"; });",
		  "'severity' must be low, medium, high or critical" },
	};

	ASSERT_ROWS(state, rows);
}

#define FROM_FILE(name)                                                                           \
	"rules = ({ id = \"r\";\n    condition_file = \"" name "\"; });\n"

static void test_a_condition_can_stand_in_a_file_of_its_own(void **state)
{
	static const struct file files[] = {
		{ "a.conf", "lists = { l = [ \"sh\" ]; };\n" FROM_FILE("r.eql") },
		{ "r.eql", "// a published query\nprocess where\n  process.name in @l and\n"
			   "  process.args : \"-C\"\n" },
	};
	struct scene scene;
	struct loaded loaded;

	load(&loaded, *state, files, COUNT_OF(files));
	assert_string_equal(utstring_body(&loaded.mistakes), "");
	scene_init(&scene);
	scene.image.comm = "sh";
	assert_false(matches(loaded.ruleset->rule[0], &scene.event));
	SCENE_ARGS(&scene, "sh", "-c");
	assert_true(matches(loaded.ruleset->rule[0], &scene.event));
	unload(&loaded);
}

static void test_a_mistake_in_a_condition_file_has_its_own_place(void **state)
{
	static const struct file files[] = {
		{ "a.conf", FROM_FILE("r.eql") },
		{ "r.eql", "process where\n\ttrue and\n  x == 'a' or y == 'b'\nor" },
	};

	ASSERT_LOADS(state, files, "",
		     "r.eql:3:3: unknown field 'x'\n"
		     "r.eql:3:15: unknown field 'y'\n"
		     "r.eql:4:3: expected a field, a string or a number, but the condition ends here");
}

static void test_a_condition_file_that_cannot_be_read_is_a_mistake(void **state)
{
	struct folder *folder = *state;
	char expected[256];
	struct loaded loaded;

	write_text(folder_file(folder, "a.conf"), FROM_FILE("none.eql"));
	snprintf(expected, sizeof(expected),
		 "a.conf:2:5: %s: can't be read: No such file or directory",
		 folder_file(folder, "none.eql"));
	load(&loaded, folder, NULL, 0);
	assert_string_equal(utstring_body(&loaded.mistakes), expected);
	unload(&loaded);

	write_text(folder_file(folder, "a.conf"),
		   "rules = ({ id = \"r\";\n    condition_file = 5; });\n");
	load(&loaded, folder, NULL, 0);
	assert_string_equal(utstring_body(&loaded.mistakes),
			    "a.conf:2:5: 'condition_file' must be a string");
	unload(&loaded);
}

static void test_other_files_cannot_be_included(void **state)
{
	static const struct file files[] = {
		{ "a.conf", "lists = { };\n  @include \"b.inc\"\n" },
		{ "b.inc", "rules = ( { id = \"r\"; condition = \"true\"; } );" },
		{ "c.conf", "rules = ( { id = \"c\"; condition = \"true\"; } );" },
	};

	ASSERT_LOADS(state, files, "c", "a.conf:2:1: @include is not possible here");
}

static void test_every_mistake_of_a_file_is_reported(void **state)
{
	static const struct file files[] = {
		{ "a.conf", "lists = {\n"
			    "    none = [ ];\n"
			    "};\n"
			    "rules = (\n"
			    "    { id = \"A\"; severity = \"x\"; condition = \"true\"; },\n"
			    "    { id = \"b\"; condition = \"x == 'a'\";\n"
			    "      except = ( " EXCEPT("\"y == 'a'\"") " ); }\n"
			    ");\n" },
		{ "b.conf", "rules = (\n"
			    "    { id = \"A\"; severity = \"x\"; condition = \"true\"; },\n"
			    "    { id = \"b\"; condition = \"x == 'a'\";\n"
			    "      except = ( " EXCEPT("\"y == 'a'\"") " ); }\n"
			    ");\n" },
	};

	ASSERT_LOADS(state, files, "",
		     "a.conf:2:5: list 'none' is empty\n"
		     "a.conf:5:7: 'id' must be of small letters, digits and dashes\n"
		     "a.conf:5:17: 'severity' must be low, medium, high or critical\n"
		     "a.conf:7:33: unknown field 'y'\n"
		     "a.conf:6:30: unknown field 'x'\n"
		     "b.conf:2:7: 'id' must be of small letters, digits and dashes\n"
		     "b.conf:2:17: 'severity' must be low, medium, high or critical\n"
		     "b.conf:4:33: unknown field 'y'\n"
		     "b.conf:3:30: unknown field 'x'");
}

/* One run shows what is wrong with the lists and with the rules. */
static void test_a_bad_list_does_not_hide_the_mistakes_of_the_rules(void **state)
{
	static const struct row rows[] = {
		{ "lists = {\n    ^none = [ ];\n};\n"
		  "rules = (\n    { id = \"b\"; condition = \"^x == 'a'\"; }\n);",
		  "list 'none' is empty\nunknown field 'x'" },
	};

	ASSERT_ROWS(state, rows);
}

static void test_files_that_cannot_be_read_are_mistakes(void **state)
{
	struct folder *folder = *state;
	struct loaded loaded;
	char *large = mem_resize(NULL, SETTINGS_MAX_FILE + 1, 1);

	assert_int_equal(mkdir(folder_file(folder, "a.conf"), 0700), 0);
	write_bytes(folder_file(folder, "b.conf"), "rules = ();\0x", 13);
	memset(large, ' ', SETTINGS_MAX_FILE + 1);
	write_bytes(folder_file(folder, "c.conf"), large, SETTINGS_MAX_FILE + 1);
	write_bytes(folder_file(folder, "d.conf"), large, SETTINGS_MAX_FILE);
	assert_int_equal(symlink("nowhere", folder_file(folder, "e.conf")), 0);
	free(large);

	load(&loaded, folder, NULL, 0);
	assert_string_equal(utstring_body(&loaded.mistakes),
			    "a.conf: can't be read: Is a directory\n"
			    "b.conf: can't be read: Invalid or incomplete multibyte or wide "
			    "character\n"
			    "c.conf: can't be read: File too large\n"
			    "e.conf: can't be read: No such file or directory");
	assert_int_equal(loaded.ruleset->files, 1);
	unload(&loaded);
}

static void test_severities_have_names(void **state)
{
	(void)state;
	assert_string_equal(severity_name(SEVERITY_LOW), "low");
	assert_string_equal(severity_name(SEVERITY_MEDIUM), "medium");
	assert_string_equal(severity_name(SEVERITY_HIGH), "high");
	assert_string_equal(severity_name(SEVERITY_CRITICAL), "critical");
}

static void test_nothing_is_a_ruleset_to_free(void **state)
{
	(void)state;
	ruleset_free(NULL);
}

/* Loads a file that has `count` rules like `rule`, a format for a number. */
static struct ruleset *load_many(struct folder *folder, const char *format, int count, struct mistakes *mistakes)
{
	struct ruleset *ruleset;
	UT_string text;

	utstring_init(&text);
	utstring_printf(&text, "rules = (");
	for (int i = 0; i < count; i++)
		utstring_printf(&text, format, i ? "," : "", i);
	utstring_printf(&text, ");");
	write_text(folder_file(folder, "1.conf"), utstring_body(&text));
	utstring_done(&text);
	ruleset = ruleset_load(&(struct ruleset_sources){ .rules_dir = folder->path,
				.trust = SETTINGS_TRUST_ALL }, mistakes);
	unlink(folder_file(folder, "1.conf"));
	return ruleset;
}

static void test_a_file_tells_of_so_many_mistakes(void **state)
{
	struct mistakes mistakes = { 0 };
	struct ruleset *ruleset = load_many(*state, "%s { id = \"r%d\"; condition = \"nothing == 1\"; }",
					    MISTAKES_MAX + 100, &mistakes);

	assert_int_equal(ruleset->rules, 0);
	assert_int_equal(mistakes.count, MISTAKES_MAX + 1);
	assert_non_null(strstr(mistakes.all[MISTAKES_MAX].text, "too many mistakes"));
	mistakes_clear(&mistakes);
	ruleset_free(ruleset);
}

static void test_there_are_so_many_rules(void **state)
{
	static const char rule[] = "%s { id = \"r%d\"; condition = \"process.pid == 7\"; }";
	struct mistakes mistakes = { 0 };
	struct ruleset *ruleset = load_many(*state, rule, RULESET_MAX_RULES, &mistakes);

	assert_int_equal(ruleset->rules, RULESET_MAX_RULES);
	assert_int_equal(mistakes.count, 0);
	ruleset_free(ruleset);

	ruleset = load_many(*state, rule, RULESET_MAX_RULES + 1, &mistakes);
	assert_int_equal(ruleset->rules, 0);
	assert_int_equal(mistakes.count, 1);
	assert_non_null(strstr(mistakes.all[0].text, "there can't be more than 10000 rules"));
	mistakes_clear(&mistakes);
	ruleset_free(ruleset);
}

static void test_a_folder_has_so_many_files(void **state)
{
	struct folder *folder = *state;
	struct mistakes mistakes = { 0 };
	struct ruleset *ruleset;
	char name[32];

	for (int i = 0; i <= RULESET_MAX_FILES; i++) {
		snprintf(name, sizeof(name), "%04d.conf", i);
		write_text(folder_file(folder, name), "");
	}
	ruleset = ruleset_load(&(struct ruleset_sources){ .rules_dir = folder->path,
				.trust = SETTINGS_TRUST_ALL }, &mistakes);
	assert_int_equal(ruleset->files, RULESET_MAX_FILES);
	assert_int_equal(mistakes.count, 1);
	assert_non_null(strstr(mistakes.all[0].text, "there are more than 1000 rule files"));
	mistakes_clear(&mistakes);
	ruleset_free(ruleset);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_a_rule_has_what_its_file_says),
		IN_FOLDER(test_what_a_rule_does_not_say_has_a_default),
		IN_FOLDER(test_the_risk_score_follows_the_severity),
		IN_FOLDER(test_a_rarity_rule_has_what_its_file_says),
		IN_FOLDER(test_an_exception_takes_an_event_out),
		IN_FOLDER(test_files_are_read_in_name_order_and_only_conf),
		IN_FOLDER(test_an_empty_folder_has_no_rules_and_no_mistakes),
		IN_FOLDER(test_a_folder_that_is_not_there_is_a_mistake),
		IN_FOLDER(test_a_folder_may_be_named_like_a_pattern),
		IN_FOLDER(test_a_list_serves_rules_of_every_file),
		IN_FOLDER(test_a_list_may_have_either_brackets),
		IN_FOLDER(test_a_file_with_a_mistake_loads_none_of_its_rules),
		IN_FOLDER(test_a_file_that_is_no_libconfig_stops_no_other),
		IN_FOLDER(test_the_lists_of_a_file_with_a_bad_rule_still_serve_others),
		IN_FOLDER(test_an_id_is_given_once),
		IN_FOLDER(test_an_id_is_free_again_when_its_file_was_refused),
		IN_FOLDER(test_a_list_is_given_once),
		IN_FOLDER(test_lists_hold_strings_and_at_least_one),
		IN_FOLDER(test_unknown_settings_are_mistakes),
		IN_FOLDER(test_settings_of_another_type_are_mistakes),
		IN_FOLDER(test_values_out_of_range_are_mistakes),
		IN_FOLDER(test_a_threat_names_attack_ids),
		IN_FOLDER(test_durations_are_whole_numbers_with_a_unit),
		IN_FOLDER(test_a_window_is_not_shorter_than_every),
		IN_FOLDER(test_a_rarity_rule_needs_fields_that_exist),
		IN_FOLDER(test_a_setting_of_a_wrong_form_is_not_called_missing),
		IN_FOLDER(test_a_rule_needs_an_id_and_a_condition),
		IN_FOLDER(test_a_mistake_is_placed_in_values_of_several_strings),
		IN_FOLDER(test_a_mistake_is_placed_in_the_exception_that_has_it),
		IN_FOLDER(test_a_mistake_is_placed_in_the_condition_not_in_its_double),
		IN_FOLDER(test_a_setting_is_placed_at_its_own_name),
		IN_FOLDER(test_a_condition_can_stand_in_a_file_of_its_own),
		IN_FOLDER(test_a_mistake_in_a_condition_file_has_its_own_place),
		IN_FOLDER(test_a_condition_file_that_cannot_be_read_is_a_mistake),
		IN_FOLDER(test_other_files_cannot_be_included),
		IN_FOLDER(test_every_mistake_of_a_file_is_reported),
		IN_FOLDER(test_a_bad_list_does_not_hide_the_mistakes_of_the_rules),
		IN_FOLDER(test_files_that_cannot_be_read_are_mistakes),
		IN_FOLDER(test_a_file_tells_of_so_many_mistakes),
		IN_FOLDER(test_there_are_so_many_rules),
		IN_FOLDER(test_a_folder_has_so_many_files),
		cmocka_unit_test(test_severities_have_names),
		cmocka_unit_test(test_nothing_is_a_ruleset_to_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
