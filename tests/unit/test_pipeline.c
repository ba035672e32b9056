/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows_support.h"

#include "alert/suppress.h"
#include "pipeline.h"
#include "rules/rarity.h"

/* Records as auditd hands them to a plugin, enriched, of events some ms after 23:00:00 UTC. */
#define STAMP(ms, serial) "msg=audit(1700002800." ms ":" serial "): "
#define IDS	  "auid=4294967295 uid=33 gid=33 euid=33 suid=33 fsuid=33 egid=33 sgid=33 fsgid=33 "
#define NAMES	  "AUID=\"unset\" UID=\"www-data\" GID=\"www-data\" EUID=\"www-data\" "              \
		  "SUID=\"www-data\" FSUID=\"www-data\" EGID=\"www-data\" SGID=\"www-data\" "       \
		  "FSGID=\"www-data\"\n"
#define SYSCALL_RECORD(node, stamp, ppid, pid, comm, exe)                                         \
	node "type=SYSCALL " stamp "arch=c000003e syscall=59 success=yes exit=0 a0=7f4a68be9031 "  \
	     "a1=7ffff53a50d0 a2=7ffff53a7f18 a3=8 items=2 ppid=" ppid " pid=" pid " " IDS         \
	     "tty=(none) ses=4294967295 comm=\"" comm "\" exe=\"" exe "\" key=\"exec\""            \
	     "\x1d" "ARCH=x86_64 SYSCALL=execve " NAMES
#define EXECVE_RECORD(node, stamp, args) node "type=EXECVE " stamp args "\n"
#define CWD_RECORD(node, stamp, cwd)	 node "type=CWD " stamp "cwd=\"" cwd "\"\n"
#define PATH_RECORD(node, stamp)                                                                  \
	node "type=PATH " stamp "item=0 name=\"/bin/sh\" inode=247230 dev=fe:00 mode=0100755 "    \
	     "ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 "    \
	     "cap_frootid=0\x1d" "OUID=\"root\" OGID=\"root\"\n"
#define PROCTITLE_RECORD(node, stamp) node "type=PROCTITLE " stamp "proctitle=7368002D63\n"
#define EOE_RECORD(node, stamp)	      node "type=EOE " stamp "\n"

#define WEB1 "node=web1 "
#define WEB2 "node=web2 "

/* An exec of a web server and, of its child, the shell that it starts. */
#define SERVER(node)                                                                              \
	SYSCALL_RECORD(node, STAMP("100", "10"), "1", "901", "apache2", "/usr/sbin/apache2")       \
	EXECVE_RECORD(node, STAMP("100", "10"), "argc=3 a0=\"/usr/sbin/apache2\" a1=\"-k\" a2=\"start\"")  \
	CWD_RECORD(node, STAMP("100", "10"), "/")                                                 \
	PATH_RECORD(node, STAMP("100", "10"))                                                     \
	PROCTITLE_RECORD(node, STAMP("100", "10"))                                                \
	EOE_RECORD(node, STAMP("100", "10"))
#define SHELL_START(node, ms, serial, pid)                                                        \
	SYSCALL_RECORD(node, STAMP(ms, serial), "901", pid, "sh", "/usr/bin/dash")                 \
	EXECVE_RECORD(node, STAMP(ms, serial), "argc=3 a0=\"sh\" a1=\"-c\" a2=696420323E2631")      \
	CWD_RECORD(node, STAMP(ms, serial), "/var/www/html")                                      \
	PATH_RECORD(node, STAMP(ms, serial))
#define SHELL_END(node, ms, serial)                                                               \
	PROCTITLE_RECORD(node, STAMP(ms, serial)) EOE_RECORD(node, STAMP(ms, serial))
#define SHELL(node, ms, serial, pid) SHELL_START(node, ms, serial, pid) SHELL_END(node, ms, serial)

#define RARITY_RULE(more)                                                                         \
	"{ id = \"rare\"; type = \"rarity\"; condition = \"process.name == 'sh'\";\n"              \
	"  by = [ \"process.executable\" ]; window = \"1h\"; every = \"1h\"; " more " }\n"
#define RULES                                                                                     \
	"rules = (\n"                                                                             \
	"{ id = \"web-shell\"; condition = \"process.parent.name == 'apache2' and process.name == 'sh'\"\n"  \
	"  \" and process.args == '-c'\"; except = ( { condition = \"process.pid == 666\"; reason = \"r\"; } ); },\n"             \
	RARITY_RULE("fewer_than = 3;") ");\n"

/* A pipeline and what came out of it, a line each. */
struct fixture {
	struct folder *folder;
	struct ruleset *ruleset;
	struct pipeline *pipeline;
	UT_string out;
};

