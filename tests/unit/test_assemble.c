/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "audit/assemble.h"

#define STAMP "msg=audit(1795320845.044:23173): "
#define SYSCALL "type=SYSCALL " STAMP
#define EXEC  SYSCALL "arch=c000003e syscall=59 success=yes exit=0 a0=55 a1=56 a2=57 a3=8 items=2 "
#define FORK  SYSCALL "arch=c000003e syscall=57 success=yes "
#define IDS                                                                                       \
	"ppid=812 pid=901 auid=4294967295 uid=33 gid=34 euid=35 suid=36 fsuid=37 egid=38 sgid=39 " \
	"fsgid=40 tty=(none) ses=4294967295 "
#define NAMES "comm=\"sh\" exe=\"/usr/bin/dash\" "
#define ENRICHED                                                                                  \
	"\x1d" "ARCH=x86_64 SYSCALL=execve AUID=\"unset\" UID=\"real\" GID=\"rgroup\" "            \
	"EUID=\"www-data\" SUID=\"saved\" FSUID=\"fs\" EGID=\"egroup\" SGID=\"sgroup\" FSGID=\"f\""

struct seen {
	struct assembler *assembler;
	size_t count;
	struct audit_event event; /* the last one, whose image is kept */
	char key[64];
	char file[AUDIT_MAX_FILES][64];
};

static void on_event(void *user, const struct audit_event *event)
{
	struct seen *seen = user;

	seen->count++;
	image_unref(seen->event.image);
	seen->event = *event;
	image_ref(event->image);
	for (size_t i = 0; i < AUDIT_MAX_FILES; i++) {
		snprintf(seen->file[i], sizeof(seen->file[i]), "%s",
			 event->file[i] ? event->file[i] : "none");
		seen->event.file[i] = NULL;
	}
	if (event->key) {
		snprintf(seen->key, sizeof(seen->key), "%s", event->key);
		seen->event.key = seen->key;
	}
}

static int setup(void **state)
{
	struct seen *seen = mem_zalloc(sizeof(*seen));

	seen->assembler = assembler_new(on_event, seen);
	assert_non_null(seen->assembler);
	*state = seen;
	return 0;
}

static int teardown(void **state)
{
	struct seen *seen = *state;

	assembler_free(seen->assembler);
	image_unref(seen->event.image);
	free(seen);
	return 0;
}

static void take(struct seen *seen, const char *node, enum syscall_kind kind, const char *lines)
{
	struct gathered gathered = {
		.node = node,
		.stamp = { 1795320845, 44, 23173 },
		.kind = kind,
		.lines = lines,
	};

	assembler_take(seen->assembler, &gathered);
}

/* Returns what an exec became. */
static const struct image *take_exec(struct seen *seen, const char *lines)
{
	size_t before = seen->count;

	take(seen, NULL, SYSCALL_EXEC, lines);
	assert_int_equal(seen->count, before + 1);
	return seen->event.image;
}

static void assert_identity(const struct identity *identity, uint32_t id, const char *name)
{
	assert_int_equal(identity->id, id);
	assert_text(identity->name, name);
}

static void test_exec_is_read_from_all_its_records(void **state)
{
	struct seen *seen = *state;
	const struct image *image =
		take_exec(seen, EXEC IDS NAMES "key=\"exec\"\n"
				"type=EXECVE " STAMP "argc=3 a0=\"sh\" a1=\"-c\" a2=6964202D75\n"
				"type=CWD " STAMP "cwd=\"/var/www\"\n"
				"type=PATH " STAMP "item=0 name=\"/bin/sh\" inode=1 mode=0100755\n"
				"type=PATH " STAMP "item=1 name=\"/lib64/ld.so\" cwd=\"/no\"\n");

	assert_int_equal(seen->event.kind, AUDIT_EVENT_EXEC);
	assert_null(seen->event.node);
	assert_int_equal(stamp_ms(&seen->event.stamp), 1795320845044);
	assert_int_equal(seen->event.stamp.serial, 23173);
	assert_int_equal(seen->event.pid, 901);
	assert_int_equal(seen->event.ppid, 812);
	assert_text(seen->event.key, "exec");
	assert_text(image->executable, "/usr/bin/dash");
	assert_text(image->comm, "sh");
	assert_text(image->working_directory, "/var/www");
	assert_span(((struct span){ image->args.text, image->args.text_length }), "sh -c id -u");
	assert_int_equal(image->args.count, 3);
	assert_text(seen->file[0], "/bin/sh");
	assert_text(seen->file[1], "/lib64/ld.so");
	assert_text(seen->file[2], "none");
	assert_false(image->container_known);
	assert_int_equal(assembler_stats(seen->assembler)->execs, 1);
	assert_int_equal(assembler_stats(seen->assembler)->malformed, 0);
}

