/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plugin that is killed again and again, and each time begins where its last commit ended, sends what one that
 * lives sends. */
#include "rules_alert_support.h"

#include <sqlite3.h>

#include "keeper.h"
#include "store/state.h"

#define EVENTS 400
#define SEEDS  8

#define RULES                                                                                       \
	"rules = (\n"                                                                              \
	"{ id = \"rare\"; type = \"rarity\"; condition = \"true\"; window = \"11m\"; every = \"10m\";\n"    \
	"  by = [ \"process.executable\", \"user.id\" ]; fewer_than = 4; max_hosts = 1; },\n"      \
	"{ id = \"seen\"; type = \"rarity\"; condition = \"true\"; window = \"5m\"; every = \"5m\";\n"      \
	"  by = [ \"process.executable\" ]; deliver = \"first-seen\"; },\n"                        \
	"{ id = \"many\"; type = \"threshold\"; condition = \"true\"; at_least = 5; window = \"3m\";\n"     \
	"  by = [ \"user.id\" ]; distinct = { field = \"process.executable\"; at_least = 3; }; },\n"       \
	"{ id = \"new\"; type = \"new_terms\"; condition = \"true\"; learn = \"0s\";\n"            \
	"  by = [ \"process.executable\", \"user.id\" ]; },\n"                                     \
	"{ id = \"one\"; condition = \"user.id == '1'\";\n"                                        \
	"  suppress = { by = [ \"process.executable\" ]; for = \"7m\"; }; } );\n"

/* A recording, and who reads it. */
struct run {
	char *event[EVENTS]; /* its records */
	struct ruleset *ruleset;
	struct pipeline *pipeline;
	struct keeper *keeper;
	struct folder *folder;
	uint64_t random;
	int position;  /* events that were read */
	int committed; /* the position that was committed last */
	int64_t now;   /* of the keeper, ms */
	size_t safe;   /* of `sent` */
	UT_string sent;
};

/* xorshift64: the same on every machine. */
static uint64_t draw(struct run *run, uint64_t below)
{
	run->random ^= run->random << 13;
	run->random ^= run->random >> 7;
	run->random ^= run->random << 17;
	return run->random % below;
}

static char *print_event(struct run *run, int64_t ms, unsigned int serial)
{
	char stamp[64];
	UT_string text;
	int user = (int)draw(run, 3), program = (int)(draw(run, 12) * draw(run, 12) / 12);
	int node = draw(run, 8) == 0;

	snprintf(stamp, sizeof(stamp), "node=web%d type=%%s msg=audit(%lld.%03d:%u): ", node,
		 (long long)(ms / 1000), (int)(ms % 1000), serial);
	utstring_init(&text);
	utstring_printf(&text, stamp, "SYSCALL");
	utstring_printf(&text,
			"arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=8 items=1 ppid=1 pid=%u "
			"auid=%d uid=%d gid=33 euid=%d suid=33 fsuid=33 egid=33 sgid=33 fsgid=33 tty=(none) ses=1 "
			"comm=\"p%d\" exe=\"/bin/p%d\" key=\"exec\"\n",
			1000 + serial, user, user, user, program, program);
	utstring_printf(&text, stamp, "EXECVE");
	utstring_printf(&text, "argc=1 a0=\"p%d\"\n", program);
	utstring_printf(&text, stamp, "CWD");
	utstring_printf(&text, "cwd=\"/\"\n");
	utstring_printf(&text, stamp, "EOE");
	utstring_printf(&text, "\n");
	return utstring_body(&text);
}

/* Mostly seconds apart, now and then a quiet hour; a few slightly out of order. */
static void make_recording(struct run *run)
{
	int64_t ms = 1700002800000;

	for (int i = 0; i < EVENTS; i++) {
		ms += 1 + (int64_t)draw(run, 10000);
		if (draw(run, 60) == 0)
			ms += (int64_t)draw(run, 3600000);
		run->event[i] = print_event(run, ms - (int64_t)(draw(run, 4) ? 0 : draw(run, 900)),
					    100 + (unsigned int)i);
	}
}

static void on_alert(void *user, const struct rule *rule, struct json_object *document)
{
	static const char *const members[] = { "event.id",
					       "process.executable",
					       "auspawn.rarity",
					       "auspawn.threshold",
					       "auspawn.new_terms",
					       "auspawn.suppressed" };
	struct run *run = user;
	bool counted = strcmp(rule->id, LOSSES_RULE_ID) != 0;

	/* The nodes share their serials, so each misses the other's. */
	if (counted)
		utstring_printf(&run->sent, "%s", rule->id);
	for (size_t i = 0; i < COUNT_OF(members) && counted; i++)
		utstring_printf(&run->sent, " %s", member_json(document, members[i]));
	if (counted)
		utstring_printf(&run->sent, "\n");
	json_object_put(document);
}