static void on_event(void *user, const struct process_event *event)
{
	struct fixture *fixture = user;
	struct json_object *document = document_of_event(event);

	utstring_printf(&fixture->out, "event %s %s %s %s %s %s\n", event->id,
			member_json(document, "host.name"),
			member_json(document, "user.name"),
			member_json(document, "process.working_directory"),
			member_json(document, "process.command_line"),
			member_json(document, "auspawn.lineage"));
	json_object_put(document);
}

static void on_alert(void *user, const struct rule *rule, struct json_object *document)
{
	struct fixture *fixture = user;

	assert_string_equal(json_object_get_string(document_get(document, "rule.id")), rule->id);
	if (document_get(document, "auspawn.rarity"))
		utstring_printf(&fixture->out, "finding %s %sx on %s\n", rule->id,
				member_json(document, "auspawn.rarity.count"),
				member_json(document, "auspawn.rarity.hosts"));
	else if (document_get(document, "auspawn.suppressed"))
		utstring_printf(&fixture->out, "folded %s %sx\n", rule->id,
				member_json(document, "auspawn.suppressed.count"));
	else if (document_get(document, "auspawn.threshold"))
		utstring_printf(&fixture->out, "threshold %s %s\n", rule->id,
				member_json(document, "auspawn.threshold.count"));
	else if (document_get(document, "auspawn.new_terms"))
		utstring_printf(&fixture->out, "new %s %s\n", rule->id,
				member_json(document, "auspawn.new_terms.fields"));
	else
		utstring_printf(&fixture->out, "match %s %s\n", rule->id,
				json_object_get_string(document_get(document, "event.id")));
	json_object_put(document);
}

static void on_limit(void *user, const struct rule *rule, const struct process_event *event)
{
	struct fixture *fixture = user;

	utstring_printf(&fixture->out, "limit %s %s\n", rule->id, event->id);
}

static void fixture_begin_with(struct fixture *fixture, void **state, enum gather_clock clock,
			       const struct pipeline_handlers *handlers)
{
	const struct pipeline_options options = {
		.clock = clock,
		.max_processes = 1024,
		.host = { "local", "0123456789abcdef", "agent-1" },
	};

	fixture->folder = *state;
	fixture->ruleset = load_rules(*state, RULES);
	fixture->pipeline = pipeline_new(fixture->ruleset, &options, handlers);
	assert_non_null(fixture->pipeline);
	utstring_init(&fixture->out);
}

static void fixture_begin(struct fixture *fixture, void **state, enum gather_clock clock)
{
	const struct pipeline_handlers handlers = { on_event, on_alert, on_limit,
							    fixture };

	fixture_begin_with(fixture, state, clock, &handlers);
}

static void fixture_end(struct fixture *fixture)
{
	pipeline_free(fixture->pipeline);
	ruleset_free(fixture->ruleset);
	utstring_done(&fixture->out);
}

static void feed(struct fixture *fixture, const char *text)
{
	pipeline_feed(fixture->pipeline, span_of(text), 0);
}

static void end(struct fixture *fixture)
{
	pipeline_end(fixture->pipeline);
	pipeline_finish(fixture->pipeline);
}

/* Asserts what came out since the last time. */
static void assert_out(struct fixture *fixture, const char *expected)
{
	assert_string_equal(utstring_body(&fixture->out), expected);
	utstring_clear(&fixture->out);
}

#define SERVER_EVENT(node)                                                                        \
	"event 1700002800.100:10 \"" node "\" \"www-data\" \"/\" \"/usr/sbin/apache2 -k start\" "  \
	"\"?(1) > apache2(901)\"\n"
#define SHELL_EVENT(node, ms, serial, pid)                                                        \
	"event 1700002800." ms ":" serial " \"" node "\" \"www-data\" \"/var/www/html\" "           \
	"\"sh -c id 2>&1\" \"?(1) > apache2(901) > sh(" pid ")\"\n"
#define SHELL_MATCH(ms, serial) "match web-shell 1700002800." ms ":" serial "\n"

#define RECORDING                                                                                 \
	SERVER(WEB1) SHELL(WEB1, "200", "11", "2231")                                             \
	SHELL_START(WEB1, "300", "12", "2232")                                                    \
	"node=web1 type=DAEMON_END msg=audit(1700002800.300:99): op=terminate auid=0 res=success\n" \
	"rubbish\n"                                                                               \
	SHELL_END(WEB1, "300", "12")
#define RECORDING_OUT                                                                             \
	SERVER_EVENT("web1") SHELL_EVENT("web1", "200", "11", "2231") SHELL_MATCH("200", "11")      \
	SHELL_EVENT("web1", "300", "12", "2232") SHELL_MATCH("300", "12")                         \
	"finding rare 2x on 1\n"