static void test_ids_go_where_they_belong(void **state)
{
	const struct credentials *credentials =
		&take_exec(*state, EXEC IDS NAMES "key=(null)\n")->credentials;

	assert_true(credentials->known);
	assert_identity(&credentials->real_user, 33, NULL);
	assert_identity(&credentials->real_group, 34, NULL);
	assert_identity(&credentials->user, 35, NULL);
	assert_identity(&credentials->saved_user, 36, NULL);
	assert_identity(&credentials->group, 38, NULL);
	assert_identity(&credentials->saved_group, 39, NULL);
	assert_identity(&credentials->login_user, ID_UNSET, NULL);
	assert_int_equal(credentials->session, ID_UNSET);
}

static void test_enriched_part_names_the_ids(void **state)
{
	const struct credentials *credentials =
		&take_exec(*state, EXEC IDS NAMES "key=(null)" ENRICHED "\n")->credentials;

	assert_identity(&credentials->real_user, 33, "real");
	assert_identity(&credentials->real_group, 34, "rgroup");
	assert_identity(&credentials->user, 35, "www-data");
	assert_identity(&credentials->saved_user, 36, "saved");
	assert_identity(&credentials->group, 38, "egroup");
	assert_identity(&credentials->saved_group, 39, "sgroup");
	assert_identity(&credentials->login_user, ID_UNSET, NULL);
}

static void test_what_auditd_could_not_resolve_is_no_name(void **state)
{
	const struct credentials *credentials =
		&take_exec(*state, EXEC IDS NAMES "key=(null)\x1d" "AUID=\"unset\" "
				   "UID=\"unknown(33)\" EUID=\"\" GID=\"unset\" EGID=\"web\"\n")
			 ->credentials;

	assert_null(credentials->login_user.name);
	assert_null(credentials->real_user.name);
	assert_null(credentials->user.name);
	assert_null(credentials->real_group.name);
	assert_text(credentials->group.name, "web");
}

static void test_logged_in_user_has_a_session_and_a_terminal(void **state)
{
	const struct image *image =
		take_exec(*state, EXEC "ppid=1 pid=2 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 "
				  "egid=0 sgid=0 fsgid=0 tty=pts0 ses=4 " NAMES "key=(null)\x1d"
				  "AUID=\"alice\"\n");

	assert_identity(&image->credentials.login_user, 1000, "alice");
	assert_int_equal(image->credentials.session, 4);
	assert_int_equal(image->interactive, KNOWN_TRUE);
}

static void test_unset_ids_can_be_written_minus_one(void **state)
{
	const struct image *image =
		take_exec(*state, EXEC "ppid=1 pid=2 auid=-1 uid=0 tty=(none) ses=-1 " NAMES "\n");

	assert_int_equal(image->credentials.login_user.id, ID_UNSET);
	assert_int_equal(image->credentials.session, ID_UNSET);
	assert_int_equal(image->interactive, KNOWN_FALSE);
}

static void test_names_are_decoded(void **state)
{
	struct seen *seen = *state;
	const struct image *image =
		take_exec(seen, EXEC IDS "comm=6120622063 "
				"exe=2F746D702F785C6E79202864656C6574656429 "
				"key=6F6E650174776F\n"
				"type=CWD " STAMP "cwd=2F686F6D652FC3A9\n");

	assert_text(image->comm, "a b c");
	assert_text(image->executable, "/tmp/x\\ny (deleted)");
	assert_text(image->working_directory, "/home/\xc3\xa9");
	assert_text(seen->event.key, "one\x01two");
}