static void on_message(void *user, enum message_number number, const char *text)
{
	(void)user;
	(void)number;
	assert_null(strstr(text, "make no sense"));
}

/* As a part of the state that is the position. */
static int state_opened(void *user, struct state *state)
{
	(void)user;
	assert_non_null(state);
	return 0;
}

static void do_nothing(void *user)
{
	(void)user;
}

static void position_saved(void *user)
{
	struct run *run = user;

	run->committed = run->position;
	run->safe = utstring_len(&run->sent);
}

static void begin(struct run *run)
{
	const struct pipeline_options options = { .clock = GATHER_BY_EVENTS, .max_processes = 64 };
	const struct pipeline_handlers handlers = { .alert = on_alert, .user = run };
	const struct keeper_part part = { state_opened, do_nothing, position_saved, do_nothing, do_nothing, run };

	run->pipeline = pipeline_new(run->ruleset, &options, &handlers);
	assert_non_null(run->pipeline);
	run->keeper = keeper_new(folder_file(run->folder, "state"), run->pipeline, on_message, run);
	keeper_add_part(run->keeper, &part);
	assert_true(keeper_load(run->keeper, run->now));
}

static void end(struct run *run)
{
	keeper_free(run->keeper);
	pipeline_free(run->pipeline);
}

/* What was not committed is lost: as many alerts come again. */
static void be_killed(struct run *run)
{
	UT_string safe;

	end(run);
	utstring_init(&safe);
	utstring_bincpy(&safe, utstring_body(&run->sent), run->safe);
	utstring_done(&run->sent);
	run->sent = safe;
	run->position = run->committed;
	begin(run);
}

static void use_new_rules(struct run *run)
{
	struct ruleset *old = run->ruleset;

	run->ruleset = load_rules(run->folder, RULES);
	pipeline_set_rules(run->pipeline, run->ruleset);
	ruleset_free(old);
}

/* Somebody else is writing: nothing can be saved. */
static void fail_to_commit(struct run *run)
{
	sqlite3 *other;

	assert_int_equal(sqlite3_open(folder_file(run->folder, "state/state.db"), &other), SQLITE_OK);
	if (sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
		assert_false(keeper_commit(run->keeper, run->now));
	sqlite3_close(other);
	run->now += KEEPER_AGAIN_MS;
}

static void have_luck(struct run *run)
{
	switch (draw(run, 40)) {
	case 0:
	case 1:
		be_killed(run);
		break;
	case 2:
		fail_to_commit(run);
		break;
	case 3:
		use_new_rules(run);
		break;
	case 4:
		assert_true(keeper_save(run->keeper, false, run->now));
		break;
	case 5:
	case 6:
		run->now += KEEPER_AGAIN_MS;
		keeper_look_after(run->keeper, run->now);
		break;
	default:
		if (draw(run, 5) == 0)
			assert_true(keeper_commit(run->keeper, run->now));
		break;
	}
}

static void read_on(struct run *run, bool lucky)
{
	while (run->position < EVENTS) {
		pipeline_feed(run->pipeline, span_of(run->event[run->position]), 0);
		run->position++;
		if (!lucky)
			have_luck(run);
	}
	pipeline_end(run->pipeline);
	pipeline_finish(run->pipeline);
}

/* Returns what was sent, free() releases it. */
static char *send_all(struct run *run, bool lucky)
{
	utstring_init(&run->sent);
	run->position = 0;
	run->committed = 0;
	run->safe = 0;
	begin(run);
	read_on(run, lucky);
	end(run);
	return utstring_body(&run->sent);
}

static void remove_state(struct run *run)
{
	static const char *const files[] = { "state/state.db", "state/state.db-wal", "state/state.db-shm" };

	for (size_t i = 0; i < COUNT_OF(files); i++)
		unlink(folder_file(run->folder, files[i]));
}

static void test_a_crash_changes_nothing(void **state)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct run run = { .folder = *state, .random = seed * 0x9e3779b97f4a7c15 };
		char *expected, *sent;

		run.ruleset = load_rules(*state, RULES);
		make_recording(&run);
		expected = send_all(&run, true);
		remove_state(&run);
		assert_true(strlen(expected) > 10000);
		sent = send_all(&run, false);
		remove_state(&run);
		if (strcmp(sent, expected) != 0)
			print_error("with seed %d\n", (int)seed);
		assert_string_equal(sent, expected);
		free(sent);
		free(expected);
		for (int i = 0; i < EVENTS; i++)
			free(run.event[i]);
		ruleset_free(run.ruleset);
	}
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_a_crash_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