static void test_a_recording_becomes_events_matches_and_findings(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, RECORDING);
	end(&f);
	assert_out(&f, RECORDING_OUT);
	fixture_end(&f);
}

static void test_pieces_of_any_size_give_the_same(void **state)
{
	static const char recording[] = RECORDING;
	static const size_t sizes[] = { 1, 2, 3, 5, 7, 16, 64, 100, 255, 256, 1000, 4096 };

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct fixture f;
		struct span rest = span_of(recording);

		fixture_begin(&f, state, GATHER_BY_EVENTS);
		while (rest.length) {
			size_t size = rest.length < sizes[i] ? rest.length : sizes[i];
			char *piece = mem_strndup(rest.start, size);

			/* Nothing may refer to a piece once it is fed. */
			pipeline_feed(f.pipeline, (struct span){ piece, size }, 0);
			memset(piece, 'x', size);
			free(piece);
			rest.start += size;
			rest.length -= size;
		}
		end(&f);
		assert_out(&f, RECORDING_OUT);
		fixture_end(&f);
	}
}

static void test_a_cut_anywhere_gives_the_same(void **state)
{
	static const char recording[] = SERVER(WEB1) SHELL(WEB1, "200", "11", "2231");

	for (size_t cut = 0; cut < sizeof(recording); cut += 3) {
		struct fixture f;

		fixture_begin(&f, state, GATHER_BY_EVENTS);
		pipeline_feed(f.pipeline, (struct span){ recording, cut }, 0);
		feed(&f, recording + cut);
		end(&f);
		assert_out(&f, SERVER_EVENT("web1") SHELL_EVENT("web1", "200", "11", "2231")
				       SHELL_MATCH("200", "11") "finding rare 1x on 1\n");
		fixture_end(&f);
	}
}

static void test_records_of_different_events_may_interleave(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SERVER(WEB1));
	feed(&f, SYSCALL_RECORD(WEB1, STAMP("200", "11"), "901", "2231", "sh", "/usr/bin/dash")
			 SYSCALL_RECORD(WEB1, STAMP("200", "12"), "901", "2232", "sh",
					"/usr/bin/dash")
			 EXECVE_RECORD(WEB1, STAMP("200", "12"), "argc=2 a0=\"sh\" a1=\"-c\"")
			 EXECVE_RECORD(WEB1, STAMP("200", "11"), "argc=1 a0=\"sh\"")
			 CWD_RECORD(WEB1, STAMP("200", "11"), "/one")
			 CWD_RECORD(WEB1, STAMP("200", "12"), "/two")
			 EOE_RECORD(WEB1, STAMP("200", "12")) EOE_RECORD(WEB1, STAMP("200", "11")));
	assert_out(&f, SERVER_EVENT("web1")
		   "event 1700002800.200:12 \"web1\" \"www-data\" \"/two\" \"sh -c\" "
		   "\"?(1) > apache2(901) > sh(2232)\"\n" SHELL_MATCH("200", "12")
		   "event 1700002800.200:11 \"web1\" \"www-data\" \"/one\" \"sh\" "
		   "\"?(1) > apache2(901) > sh(2231)\"\n");
	fixture_end(&f);
}

static void test_an_exception_keeps_the_handler_quiet(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SERVER(WEB1) SHELL(WEB1, "200", "11", "666"));
	assert_out(&f, SERVER_EVENT("web1") SHELL_EVENT("web1", "200", "11", "666"));
	fixture_end(&f);
}

static void test_an_event_without_an_end_is_judged_when_the_stream_ends(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SERVER(WEB1) SHELL_START(WEB1, "200", "11", "2231"));
	assert_out(&f, SERVER_EVENT("web1"));
	pipeline_end(f.pipeline);
	assert_out(&f, SHELL_EVENT("web1", "200", "11", "2231") SHELL_MATCH("200", "11"));
	assert_int_equal(pipeline_stats(f.pipeline).records.unended, 1);
	pipeline_end(f.pipeline);
	assert_out(&f, "");
	fixture_end(&f);
}

static void test_the_end_does_not_judge_open_windows(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SHELL(WEB1, "200", "11", "2231"));
	utstring_clear(&f.out);
	pipeline_end(f.pipeline);
	assert_out(&f, "");
	pipeline_finish(f.pipeline);
	assert_out(&f, "finding rare 1x on 1\n");
	fixture_end(&f);
}