static void test_literal_that_looks_like_hexadecimal_is_literal(void **state)
{
	const struct image *image =
		take_exec(*state, EXEC IDS "comm=\"6964\" exe=\"/bin/6964\" key=\"6964\"\n"
				  "type=EXECVE " STAMP "argc=1 a0=\"6964\"\n");

	assert_text(image->comm, "6964");
	assert_text(((struct seen *)*state)->event.key, "6964");
	assert_span(args_get(&image->args, 0), "6964");
}

static void test_what_is_not_there_is_absent(void **state)
{
	struct seen *seen = *state;
	const struct image *image =
		take_exec(seen, EXEC "ppid=1 pid=2 comm=\"kworker\" exe=(null) key=(null)\n");

	assert_null(image->executable);
	assert_text(image->comm, "kworker");
	assert_null(image->working_directory);
	assert_null(image->args.text);
	assert_null(seen->event.key);
	assert_int_equal(image->interactive, UNKNOWN);
	assert_null(image->container_id);
	assert_int_equal(image->credentials.login_user.id, ID_UNSET);
	assert_int_equal(image->credentials.session, ID_UNSET);
}

static void test_empty_name_is_not_absent(void **state)
{
	struct seen *seen = *state;
	const struct image *image =
		take_exec(seen, EXEC IDS "comm=\"\" exe=\"\" key=\"\"\n"
				"type=CWD " STAMP "cwd=\"\"\n");

	assert_text(image->comm, "");
	assert_text(image->executable, "");
	assert_text(image->working_directory, "");
	assert_text(seen->event.key, "");
}

static void test_system_call_is_as_in_its_record(void **state)
{
	static const struct {
		const char *fields, *name;
		const char *arg[4];
	} cases[] = {
		{ "arch=c000003e syscall=59 success=yes exit=0 a0=55D a1=56 a2=7ffc0 a3=8 ", "execve",
		  { "55D", "56", "7ffc0", "8" } },
		{ "arch=c000003e syscall=322 success=yes exit=0 a0=ffffffffffffff9c a1=0 a2=0 a3=0 ",
		  "execveat", { "ffffffffffffff9c", "0", "0", "0" } },
		/* The numbers are the machine's. */
		{ "arch=40000003 syscall=11 success=yes exit=0 a0=1 ", "execve", { "1", "", "", "" } },
		{ "arch=c00000b7 syscall=281 success=yes exit=0 ", "execveat", { "", "", "", "" } },
		{ "arch=12345678 syscall=59 success=yes exit=0 a0=1 ", NULL, { "1", "", "", "" } },
		{ "arch=c000003e success=yes exit=0 a0=1 ", NULL, { "1", "", "", "" } },
		{ "arch=c000003e syscall=99999 success=yes exit=0 ", NULL, { "", "", "", "" } },
		{ "arch=c000003e syscall=59 a0=12345678901234567 a1=xyz a2=0x1 a3= ", "execve",
		  { "", "", "", "" } },
	};
	struct seen *seen = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char lines[512];

		snprintf(lines, sizeof(lines),
			 SYSCALL "%s" IDS NAMES "\ntype=EXECVE " STAMP "argc=1 a0=\"sh\"\n",
			 cases[i].fields);
		take(seen, NULL, SYSCALL_EXEC, lines);
		assert_int_equal(seen->count, i + 1);
		assert_text(seen->event.syscall.name, cases[i].name);
		for (int j = 0; j < 4; j++)
			assert_text(seen->event.syscall.arg[j], cases[i].arg[j]);
	}
}

static void test_init_has_no_parent(void **state)
{
	struct seen *seen = *state;

	take_exec(seen, EXEC "ppid=0 pid=1 uid=0 " NAMES "\n");
	assert_int_equal(seen->event.ppid, 0);
	assert_int_equal(seen->event.pid, 1);
}

static void test_record_without_ids_claims_none(void **state)
{
	/* Not known is not root. */
	assert_false(take_exec(*state, EXEC "ppid=1 pid=2 " NAMES "\n")->credentials.known);
}

static void test_node_and_head_are_no_fields(void **state)
{
	struct seen *seen = *state;

	take(seen, "pid=77", SYSCALL_EXEC, "node=pid=77 " EXEC IDS NAMES "\n"
					   "node=pid=77 type=EXECVE " STAMP "argc=1 a0=\"id\"\n");
	assert_int_equal(seen->count, 1);
	assert_text(seen->event.node, "pid=77");
	assert_int_equal(seen->event.pid, 901);
	assert_int_equal(seen->event.image->args.known, 1);
}

static void test_personality_is_passed_over(void **state)
{
	const struct image *image =
		take_exec(*state, SYSCALL "arch=c000003e syscall=59 per=40000 success=yes exit=0 "
				  "a0=1 " IDS NAMES "\n");

	assert_text(image->comm, "sh");
	assert_int_equal(((struct seen *)*state)->event.pid, 901);
}

static void test_arguments_come_in_several_records(void **state)
{
	const struct image *image =
		take_exec(*state, EXEC IDS NAMES "\n"
				  "type=EXECVE " STAMP "argc=4 a0=\"sh\" a1_len=6 a1[0]=616220\n"
				  "type=EXECVE " STAMP " a1[1]=636420\n"
				  "type=EXECVE " STAMP " a2=\"\" a3=\"z\"\n"
				  "type=CWD " STAMP "cwd=\"/\"\n");

	assert_int_equal(image->args.known, 4);
	assert_span(args_get(&image->args, 1), "ab cd ");
	assert_span(((struct span){ image->args.text, image->args.text_length }), "sh ab cd   z");
	assert_text(image->working_directory, "/");
}

/* An argument can hold the end of a line and a whole record behind it; the kernel writes it as
 * hexadecimal, and it must stay one argument. */
static void test_argument_that_looks_like_a_record_is_an_argument(void **state)
{
	static const char evil[] = "x\ntype=EOE " STAMP "\nnode=web1 type=SYSCALL " STAMP
				   "pid=1 ppid=1 uid=0 exe=\"/bin/true\"\x1dUID=\"root\"";
	const struct image *image;
	UT_string lines;

	utstring_init(&lines);
	utstring_printf(&lines, EXEC IDS NAMES "\ntype=EXECVE " STAMP "argc=2 a0=\"sh\" a1=");
	for (size_t i = 0; i < sizeof(evil) - 1; i++)
		utstring_printf(&lines, "%02X", (unsigned char)evil[i]);
	utstring_printf(&lines, "\ntype=CWD " STAMP "cwd=\"/tmp\"\n");
	image = take_exec(*state, utstring_body(&lines));
	utstring_done(&lines);

	assert_span(args_get(&image->args, 1), evil);
	assert_text(image->executable, "/usr/bin/dash");
	assert_text(image->working_directory, "/tmp");
	assert_int_equal(image->credentials.real_user.id, 33);
}

static void test_quoted_argument_cannot_name_fields(void **state)
{
	const struct image *image =
		take_exec(*state, EXEC IDS NAMES "\n"
				  "type=EXECVE " STAMP
				  "argc=3 a0=\"sh\" a1=\"a2=x\" a2=\"pid=1\"\n");

	assert_span(args_get(&image->args, 1), "a2=x");
	assert_span(args_get(&image->args, 2), "pid=1");
	assert_int_equal(((struct seen *)*state)->event.pid, 901);
}

static void test_fork_names_caller_and_child(void **state)
{
	struct seen *seen = *state;

	take(seen, "web1", SYSCALL_FORK,
	     "node=web1 " SYSCALL "arch=c000003e syscall=57 success=yes exit=6 a0=1 a1=0 a2=0 a3=0 "
	     "items=0 " IDS NAMES "key=\"fork\"" ENRICHED "\n");
	assert_int_equal(seen->count, 1);
	assert_int_equal(seen->event.kind, AUDIT_EVENT_FORK);
	assert_text(seen->event.node, "web1");
	assert_int_equal(seen->event.pid, 901);
	assert_int_equal(seen->event.ppid, 812);
	assert_int_equal(seen->event.child, 6);
	assert_false(seen->event.thread);
	assert_text(seen->event.image->executable, "/usr/bin/dash");
	assert_identity(&seen->event.image->credentials.user, 35, "www-data");
	assert_null(seen->event.image->args.text);
	assert_int_equal(assembler_stats(seen->assembler)->forks, 1);
}