static void test_a_record_cut_off_by_the_end_is_counted_and_left_out(void **state)
{
	static const char *const cut_records[] = {
		WEB1 "type=CWD " STAMP("200", "11") "cwd=\"/tmp\"",
		WEB1 "type=EOE msg=audit(1700002800.2",
		"x",
	};

	for (size_t i = 0; i < COUNT_OF(cut_records); i++) {
		struct fixture f;

		fixture_begin(&f, state, GATHER_BY_EVENTS);
		feed(&f, SERVER(WEB1) SHELL_START(WEB1, "200", "11", "2231"));
		feed(&f, cut_records[i]);
		pipeline_end(f.pipeline);
		assert_out(&f, SERVER_EVENT("web1") SHELL_EVENT("web1", "200", "11", "2231")
				       SHELL_MATCH("200", "11"));
		assert_int_equal(pipeline_stats(f.pipeline).malformed, 1);
		fixture_end(&f);
	}
}

static void test_the_next_recording_does_not_continue_a_line(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, "node=web1 type=SYSCALL msg=audit(17000");
	pipeline_cut(f.pipeline);
	feed(&f, SERVER(WEB1));
	assert_out(&f, SERVER_EVENT("web1"));
	assert_int_equal(pipeline_stats(f.pipeline).malformed, 1);
	fixture_end(&f);
}

static void test_lines_that_are_no_records_are_counted(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, "rubbish\n\n" SERVER(WEB1) "node= type=SYSCALL\ntype=SYSCALL msg=audit(1:2): x\n");
	assert_out(&f, SERVER_EVENT("web1"));
	assert_int_equal(pipeline_stats(f.pipeline).malformed, 3);
	assert_int_equal(pipeline_stats(f.pipeline).execs, 1);
	assert_int_equal(pipeline_stats(f.pipeline).records.records, 10);
	assert_true(pipeline_stats(f.pipeline).processes >= 1);
	fixture_end(&f);
}

static void test_nodes_are_kept_apart(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SERVER(WEB1) SHELL(WEB2, "200", "11", "2231"));
	/* web2's pid 901 is not web1's. */
	assert_out(&f, SERVER_EVENT("web1")
		   "event 1700002800.200:11 \"web2\" \"www-data\" \"/var/www/html\" "
		   "\"sh -c id 2>&1\" \"?(901) > sh(2231)\"\n");
	fixture_end(&f);
}

static void test_a_group_on_two_nodes_is_on_two_hosts(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SHELL(WEB1, "200", "11", "2231") SHELL(WEB2, "200", "11", "2231"));
	utstring_clear(&f.out);
	end(&f);
	assert_out(&f, "");
	fixture_end(&f);
}

static void test_records_without_a_node_are_the_local_hosts(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SERVER(""));
	assert_out(&f, SERVER_EVENT("local"));
	fixture_end(&f);
}

static void test_without_handlers_nothing_happens(void **state)
{
	const struct pipeline_handlers none = { 0 };
	struct fixture f;

	fixture_begin_with(&f, state, GATHER_BY_EVENTS, &none);
	feed(&f, RECORDING);
	end(&f);
	assert_int_equal(pipeline_stats(f.pipeline).execs, 3);
	fixture_end(&f);
}

/* A later event closes the window, however fast the recording is read. */
static void test_windows_close_in_event_time(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SHELL(WEB1, "200", "11", "2231"));
	utstring_clear(&f.out);
#define LATER "msg=audit(1700006405.000:13): "
	feed(&f, SYSCALL_RECORD(WEB1, LATER, "1", "3000", "cat", "/usr/bin/cat")
			 EXECVE_RECORD(WEB1, LATER, "argc=1 a0=\"cat\"")
			 CWD_RECORD(WEB1, LATER, "/") EOE_RECORD(WEB1, LATER));
#undef LATER
	assert_out(&f, "finding rare 1x on 1\n"
		       "event 1700006405.000:13 \"web1\" \"www-data\" \"/\" \"cat\" "
		       "\"?(1) > cat(3000)\"\n");
	fixture_end(&f);
}

static void test_the_clock_ends_an_event_that_waits_for_its_end(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_CLOCK);
	assert_int_equal(pipeline_wait(f.pipeline, 5000, 0), -1);
	pipeline_feed(f.pipeline, span_of(SERVER(WEB1) SHELL_START(WEB1, "200", "11", "2231")),
		      5000);
	assert_out(&f, SERVER_EVENT("web1"));
	assert_int_equal(pipeline_wait(f.pipeline, 5000, 0), GATHER_END_MS);
	assert_int_equal(pipeline_wait(f.pipeline, 6000, 0), GATHER_END_MS - 1000);
	assert_int_equal(pipeline_wait(f.pipeline, 50000, 0), 0);
	pipeline_drained(f.pipeline, 5000 + GATHER_END_MS - 1);
	assert_out(&f, "");
	pipeline_drained(f.pipeline, 5000 + GATHER_END_MS);
	assert_out(&f, SHELL_EVENT("web1", "200", "11", "2231") SHELL_MATCH("200", "11"));
	fixture_end(&f);
}