static void test_thread_is_told_by_the_flags_of_clone(void **state)
{
	static const struct {
		enum syscall_kind kind;
		const char *call;
		bool thread;
	} cases[] = {
		{ SYSCALL_CLONE, "arch=c000003e syscall=56 exit=9 a0=1200011 a1=10000", false },
		{ SYSCALL_CLONE, "arch=c000003e syscall=56 exit=9 a0=3d0f00 a1=0", true },
		{ SYSCALL_CLONE, "arch=40000003 syscall=120 exit=9 a0=10000 a1=0", true },
		{ SYSCALL_CLONE, "arch=c00000b7 syscall=220 exit=9 a0=10000 a1=0", true },
		{ SYSCALL_CLONE, "arch=80000016 syscall=120 exit=9 a0=0 a1=10000", true },
		{ SYSCALL_CLONE, "arch=80000016 syscall=120 exit=9 a0=10000 a1=0", false },
		/* clone3 gives a pointer, fork nothing at all. */
		{ SYSCALL_FORK, "arch=c000003e syscall=435 exit=9 a0=7ffd00010000 a1=58", false },
		{ SYSCALL_FORK, "arch=c000003e syscall=57 exit=9 a0=10000 a1=0", false },
	};
	struct seen *seen = *state;
	char line[512];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(line, sizeof(line), SYSCALL "%s a2=0 a3=0 " IDS NAMES "\n", cases[i].call);
		take(seen, NULL, cases[i].kind, line);
		assert_int_equal(seen->count, i + 1);
		if (seen->event.thread != cases[i].thread)
			fail_msg("thread: %s", line);
	}
}

static void test_new_pid_namespaces_are_told_by_flags(void **state)
{
	static const struct {
		enum syscall_kind kind;
		const char *fields;
		bool new_pids;
	} cases[] = {
		{ SYSCALL_CLONE, "syscall=56 success=yes exit=7 a0=20000011 ", true },
		{ SYSCALL_CLONE, "syscall=56 success=yes exit=7 a0=1200011 ", false },
		{ SYSCALL_FORK, "syscall=435 success=yes exit=7 a0=20000011 ", false },
		{ SYSCALL_UNSHARE, "syscall=272 success=yes exit=0 a0=30000000 ", true },
		{ SYSCALL_UNSHARE, "syscall=272 success=yes exit=0 a0=10000000 ", false },
	};
	struct seen *seen = *state;
	char line[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), SYSCALL "arch=c000003e %sa1=0 a2=0 a3=0 items=0 " IDS NAMES "\n",
			 cases[i].fields);
		take(seen, NULL, cases[i].kind, line);
		assert_int_equal(seen->count, i + 1);
		if (seen->event.new_pids != cases[i].new_pids)
			fail_msg("new_pids: %s", line);
	}
	assert_int_equal(seen->event.kind, AUDIT_EVENT_UNSHARE);
}

static void test_exit_has_no_success(void **state)
{
	struct seen *seen = *state;

	take(seen, NULL, SYSCALL_EXIT,
	     SYSCALL "arch=c000003e syscall=231 a0=0 a1=0 a2=e7 a3=0 items=0 " IDS NAMES "\n");
	assert_int_equal(seen->count, 1);
	assert_int_equal(seen->event.kind, AUDIT_EVENT_EXIT);
	assert_int_equal(seen->event.pid, 901);
	assert_int_equal(assembler_stats(seen->assembler)->exits, 1);
}

static void test_event_that_lacks_what_it_needs_is_malformed(void **state)
{
	static const struct {
		enum syscall_kind kind;
		const char *lines;
	} cases[] = {
		{ SYSCALL_EXEC, EXEC "pid=901 " NAMES "\n" },
		{ SYSCALL_EXEC, EXEC "ppid=812 " NAMES "\n" },
		{ SYSCALL_EXEC, EXEC "ppid=812 pid=901 uid=0\n" },
		{ SYSCALL_EXEC, EXEC "ppid=812 pid=901 comm=(null) exe=(null)\n" },
		{ SYSCALL_EXEC, EXEC "ppid=812 pid=x " NAMES "\n" },
		{ SYSCALL_EXEC, EXEC "ppid=812 pid=-1 " NAMES "\n" },
		{ SYSCALL_EXEC, EXEC "ppid=812 pid=4294967297 " NAMES "\n" },
		{ SYSCALL_EXEC, EXEC "\n" },
		{ SYSCALL_EXEC, "type=EXECVE " STAMP "argc=1 a0=\"sh\"\n" },
		{ SYSCALL_FORK, FORK "a0=1 " IDS NAMES "\n" },
		{ SYSCALL_FORK, FORK "exit=0 a0=1 " IDS NAMES "\n" },
		{ SYSCALL_FORK, FORK "exit=-11 a0=1 " IDS NAMES "\n" },
		{ SYSCALL_FORK, FORK "exit=4294967297 " IDS NAMES "\n" },
		{ SYSCALL_FORK, FORK "exit=9 ppid=1 " NAMES "\n" },
		{ SYSCALL_EXIT, SYSCALL "arch=c000003e syscall=231 a0=0 ppid=1 " NAMES "\n" },
	};
	struct seen *seen = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		take(seen, NULL, cases[i].kind, cases[i].lines);
		if (seen->count || assembler_stats(seen->assembler)->malformed != i + 1)
			fail_msg("not malformed: %s", cases[i].lines);
	}
	take_exec(seen, EXEC IDS NAMES "\n");
	assert_int_equal(assembler_stats(seen->assembler)->malformed, ARRAY_SIZE(cases));
}

/* Nothing of one event is seen in the next: the second has no arguments, no directory, no key. */
static void test_events_share_nothing(void **state)
{
	struct seen *seen = *state;
	const struct image *image;

	take_exec(seen, EXEC IDS "comm=\"a\" exe=\"/a\" key=\"k\"" ENRICHED "\n"
			"type=EXECVE " STAMP "argc=2 a0=\"a\" a1=\"b\"\n"
			"type=CWD " STAMP "cwd=\"/c\"\n");
	image = take_exec(seen, EXEC "ppid=1 pid=2 comm=\"d\"\n");
	assert_text(image->comm, "d");
	assert_null(image->executable);
	assert_null(image->working_directory);
	assert_null(image->args.text);
	assert_null(image->credentials.user.name);
	assert_null(seen->event.key);
}

static void test_event_after_a_cut_one_is_whole(void **state)
{
	struct seen *seen = *state;

	take(seen, NULL, SYSCALL_EXEC, EXEC "ppid=8\n");
	assert_int_equal(seen->count, 0);
	assert_text(take_exec(seen, EXEC IDS NAMES "\n")->comm, "sh");
}

static void take_at(struct seen *seen, const char *node, int64_t sec, uint64_t serial, pid_t pid)
{
	struct gathered gathered = { .node = node, .stamp = { sec, 7, serial },
				     .kind = SYSCALL_EXEC };
	char lines[512];

	snprintf(lines, sizeof(lines),
		 "%s%s%stype=SYSCALL msg=audit(%" PRId64 ".007:%" PRIu64 "): arch=c000003e "
		 "syscall=59 success=yes exit=0 ppid=1 pid=%d " NAMES "\n",
		 node ? "node=" : "", node ? node : "", node ? " " : "", sec, serial, (int)pid);
	gathered.lines = lines;
	assembler_take(seen->assembler, &gathered);
}

/* Events end in another order than they began, and nodes have clocks of their own. */
static void test_events_come_in_any_order(void **state)
{
	static const struct {
		const char *node;
		int64_t sec;
		uint64_t serial;
	} order[] = {
		{ NULL, 1795320845, 10 }, { NULL, 1795320844, 9 }, { NULL, 1795320899, 11 },
		{ NULL, 1, 1 },           { "a", 1795320845, 10 }, { "b", 1795320845, 10 },
		{ NULL, 1795320845, 10 }, { "a", 1795320000, 3 },  { NULL, 1795320846, 4294967299 },
	};
	struct seen *seen = *state;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		take_at(seen, order[i].node, order[i].sec, order[i].serial, (pid_t)(100 + i));
		assert_int_equal(seen->count, i + 1);
		assert_int_equal(seen->event.pid, 100 + i);
		assert_text(seen->event.node, order[i].node);
		assert_int_equal(seen->event.stamp.sec, order[i].sec);
		assert_int_equal(seen->event.stamp.serial, order[i].serial);
	}
}