#define HOUR_END 1700006400000

static void test_the_wall_clock_closes_a_window_on_a_silent_stream(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_CLOCK);
	pipeline_advance(f.pipeline, HOUR_END - 1000000);
	feed(&f, SHELL(WEB1, "200", "11", "2231"));
	utstring_clear(&f.out);
	assert_int_equal(pipeline_wait(f.pipeline, 0, HOUR_END - 1000), 1000 + RARITY_GRACE_MS);
	assert_int_equal(pipeline_wait(f.pipeline, 0, HOUR_END + 100000), 0);
	pipeline_advance(f.pipeline, HOUR_END + RARITY_GRACE_MS - 1);
	assert_out(&f, "");
	pipeline_advance(f.pipeline, HOUR_END + RARITY_GRACE_MS);
	assert_out(&f, "finding rare 1x on 1\n");
	assert_int_equal(pipeline_wait(f.pipeline, 0, HOUR_END), -1);
	fixture_end(&f);
}

static void test_a_node_whose_clock_is_ahead_closes_no_window(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_CLOCK);
	pipeline_advance(f.pipeline, HOUR_END - 1000000);
	feed(&f, SHELL(WEB1, "200", "11", "2231"));
	utstring_clear(&f.out);
#define AHEAD "msg=audit(1800000000.000:13): "
	feed(&f, SYSCALL_RECORD(WEB2, AHEAD, "1", "3000", "cat", "/usr/bin/cat")
			 EXECVE_RECORD(WEB2, AHEAD, "argc=1 a0=\"cat\"")
			 CWD_RECORD(WEB2, AHEAD, "/") EOE_RECORD(WEB2, AHEAD));
#undef AHEAD
	assert_null(strstr(utstring_body(&f.out), "finding"));
	fixture_end(&f);
}

static void test_new_rules_go_on_with_the_counts(void **state)
{
	struct ruleset *old;
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SERVER(WEB1) SHELL(WEB1, "200", "11", "2231"));
	old = f.ruleset;
	f.ruleset = load_rules(*state, "rules = (" RARITY_RULE("fewer_than = 4;") ");");
	pipeline_set_rules(f.pipeline, f.ruleset);
	ruleset_free(old);
	utstring_clear(&f.out);
	feed(&f, SHELL(WEB1, "300", "12", "2232"));
	/* The other rule is gone; the process table is not. */
	assert_out(&f, SHELL_EVENT("web1", "300", "12", "2232"));
	pipeline_finish(f.pipeline);
	assert_out(&f, "finding rare 2x on 1\n");
	fixture_end(&f);
}

static void test_new_rules_get_what_is_still_open(void **state)
{
	struct ruleset *old;
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SERVER(WEB1) SHELL_START(WEB1, "200", "11", "2231"));
	old = f.ruleset;
	f.ruleset = load_rules(*state, "rules = ( { id = \"new\"; condition = \"true\"; } );");
	pipeline_set_rules(f.pipeline, f.ruleset);
	ruleset_free(old);
	utstring_clear(&f.out);
	feed(&f, SHELL_END(WEB1, "200", "11"));
	assert_out(&f, SHELL_EVENT("web1", "200", "11", "2231")
		   "match new 1700002800.200:11\n");
	fixture_end(&f);
}

/* Restores the rows and releases them. */
static void restore(struct fixture *fixture, struct kept_rows *rows)
{
	assert_int_equal(KEPT_ROWS_RESTORE(rows, pipeline_restore_row(fixture->pipeline, row)), 0);
	pipeline_restored(fixture->pipeline);
	kept_rows_free(rows);
}

static void test_open_windows_outlive_the_pipeline(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f, g;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SHELL(WEB1, "200", "11", "2231"));
	pipeline_end(f.pipeline);
	pipeline_changes(f.pipeline, ROWS_ALL, &KEPT_ROWS_KEEPER(&rows));
	fixture_end(&f);

	fixture_begin(&g, state, GATHER_BY_EVENTS);
	restore(&g, &rows);
	feed(&g, SHELL(WEB1, "300", "12", "2232"));
	utstring_clear(&g.out);
	end(&g);
	assert_out(&g, "finding rare 2x on 1\n");
	fixture_end(&g);
}

/* One rule of each type that remembers, about shells. */
#define ALL_TYPES                                                                                 \
	"rules = (\n"                                                                             \
	"{ id = \"many\"; type = \"threshold\"; condition = \"process.name == 'sh'\"; at_least = 3; },\n" \
	"{ id = \"new\"; type = \"new_terms\"; condition = \"process.name == 'sh'\"; learn = \"0s\";\n"  \
	"  by = [ \"process.executable\" ]; },\n"                                                  \
	"{ id = \"one\"; condition = \"process.name == 'sh'\"; suppress = { for = \"1m\"; }; } );\n"

static void use_rules(struct fixture *fixture, void **state, const char *rules)
{
	struct ruleset *old = fixture->ruleset;

	fixture->ruleset = load_rules(*state, rules);
	pipeline_set_rules(fixture->pipeline, fixture->ruleset);
	ruleset_free(old);
}

static void assert_end(struct fixture *fixture, const char *expected)
{
	utstring_clear(&fixture->out);
	end(fixture);
	assert_out(fixture, expected);
}

static void test_each_type_of_rule_makes_its_alerts(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	use_rules(&f, state, ALL_TYPES);
	feed(&f, SHELL(WEB1, "200", "11", "2231"));
	assert_non_null(strstr(utstring_body(&f.out), "\nnew new [\"process.executable\"]\n"
						      "match one 1700002800.200:11\n"));
	utstring_clear(&f.out);
	feed(&f, SHELL(WEB1, "300", "12", "2232") SHELL(WEB1, "400", "13", "2233"));
	assert_null(strstr(utstring_body(&f.out), "match"));
	assert_null(strstr(utstring_body(&f.out), "new new"));
	assert_non_null(strstr(utstring_body(&f.out), "\nthreshold many 3\n"));
	assert_end(&f, "folded one 2x\n");
	fixture_end(&f);
}

static void test_new_rules_go_on_with_all_that_is_remembered(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	use_rules(&f, state, ALL_TYPES);
	feed(&f, SHELL(WEB1, "200", "11", "2231"));
	use_rules(&f, state, ALL_TYPES);
	utstring_clear(&f.out);
	feed(&f, SHELL(WEB1, "300", "12", "2232") SHELL(WEB1, "400", "13", "2233"));
	assert_null(strstr(utstring_body(&f.out), "match"));
	assert_null(strstr(utstring_body(&f.out), "new new"));
	assert_non_null(strstr(utstring_body(&f.out), "\nthreshold many 3\n"));
	assert_end(&f, "folded one 2x\n");
	fixture_end(&f);
}

static void test_counts_of_all_types_outlive_the_pipeline(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	use_rules(&f, state, ALL_TYPES);
	assert_int_equal(pipeline_changed(f.pipeline), 0);
	feed(&f, SHELL(WEB1, "200", "11", "2231") SHELL(WEB1, "300", "12", "2232"));
	assert_true(pipeline_changed(f.pipeline) > 0);
	pipeline_changes(f.pipeline, ROWS_ALL, &KEPT_ROWS_KEEPER(&rows));
	fixture_end(&f);

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	use_rules(&f, state, ALL_TYPES);
	restore(&f, &rows);
	feed(&f, SHELL(WEB1, "400", "13", "2233"));
	assert_null(strstr(utstring_body(&f.out), "match"));
	assert_non_null(strstr(utstring_body(&f.out), "\nthreshold many 3\n"));
	assert_end(&f, "folded one 2x\n");
	fixture_end(&f);
}

#define SHELL_TIME 1700002800200

static void advance_and_drain(struct fixture *fixture, int64_t wall)
{
	pipeline_advance(fixture->pipeline, wall);
	pipeline_drained(fixture->pipeline, 0);
}

/* The clock of a silent stream; of one that is behind, that far behind. */
static void test_the_wall_clock_ends_a_period_of_folding(void **state)
{
	static const int64_t lags[] = { 0, 7200000 };

	for (size_t i = 0; i < COUNT_OF(lags); i++) {
		int64_t over = SHELL_TIME + lags[i] + 60000 + SUPPRESS_GRACE_MS;
		struct fixture f;

		fixture_begin(&f, state, GATHER_BY_CLOCK);
		use_rules(&f, state, ALL_TYPES);
		advance_and_drain(&f, SHELL_TIME + lags[i]);
		feed(&f, SHELL(WEB1, "200", "11", "2231"));
		advance_and_drain(&f, SHELL_TIME + lags[i] + 100);
		feed(&f, SHELL(WEB1, "300", "12", "2232"));
		utstring_clear(&f.out);
		assert_int_equal(pipeline_wait(f.pipeline, 0, over - 1000), 1000);
		advance_and_drain(&f, over - 1);
		assert_out(&f, "");
		pipeline_advance(f.pipeline, over);
		assert_out(&f, "");
		pipeline_drained(f.pipeline, 0);
		assert_out(&f, "folded one 1x\n");
		assert_int_equal(pipeline_wait(f.pipeline, 0, over + 1000), -1);
		fixture_end(&f);
	}
}