static void test_longest_lines_are_read_whole(void **state)
{
	enum { LENGTH = 60000 };
	const struct image *image;
	UT_string lines;

	utstring_init(&lines);
	utstring_printf(&lines,
			EXEC IDS NAMES "\ntype=EXECVE " STAMP "argc=2 a0=\"sh\" a1=\"%0*d\"\n",
			LENGTH, 7);
	image = take_exec(*state, utstring_body(&lines));
	utstring_done(&lines);
	assert_int_equal(args_get(&image->args, 1).length, LENGTH);
	assert_int_equal(args_get(&image->args, 1).start[LENGTH - 1], '7');
}

#define ASSEMBLE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void test_files_are_known_by_their_items(void **state)
{
	struct seen *seen = *state;

	take_exec(seen, EXEC IDS NAMES "\n"
			"type=PATH " STAMP "item=2 name=\"/lib64/ld.so\" inode=3\n"
			"type=PATH " STAMP "item=0 name=\"\" inode=1\n"
			"type=PATH " STAMP "item=0 name=\"again\" inode=1\n"
			"type=PATH " STAMP "item=3 name=2F746D702F6120622063 inode=1\n"
			"type=PATH " STAMP "item=4 name=(null) inode=1\n"
			"type=PATH " STAMP "item=8 name=\"beyond\"\n"
			"type=PATH " STAMP "item=-1 name=\"before\"\n"
			"type=PATH " STAMP "name=\"nowhere\" item=5\n"
			"type=PATH " STAMP "item=6\n");
	assert_text(seen->file[0], "");
	assert_text(seen->file[1], "none");
	assert_text(seen->file[2], "/lib64/ld.so");
	assert_text(seen->file[3], "/tmp/a b c");
	for (size_t i = 4; i < AUDIT_MAX_FILES; i++)
		assert_text(seen->file[i], "none");
	/* Those of one event are not another's. */
	take_exec(seen, EXEC IDS NAMES "\n");
	assert_text(seen->file[0], "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASSEMBLE_TEST(test_exec_is_read_from_all_its_records),
		ASSEMBLE_TEST(test_files_are_known_by_their_items),
		ASSEMBLE_TEST(test_ids_go_where_they_belong),
		ASSEMBLE_TEST(test_enriched_part_names_the_ids),
		ASSEMBLE_TEST(test_what_auditd_could_not_resolve_is_no_name),
		ASSEMBLE_TEST(test_logged_in_user_has_a_session_and_a_terminal),
		ASSEMBLE_TEST(test_unset_ids_can_be_written_minus_one),
		ASSEMBLE_TEST(test_names_are_decoded),
		ASSEMBLE_TEST(test_literal_that_looks_like_hexadecimal_is_literal),
		ASSEMBLE_TEST(test_what_is_not_there_is_absent),
		ASSEMBLE_TEST(test_empty_name_is_not_absent),
		ASSEMBLE_TEST(test_system_call_is_as_in_its_record),
		ASSEMBLE_TEST(test_init_has_no_parent),
		ASSEMBLE_TEST(test_record_without_ids_claims_none),
		ASSEMBLE_TEST(test_node_and_head_are_no_fields),
		ASSEMBLE_TEST(test_personality_is_passed_over),
		ASSEMBLE_TEST(test_arguments_come_in_several_records),
		ASSEMBLE_TEST(test_argument_that_looks_like_a_record_is_an_argument),
		ASSEMBLE_TEST(test_quoted_argument_cannot_name_fields),
		ASSEMBLE_TEST(test_fork_names_caller_and_child),
		ASSEMBLE_TEST(test_thread_is_told_by_the_flags_of_clone),
		ASSEMBLE_TEST(test_new_pid_namespaces_are_told_by_flags),
		ASSEMBLE_TEST(test_exit_has_no_success),
		ASSEMBLE_TEST(test_event_that_lacks_what_it_needs_is_malformed),
		ASSEMBLE_TEST(test_events_share_nothing),
		ASSEMBLE_TEST(test_event_after_a_cut_one_is_whole),
		ASSEMBLE_TEST(test_events_come_in_any_order),
		ASSEMBLE_TEST(test_longest_lines_are_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