#define AHEAD_TIME 1857682800000
#define AHEAD	   "msg=audit(1857682800.000:99): "
#define SHELL_AHEAD                                                                                \
	SYSCALL_RECORD(WEB1, AHEAD, "1", "2230", "sh", "/usr/bin/dash")                            \
	EXECVE_RECORD(WEB1, AHEAD, "argc=1 a0=\"sh\"") CWD_RECORD(WEB1, AHEAD, "/")                \
		EOE_RECORD(WEB1, AHEAD)

static void assert_rules_work(struct fixture *f)
{
	utstring_clear(&f->out);
	feed(f, SHELL(WEB1, "200", "11", "2231") SHELL(WEB1, "300", "12", "2232")
			SHELL(WEB1, "400", "13", "2233"));
	assert_non_null(strstr(utstring_body(&f->out), "match one 1700002800.200:11\n"));
	assert_null(strstr(utstring_body(&f->out), "match one 1700002800.300:12\n"));
	assert_non_null(strstr(utstring_body(&f->out), "\nthreshold many 3\n"));
	assert_int_equal(pipeline_stats(f->pipeline).uncounted, 0);
	assert_end(f, "folded one 2x\n");
}

static void test_rules_work_after_an_event_of_the_future(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	use_rules(&f, state, ALL_TYPES);
	feed(&f, SHELL_AHEAD);
	assert_rules_work(&f);
	fixture_end(&f);
}

static void test_rules_work_after_the_clock_was_set_back(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_CLOCK);
	use_rules(&f, state, ALL_TYPES);
	advance_and_drain(&f, AHEAD_TIME);
	feed(&f, SHELL_AHEAD);
	advance_and_drain(&f, SHELL_TIME);
	assert_rules_work(&f);
	fixture_end(&f);
}

static void test_what_a_clock_that_was_ahead_has_left_is_restored_as_of_now(void **state)
{
	struct kept_rows rows = { 0 };
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	use_rules(&f, state, ALL_TYPES);
	feed(&f, SHELL_AHEAD);
	pipeline_changes(f.pipeline, ROWS_ALL, &KEPT_ROWS_KEEPER(&rows));
	fixture_end(&f);
	fixture_begin(&f, state, GATHER_BY_CLOCK);
	use_rules(&f, state, ALL_TYPES);
	pipeline_advance(f.pipeline, SHELL_TIME - 3600000);
	restore(&f, &rows);
	advance_and_drain(&f, SHELL_TIME);
	assert_rules_work(&f);
	fixture_end(&f);
}

static void test_what_is_folded_is_sent_if_it_cannot_be_kept(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	use_rules(&f, state, ALL_TYPES);
	feed(&f, SHELL(WEB1, "200", "11", "2231") SHELL(WEB1, "300", "12", "2232"));
	utstring_clear(&f.out);
	pipeline_unfold(f.pipeline);
	assert_out(&f, "folded one 1x\n");
	fixture_end(&f);
}

static void test_damaged_windows_are_refused(void **state)
{
	struct json_object *saved = json_tokener_parse("{\"rarity\":{\"rare\":5}}");
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	assert_false(pipeline_restore(f.pipeline, saved));
	json_object_put(saved);
	feed(&f, RECORDING);
	end(&f);
	assert_out(&f, RECORDING_OUT);
	fixture_end(&f);
}

static void test_events_that_come_too_late_are_counted_across_new_rules(void **state)
{
	struct ruleset *old;
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	feed(&f, SHELL(WEB1, "200", "11", "2231"));
#define LATER "msg=audit(1700010000.000:13): "
	feed(&f, SYSCALL_RECORD(WEB1, LATER, "1", "3000", "sh", "/bin/sh")
			 EXECVE_RECORD(WEB1, LATER, "argc=1 a0=\"sh\"")
			 CWD_RECORD(WEB1, LATER, "/") EOE_RECORD(WEB1, LATER));
#undef LATER
	/* Its window was judged when the later one came. */
	feed(&f, SHELL(WEB1, "300", "12", "2232"));
	assert_int_equal(pipeline_stats(f.pipeline).uncounted, 1);
	old = f.ruleset;
	f.ruleset = load_rules(*state, RULES);
	pipeline_set_rules(f.pipeline, f.ruleset);
	ruleset_free(old);
	assert_int_equal(pipeline_stats(f.pipeline).uncounted, 1);
	fixture_end(&f);
}

static void test_a_regular_expression_that_gives_up_is_told_once_and_counted(void **state)
{
	struct ruleset *old;
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
	old = f.ruleset;
	/* With this many ways to split the command line there is no end of trying, and the back reference
	 * rules out what does without. */
	f.ruleset = load_rules(*state,
			       "rules = ( { id = \"slow\";"
			       " condition = \"process.command_line regex '(?P<n>([^Q]+)+)+(?P=n)[QZ]'\"; } );");
	pipeline_set_rules(f.pipeline, f.ruleset);
	ruleset_free(old);
	feed(&f, SHELL(WEB1, "200", "11", "2231") SHELL(WEB1, "300", "12", "2232"));
	assert_non_null(strstr(utstring_body(&f.out), "limit slow 1700002800.200:11\n"));
	assert_null(strstr(utstring_body(&f.out), "limit slow 1700002800.300:12\n"));
	assert_null(strstr(utstring_body(&f.out), "match"));
	assert_int_equal(pipeline_stats(f.pipeline).limited, 2);
	fixture_end(&f);
}

/* No clock gives it, and what is reckoned with it would overflow. */
static void test_a_time_at_the_end_of_all_numbers_is_malformed(void **state)
{
	struct fixture f;

	fixture_begin(&f, state, GATHER_BY_EVENTS);
#define LAST "msg=audit(9223372036854774.999:13): "
	feed(&f, SYSCALL_RECORD(WEB1, LAST, "1", "3000", "sh", "/bin/sh")
			 EXECVE_RECORD(WEB1, LAST, "argc=1 a0=\"sh\"")
			 CWD_RECORD(WEB1, LAST, "/") EOE_RECORD(WEB1, LAST));
#undef LAST
	feed(&f, SERVER(WEB1));
	assert_out(&f, SERVER_EVENT("web1"));
	assert_int_equal(pipeline_stats(f.pipeline).malformed, 4);
	fixture_end(&f);
}

static void test_nothing_is_a_pipeline_to_free(void **state)
{
	(void)state;
	pipeline_free(NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_a_recording_becomes_events_matches_and_findings),
		IN_FOLDER(test_pieces_of_any_size_give_the_same),
		IN_FOLDER(test_a_cut_anywhere_gives_the_same),
		IN_FOLDER(test_records_of_different_events_may_interleave),
		IN_FOLDER(test_an_exception_keeps_the_handler_quiet),
		IN_FOLDER(test_an_event_without_an_end_is_judged_when_the_stream_ends),
		IN_FOLDER(test_the_end_does_not_judge_open_windows),
		IN_FOLDER(test_a_record_cut_off_by_the_end_is_counted_and_left_out),
		IN_FOLDER(test_the_next_recording_does_not_continue_a_line),
		IN_FOLDER(test_lines_that_are_no_records_are_counted),
		IN_FOLDER(test_nodes_are_kept_apart),
		IN_FOLDER(test_a_group_on_two_nodes_is_on_two_hosts),
		IN_FOLDER(test_records_without_a_node_are_the_local_hosts),
		IN_FOLDER(test_without_handlers_nothing_happens),
		IN_FOLDER(test_windows_close_in_event_time),
		IN_FOLDER(test_the_clock_ends_an_event_that_waits_for_its_end),
		IN_FOLDER(test_the_wall_clock_closes_a_window_on_a_silent_stream),
		IN_FOLDER(test_a_node_whose_clock_is_ahead_closes_no_window),
		IN_FOLDER(test_new_rules_go_on_with_the_counts),
		IN_FOLDER(test_new_rules_get_what_is_still_open),
		IN_FOLDER(test_open_windows_outlive_the_pipeline),
		IN_FOLDER(test_each_type_of_rule_makes_its_alerts),
		IN_FOLDER(test_new_rules_go_on_with_all_that_is_remembered),
		IN_FOLDER(test_counts_of_all_types_outlive_the_pipeline),
		IN_FOLDER(test_the_wall_clock_ends_a_period_of_folding),
		IN_FOLDER(test_damaged_windows_are_refused),
		IN_FOLDER(test_events_that_come_too_late_are_counted_across_new_rules),
		IN_FOLDER(test_a_regular_expression_that_gives_up_is_told_once_and_counted),
		cmocka_unit_test(test_nothing_is_a_pipeline_to_free),
		IN_FOLDER(test_a_time_at_the_end_of_all_numbers_is_malformed),
		IN_FOLDER(test_rules_work_after_an_event_of_the_future),
		IN_FOLDER(test_rules_work_after_the_clock_was_set_back),
		IN_FOLDER(test_what_a_clock_that_was_ahead_has_left_is_restored_as_of_now),
		IN_FOLDER(test_what_is_folded_is_sent_if_it_cannot_be_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
