/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "process/document.h"
#include "process/identity.h"
#include "process/lineage.h"

#define ID    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define USERS ((struct users *)0x1)

#define MAX_PROCESSES 1000

/* Stands for the name service. */
void users_complete(struct users *users, struct credentials *credentials,
		    const struct users_place *place)
{
	(void)place;
	assert_ptr_equal(users, USERS);
	if (credentials->known && !credentials->user.name)
		credentials->user.name = "asked";
}

struct world {
	struct lineage *lineage;
	struct fake_proc proc;
	struct procfs *procfs;
	int64_t base; /* ms since 1970, second 0 of the test */
	int64_t last; /* second of the last record */
	struct process_event event; /* of the last exec */
};

/* One record of the stream. Seconds grow by one where none is given. */
struct step {
	pid_t pid, ppid;
	const char *exe; /* comm is its base name */
	pid_t child;
	int64_t second;
	uint32_t uid;
	const char *user;
	const char *node;
	bool thread;
	bool new_pids;
	const char *comm;          /* NULL: base name of exe */
	const char *const *argv;   /* NULL: exe and "argument" */
	struct syscall syscall;
};

#define FIRST_SECOND 1000 /* of a test, after boot: processes can have started before */

static int setup(void **state, size_t max_processes, bool live)
{
	struct world *world = mem_zalloc(sizeof(*world));
	struct lineage_sources sources = { .procfs = NULL };

	world->base = 1795320845000;
	if (live) {
		struct procfs_start boot;

		fake_proc_make(&world->proc);
		world->procfs = procfs_open(world->proc.path, USERS);
		assert_non_null(world->procfs);
		fake_proc_add(&world->proc, &(struct fake_process){ .pid = 1 });
		assert_true(procfs_started(world->procfs, 1, &boot));
		world->base = boot.ms + FIRST_SECOND * 1000;
		fake_proc_remove(&world->proc, 1);
		sources = (struct lineage_sources){ world->procfs, USERS, "web1", NULL };
	}
	world->lineage = lineage_new(max_processes, &sources);
	*state = world;
	return 0;
}

static int setup_replay(void **state)
{
	return setup(state, MAX_PROCESSES, false);
}

static int setup_live(void **state)
{
	return setup(state, MAX_PROCESSES, true);
}

static int teardown(void **state)
{
	struct world *world = *state;

	event_release(&world->event);
	lineage_free(world->lineage);
	if (world->procfs)
		fake_proc_remove(&world->proc, 0);
	procfs_free(world->procfs);
	free(world);
	return 0;
}

static void give(struct world *world, enum audit_event_kind kind, const struct step *step)
{
	const struct host host = { "host", "machine", "agent" };
	const char *slash = strrchr(step->exe, '/');
	const char *base = slash ? slash + 1 : step->exe;
	const char *const *argv = step->argv ? step->argv : ARGV(step->exe, "argument");
	const struct image *image = new_image(
		&(struct image){ .executable = step->exe,
				 .comm = step->comm ? step->comm : base,
				 .credentials = { .known = true,
						  .user = { step->uid, step->user } },
				 .interactive = KNOWN_FALSE },
		kind == AUDIT_EVENT_EXEC ? argv : NULL);
	struct audit_event event = { .kind = kind, .node = step->node, .pid = step->pid,
				     .ppid = step->ppid, .image = image, .child = step->child,
				     .thread = step->thread, .new_pids = step->new_pids,
				     .syscall = step->syscall };

	world->last = step->second ? step->second : world->last + 1;
	event.stamp.sec = world->base / 1000 + world->last;
	event.stamp.ms = (unsigned int)(world->base % 1000);
	event.stamp.serial = (uint64_t)world->last;
	if (kind == AUDIT_EVENT_EXEC) {
		event_release(&world->event);
		lineage_exec(world->lineage, &event, &host, &world->event);
	} else if (kind == AUDIT_EVENT_FORK) {
		lineage_fork(world->lineage, &event);
	} else if (kind == AUDIT_EVENT_UNSHARE) {
		lineage_unshare(world->lineage, &event);
	} else {
		lineage_exit(world->lineage, &event);
	}
	image_unref(image);
}
#define GIVE(world, kind, p, pp, program, ...)                                                    \
	give(world, kind,                                                                         \
	     &(struct step){ .pid = (p), .ppid = (pp), .exe = (program), ##__VA_ARGS__ })
#define EXEC(world, ...) GIVE(world, AUDIT_EVENT_EXEC, __VA_ARGS__)
#define FORK(world, ...) GIVE(world, AUDIT_EVENT_FORK, __VA_ARGS__)
#define UNSHARE(world, ...) GIVE(world, AUDIT_EVENT_UNSHARE, __VA_ARGS__)
#define EXIT(world, ...) GIVE(world, AUDIT_EVENT_EXIT, __VA_ARGS__)

/* A process of the fake /proc that started in that second. */
static void add_process(struct world *world, int64_t second, pid_t pid, pid_t ppid,
			const char *comm, const char *cgroup)
{
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);

	fake_proc_add(&world->proc,
		      &(struct fake_process){ .pid = pid, .ppid = ppid, .comm = comm,
					      .start_ticks = (uint64_t)(FIRST_SECOND + second) * hz,
					      .cmdline = SPAN("from\0proc\0"), .exe = comm,
					      .cwd = "/proc-cwd", .cgroup = cgroup, .uid = 33 });
}

/* Who started whom, by the last exec's event: oldest(1) > parent(2) > process(3). */
static void check_lineage(const struct world *world, const char *expected, const char *file,
			  int line)
{
	UT_string out;

	utstring_init(&out);
	document_lineage(&world->event, &out);
	check_text(utstring_body(&out), expected, file, line);
	utstring_done(&out);
}
#define assert_lineage(world, expected) check_lineage(world, expected, __FILE__, __LINE__)

static void assert_start(const struct world *world, const struct process *process, int64_t second)
{
	assert_in_range(process->start, world->base + second * 1000 - 500,
			world->base + second * 1000 + 500);
}

/* A process of the fake /proc that started in that second, with its leaders and a variable. */
static void add_led(struct world *world, int64_t second, pid_t pid, pid_t group, pid_t session)
{
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);

	fake_proc_add(&world->proc,
		      &(struct fake_process){ .pid = pid, .comm = "led", .exe = "/bin/led",
					      .start_ticks = (uint64_t)(FIRST_SECOND + second) * hz,
					      .cmdline = SPAN("led\0"), .group = group,
					      .session = session, .cgroup = "0::/\n",
					      .environ = SPAN("A=1\0SECRET=2\0") });
}

static void test_event_tells_what_the_records_told(void **state)
{
	struct world *world = *state;
	const struct host host = { "web1.example.com", NULL, "agent" };
	const struct image image = { .comm = "sh" };
	const struct audit_event exec = { .kind = AUDIT_EVENT_EXEC, .node = "web1",
					  .stamp = { 1795320845, 4, 23173 }, .pid = 60, .ppid = 50,
					  .image = image_copy(&image, SIZE_MAX), .key = "exec" };

	lineage_exec(world->lineage, &exec, &host, &world->event);
	image_unref(exec.image);
	assert_text(world->event.id, "1795320845.004:23173");
	assert_text(world->event.node, "web1");
	assert_text(world->event.key, "exec");
	assert_text(world->event.host.name, "web1.example.com");
	assert_null(world->event.host.id);
	assert_int_equal(world->event.stamp.serial, 23173);
	assert_int_equal(world->event.process.pid, 60);
	assert_text(world->event.process.image->comm, "sh");
	assert_int_equal(world->event.process.start, 0);
	assert_int_equal(world->event.reparented_to, 0);
	assert_null(world->event.previous);
}

static void test_parent_is_known_from_its_own_exec(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/usr/sbin/nginx");
	EXEC(world, 60, 50, "/bin/sh");
	assert_lineage(world, "?(1) > nginx(50) > sh(60)");
	assert_text(world->event.parent.image->executable, "/usr/sbin/nginx");
	assert_int_equal(world->event.parent.image->args.known, 2);
	EXEC(world, 61, 60, "/bin/id");
	assert_lineage(world, "?(1) > nginx(50) > sh(60) > id(61)");
}

static void test_system_call_goes_with_the_event(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/bin/sh", .syscall = { "execveat", { "ffffff9c", "1", "", "8" } });
	assert_text(world->event.syscall.name, "execveat");
	assert_text(world->event.syscall.arg[0], "ffffff9c");
	assert_text(world->event.syscall.arg[2], "");
	assert_text(world->event.syscall.arg[3], "8");
}

/* #!/usr/bin/env python3 */
static void test_script_outlives_the_exec_of_env(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/usr/bin/env", .comm = "two.py",
	     .argv = ARGV("/usr/bin/env", "python3", "./two.py"));
	assert_text(world->event.process.image->script, "./two.py");
	EXEC(world, 60, 50, "/usr/bin/python3.11", .comm = "python3", .argv = ARGV("python3", "./two.py"));
	assert_text(world->event.process.image->script, "./two.py");
	assert_text(world->event.previous->script, "./two.py");
	EXEC(world, 60, 50, "/usr/bin/id");
	assert_null(world->event.process.image->script);
	/* Another process. */
	EXEC(world, 61, 50, "/usr/bin/python3.11", .comm = "python3", .argv = ARGV("python3", "./two.py"));
	assert_null(world->event.process.image->script);
}

static void test_script_of_the_creator_is_none_of_the_childs(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/usr/bin/env", .comm = "two.py",
	     .argv = ARGV("/usr/bin/env", "python3", "./two.py"));
	FORK(world, 60, 50, "/usr/bin/env", .comm = "two.py", .child = 61);
	EXEC(world, 61, 60, "/usr/bin/python3.11", .comm = "python3", .argv = ARGV("python3", "./two.py"));
	assert_null(world->event.process.image->script);
	assert_text(world->event.parent.image->script, "./two.py");
}

static void check_entry(const struct world *world, const char *type, pid_t leader)
{
	assert_text(world->event.entry_type, type);
	assert_int_equal(world->event.entry_leader.pid, leader);
}

static void test_entry_leader_is_the_login_shell(void **state)
{
	struct world *world = *state;

	EXEC(world, 40, 1, "/usr/sbin/sshd");
	FORK(world, 40, 1, "/usr/sbin/sshd", .child = 50);
	EXEC(world, 50, 40, "/usr/lib/openssh/sshd-session");
	FORK(world, 50, 40, "/usr/lib/openssh/sshd-session", .child = 51);
	EXEC(world, 60, 51, "/bin/bash");
	check_entry(world, "sshd", 60);
	/* It leads itself, and the event has what it is now. */
	assert_ptr_equal(world->event.entry_leader.image, world->event.process.image);
	EXEC(world, 61, 60, "/usr/bin/su");
	EXEC(world, 62, 61, "/bin/sh");
	EXEC(world, 63, 62, "/usr/bin/id");
	check_entry(world, "sshd", 60);
	assert_text(world->event.entry_leader.image->executable, "/bin/bash");
	assert_int_equal(world->event.entry_leader.image->args.known, 2);
}

static void test_entry_of_a_service_is_init(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/usr/sbin/apache2");
	check_entry(world, "init", 50);
	FORK(world, 50, 1, "/usr/sbin/apache2", .child = 51);
	EXEC(world, 60, 51, "/bin/sh");
	check_entry(world, "init", 50);
}

static void test_entry_is_unknown_where_the_chain_ends(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/bin/sh");
	EXEC(world, 61, 60, "/bin/id");
	check_entry(world, "unknown", 0);
	assert_null(world->event.entry_leader.image);
	EXEC(world, 1, 0, "/sbin/init");
	check_entry(world, "unknown", 0);
}

/* Nesting shells does not shake off where they come from. */
static void test_entry_is_found_behind_the_last_ancestor_of_the_event(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 40, "/usr/sbin/sshd");
	for (pid_t pid = 51; pid < 51 + 3 * EVENT_MAX_ANCESTORS; pid++)
		EXEC(world, pid, pid - 1, "/bin/bash");
	assert_int_equal(world->event.ancestors, EVENT_MAX_ANCESTORS);
	check_entry(world, "sshd", 51);
}

static void test_replay_knows_no_leaders_of_groups_and_sessions(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/bin/sh");
	assert_int_equal(world->event.session_leader.pid, 0);
	assert_int_equal(world->event.group_leader.pid, 0);
	assert_int_equal(world->event.env_count, 0);
	assert_null(world->event.env_vars);
}

static void test_leaders_are_looked_up_in_proc(void **state)
{
	struct world *world = *state;

	add_led(world, 0, 10, 10, 10);
	add_led(world, 1, 60, 55, 10);
	EXEC(world, 55, 10, "/bin/bash", .second = 2);
	add_led(world, 2, 55, 55, 10);
	EXEC(world, 60, 55, "/bin/sh", .second = 3);
	/* Known from /proc, and from its own exec. */
	assert_int_equal(world->event.session_leader.pid, 10);
	assert_text(world->event.session_leader.image->executable, "/bin/led");
	assert_start(world, &world->event.session_leader, 0);
	assert_int_equal(world->event.group_leader.pid, 55);
	assert_text(world->event.group_leader.image->executable, "/bin/bash");
}

static void test_process_can_be_its_own_leader(void **state)
{
	struct world *world = *state;

	add_led(world, 1, 60, 60, 60);
	EXEC(world, 60, 50, "/bin/sh", .second = 2);
	assert_int_equal(world->event.session_leader.pid, 60);
	assert_ptr_equal(world->event.session_leader.image, world->event.process.image);
	assert_ptr_equal(world->event.group_leader.image, world->event.process.image);
	assert_int_equal(world->event.group_leader.start, world->event.process.start);
}

static void test_of_a_leader_that_is_gone_the_number_is_known(void **state)
{
	struct world *world = *state;

	EXEC(world, 10, 1, "/bin/bash", .second = 1);
	EXIT(world, 10, 1, "/bin/bash", .second = 2);
	FORK(world, 50, 1, "/bin/bash", .child = 11, .second = 3);
	add_led(world, 4, 60, 11, 10);
	EXEC(world, 60, 50, "/bin/sh", .second = 5);
	assert_int_equal(world->event.session_leader.pid, 10);
	assert_null(world->event.session_leader.image);
	/* A number that a fork record gave may be another namespace's. */
	assert_int_equal(world->event.group_leader.pid, 11);
	assert_null(world->event.group_leader.image);
}

static void test_process_that_is_gone_has_no_known_leaders(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/bin/sh", .second = 2);
	assert_int_equal(world->event.session_leader.pid, 0);
	assert_int_equal(world->event.group_leader.pid, 0);
	/* Its pid is another's by now. */
	add_led(world, 100, 61, 61, 61);
	EXEC(world, 61, 50, "/bin/sh", .second = 3);
	assert_int_equal(world->event.session_leader.pid, 0);
}

static void test_variables_are_read_if_they_are_asked_for(void **state)
{
	static const char *const names[] = { "A", "B", NULL };
	struct world *world = *state;

	add_led(world, 1, 60, 60, 60);
	EXEC(world, 60, 50, "/bin/sh", .second = 2);
	assert_int_equal(world->event.env_count, 0);
	lineage_set_env_vars(world->lineage, names);
	EXEC(world, 60, 50, "/bin/sh", .second = 3);
	assert_int_equal(world->event.env_count, 1);
	assert_text(world->event.env_vars, "A=1");
	/* Gone before anyone looked; of another machine. */
	EXEC(world, 61, 50, "/bin/sh", .second = 4);
	assert_int_equal(world->event.env_count, 0);
	EXEC(world, 60, 50, "/bin/sh", .second = 5, .node = "other");
	assert_int_equal(world->event.env_count, 0);
	assert_int_equal(world->event.session_leader.pid, 0);
	lineage_set_env_vars(world->lineage, NULL);
	EXEC(world, 60, 50, "/bin/sh", .second = 6);
	assert_int_equal(world->event.env_count, 0);
}

static void test_of_an_unknown_parent_the_pid_is_known(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/bin/sh");
	assert_lineage(world, "?(50) > sh(60)");
	assert_null(world->event.parent.image);
	assert_int_equal(world->event.ancestors, 0);
}

static void test_first_process_of_all_has_no_parent(void **state)
{
	struct world *world = *state;

	EXEC(world, 1, 0, "/sbin/init");
	assert_lineage(world, "init(1)");
	assert_int_equal(world->event.parent.pid, 0);
}

/* Web server workers are forked and never exec'd. */
static void test_forked_worker_is_what_its_creator_was(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/usr/sbin/apache2");
	FORK(world, 50, 1, "/usr/sbin/apache2", .child = 51);
	EXEC(world, 60, 51, "/bin/sh");
	assert_lineage(world, "?(1) > apache2(50) > apache2(51) > sh(60)");
	assert_int_equal(world->event.parent.image->args.known, 2);
	assert_start(world, &world->event.parent, 2);
}

static void test_worker_is_known_by_its_own_fork_record(void **state)
{
	struct world *world = *state;

	FORK(world, 51, 50, "/usr/sbin/apache2", .child = 60);
	EXEC(world, 60, 51, "/bin/sh");
	assert_lineage(world, "?(50) > apache2(51) > sh(60)");
	assert_null(world->event.previous);
	assert_start(world, &world->event.process, 1);
}

/* clone3 with CLONE_VFORK: the parent waits for the child's exec, and its record comes after it. */
static void test_fork_record_that_comes_after_the_exec_names_the_creator(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 51, "/bin/sh", .second = 2);
	assert_lineage(world, "?(51) > sh(60)");
	FORK(world, 51, 50, "/usr/sbin/php-fpm", .child = 60, .second = 1);
	EXEC(world, 61, 60, "/bin/id", .second = 3);
	assert_lineage(world, "?(50) > php-fpm(51) > sh(60) > id(61)");
	EXEC(world, 60, 51, "/bin/ls", .second = 4);
	assert_lineage(world, "?(50) > php-fpm(51) > ls(60)");
	assert_text(world->event.previous->comm, "sh");
}

/* A chain of such, written inside out. */
static void test_fork_records_of_a_whole_chain_can_come_late(void **state)
{
	struct world *world = *state;

	EXEC(world, 62, 61, "/bin/id", .second = 3);
	FORK(world, 61, 60, "/bin/sh", .child = 62, .second = 2);
	FORK(world, 60, 50, "/usr/sbin/php-fpm", .child = 61, .second = 1);
	EXEC(world, 63, 62, "/bin/ls", .second = 4);
	assert_lineage(world, "?(50) > php-fpm(60) > sh(61) > id(62) > ls(63)");
}

/* In a container the record names another number, and only the exec tells who the child is. */
static void test_late_fork_record_with_a_namespaces_number_names_the_creator(void **state)
{
	struct world *world = *state;

	EXEC(world, 62, 61, "/bin/sh", .second = 4);
	FORK(world, 61, 60, "/usr/sbin/php-fpm", .child = 8, .second = 3);
	FORK(world, 60, 50, "/usr/sbin/php-fpm", .child = 7, .second = 2);
	EXEC(world, 62, 61, "/bin/id", .second = 5);
	assert_lineage(world, "?(50) > php-fpm(60) > php-fpm(61) > id(62)");
	EXEC(world, 63, 62, "/bin/ls", .second = 6);
	assert_lineage(world, "?(50) > php-fpm(60) > php-fpm(61) > id(62) > ls(63)");
}

/* Whoever the parent is now, it is who has that pid now. */
static void test_younger_fork_record_names_the_parent_too(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 51, "/bin/sh", .second = 2);
	FORK(world, 51, 50, "/usr/sbin/php-fpm", .child = 70, .second = 5);
	EXEC(world, 60, 51, "/bin/ls", .second = 6);
	assert_lineage(world, "?(50) > php-fpm(51) > ls(60)");
}

static void test_fork_record_does_not_overwrite_what_an_exec_told(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/bin/sh");
	FORK(world, 50, 1, "/usr/sbin/nginx", .child = 60);
	EXEC(world, 61, 60, "/bin/id");
	assert_text(world->event.parent.image->executable, "/bin/sh");
	assert_int_equal(world->event.parent.image->args.known, 2);
}

static void test_creator_counts_not_the_adopter(void **state)
{
	struct world *world = *state;

	/* cmd & of a shell that exits at once. */
	EXEC(world, 50, 40, "/bin/sh");
	FORK(world, 50, 40, "/bin/sh", .child = 60);
	EXIT(world, 50, 40, "/bin/sh");
	EXEC(world, 60, 1, "/usr/bin/sleep");
	assert_lineage(world, "?(40) > sh(50) > sleep(60)");
	assert_int_equal(world->event.reparented_to, 1);
	EXEC(world, 61, 60, "/bin/id");
	assert_lineage(world, "?(40) > sh(50) > sleep(60) > id(61)");
	assert_int_equal(world->event.reparented_to, 0);
}

static void test_orphan_that_execs_twice_keeps_its_creator(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 40, "/bin/sh");
	EXEC(world, 60, 50, "/bin/nohup");
	EXIT(world, 50, 40, "/bin/sh");
	EXEC(world, 60, 1, "/bin/id");
	assert_lineage(world, "?(40) > sh(50) > id(60)");
	assert_int_equal(world->event.reparented_to, 1);
	assert_text(world->event.previous->comm, "nohup");
}

static void test_subreaper_adopts_as_init_does(void **state)
{
	struct world *world = *state;

	EXEC(world, 40, 1, "/usr/lib/systemd");
	EXEC(world, 45, 40, "/bin/bash");
	EXEC(world, 50, 45, "/bin/sh");
	FORK(world, 50, 45, "/bin/sh", .child = 60);
	EXEC(world, 60, 40, "/bin/id");
	assert_lineage(world, "?(1) > systemd(40) > bash(45) > sh(50) > id(60)");
	assert_int_equal(world->event.reparented_to, 40);
}

static void test_only_ancestors_adopt(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 40, "/bin/sh");
	FORK(world, 50, 40, "/bin/sh", .child = 60);
	EXEC(world, 60, 99, "/bin/id");
	assert_lineage(world, "?(99) > id(60)");
	assert_int_equal(world->event.reparented_to, 0);
}

static void test_double_fork_is_followed(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/usr/bin/python3");
	FORK(world, 50, 1, "/usr/bin/python3", .child = 60);
	FORK(world, 60, 50, "/usr/bin/python3", .child = 70);
	EXIT(world, 60, 50, "/usr/bin/python3");
	EXEC(world, 70, 1, "/bin/sh");
	assert_lineage(world, "?(1) > python3(50) > python3(60) > sh(70)");
	assert_int_equal(world->event.reparented_to, 1);
}

static void test_creator_is_shown_as_it_was_at_the_fork(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/bin/sh");
	FORK(world, 50, 1, "/bin/sh", .child = 60);
	EXEC(world, 50, 1, "/bin/cat");
	EXEC(world, 60, 50, "/bin/id");
	assert_lineage(world, "?(1) > sh(50) > id(60)");
}

static void test_exec_without_a_fork_keeps_the_parent(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/usr/sbin/nginx");
	FORK(world, 50, 1, "/usr/sbin/nginx", .child = 60);
	EXEC(world, 60, 50, "/usr/bin/env");
	assert_null(world->event.previous); /* until then it was its creator's */
	EXEC(world, 60, 50, "/usr/bin/python3");
	assert_lineage(world, "?(1) > nginx(50) > python3(60)");
	assert_text(world->event.previous->executable, "/usr/bin/env");
	EXEC(world, 60, 50, "/bin/sh");
	assert_text(world->event.previous->executable, "/usr/bin/python3");
	assert_start(world, &world->event.process, 2);
}

static void test_exit_ends_a_process_and_its_pid_can_be_reused(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/bin/sh");
	EXEC(world, 60, 50, "/bin/ls");
	EXIT(world, 60, 50, "/bin/ls");
	EXEC(world, 60, 50, "/bin/id");
	assert_null(world->event.previous);
	assert_lineage(world, "?(1) > sh(50) > id(60)");
}

static void test_fork_of_a_reused_pid_is_another_processes(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/bin/sh");
	EXIT(world, 60, 50, "/bin/sh");
	FORK(world, 60, 50, "/bin/sh", .child = 70);
	EXEC(world, 70, 60, "/bin/id");
	assert_lineage(world, "?(50) > sh(60) > id(70)");
	/* The arguments were the dead one's. */
	assert_null(world->event.parent.image->args.text);
}

static void test_orphan_with_a_reused_pid_has_another_creator(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 40, "/usr/sbin/apache2");
	FORK(world, 50, 40, "/usr/sbin/apache2", .child = 60);
	EXIT(world, 60, 50, "/usr/sbin/apache2");
	EXEC(world, 60, 1, "/usr/sbin/cron");
	assert_lineage(world, "?(1) > cron(60)");
	assert_int_equal(world->event.reparented_to, 0);
}

/* Where exits are not audited, another parent tells. */
static void test_pid_under_another_parent_is_reused(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/bin/sh");
	EXEC(world, 60, 50, "/bin/ls");
	EXEC(world, 60, 55, "/bin/id");
	assert_lineage(world, "?(55) > id(60)");
	assert_null(world->event.previous);
}

static void test_pid_that_its_parent_forked_again_is_reused(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/bin/sh");
	EXEC(world, 60, 50, "/bin/ls");
	FORK(world, 50, 1, "/bin/sh", .child = 60);
	EXEC(world, 60, 50, "/bin/id");
	assert_lineage(world, "?(1) > sh(50) > id(60)");
	assert_null(world->event.previous);
}

/* As when a shell in the meantime became a server, whose children are others than the shell's. */
static void test_pid_is_reused_when_its_parent_became_another_program(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/bin/sh");
	EXEC(world, 60, 50, "/bin/ls");
	EXEC(world, 50, 1, "/usr/sbin/nginx");
	EXEC(world, 60, 50, "/bin/id");
	assert_lineage(world, "?(1) > nginx(50) > id(60)");
	assert_null(world->event.previous);
}

static void test_process_can_become_another_program_after_its_parent_did(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/bin/sh");
	EXEC(world, 50, 1, "/usr/sbin/nginx");
	EXEC(world, 60, 50, "/bin/env");
	EXEC(world, 60, 50, "/bin/id");
	assert_text(world->event.previous->comm, "env");
}

static void test_orphan_that_was_long_unheard_of_is_another_process(void **state)
{
	enum { LAST = 2 + IDENTITY_ADOPTED_MS / 1000 };
	struct world *world = *state;

	for (int late = 0; late <= 1; late++) {
		EXEC(world, 50, 40, "/bin/sh", .second = 1);
		FORK(world, 50, 40, "/bin/sh", .child = 60, .second = 2);
		EXEC(world, 60, 1, "/bin/id", .second = LAST + late);
		assert_lineage(world, late ? "?(1) > id(60)" : "?(40) > sh(50) > id(60)");
		EXIT(world, 60, 1, "/bin/id", .second = LAST + late);
		EXIT(world, 50, 40, "/bin/sh", .second = LAST + late);
	}
}

static void test_dead_creator_is_named_until_its_pid_is_reused(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 40, "/bin/sh");
	FORK(world, 50, 40, "/bin/sh", .child = 60);
	EXIT(world, 50, 40, "/bin/sh");
	EXEC(world, 50, 45, "/usr/sbin/cron");
	EXEC(world, 60, 1, "/bin/id");
	assert_lineage(world, "sh(50) > id(60)");
}

static void test_dead_process_starts_nothing(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/bin/sh");
	EXIT(world, 50, 1, "/bin/sh", .second = 5);
	/* The record of what it did just before can come later. */
	EXEC(world, 60, 50, "/bin/ls", .second = 5);
	assert_lineage(world, "?(1) > sh(50) > ls(60)");
	EXEC(world, 61, 50, "/bin/id", .second = 6);
	assert_lineage(world, "?(50) > id(61)");
}

static void test_exit_of_another_process_with_that_pid_ends_nothing(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 40, "/bin/sh");
	EXEC(world, 60, 50, "/bin/env");
	EXIT(world, 60, 77, "/bin/true");
	EXIT(world, 99, 77, "/bin/true");
	EXEC(world, 60, 50, "/bin/id");
	assert_text(world->event.previous->comm, "env");
}

/* In a container exit= of a fork is the number that the container counts. */
static void test_number_of_a_pid_namespace_does_not_replace_a_live_process(void **state)
{
	struct world *world = *state;

	FORK(world, 2, 0, "/usr/sbin/cron", .child = 6);
	EXEC(world, 6, 2, "/usr/sbin/job");
	EXEC(world, 21395, 21390, "/usr/sbin/php-fpm");
	FORK(world, 21395, 21390, "/usr/sbin/php-fpm", .child = 6);
	EXEC(world, 7, 6, "/bin/ls");
	assert_lineage(world, "cron(2) > job(6) > ls(7)");
	EXEC(world, 21396, 21395, "/bin/sh");
	assert_lineage(world, "?(21390) > php-fpm(21395) > sh(21396)");
}

static void test_number_of_a_pid_namespace_does_not_end_a_live_process(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/bin/env");
	FORK(world, 21395, 21390, "/usr/sbin/php-fpm", .child = 60);
	EXEC(world, 60, 50, "/bin/id");
	assert_lineage(world, "?(50) > id(60)");
	assert_text(world->event.previous->comm, "env");
}

static void test_number_of_a_pid_namespace_is_not_believed_against_a_record(void **state)
{
	struct world *world = *state;

	FORK(world, 21395, 21390, "/usr/sbin/php-fpm", .child = 6);
	EXEC(world, 6, 2, "/usr/sbin/cron");
	assert_lineage(world, "?(2) > cron(6)");
	assert_int_equal(world->event.process.start, 0);
	FORK(world, 21395, 21390, "/usr/sbin/php-fpm", .child = 8);
	FORK(world, 8, 2, "/usr/sbin/sshd", .child = 9);
	EXEC(world, 9, 8, "/bin/ls");
	assert_lineage(world, "?(2) > sshd(8) > ls(9)");
}

static void test_thread_is_no_process(void **state)
{
	struct world *world = *state;
	size_t before;

	EXEC(world, 50, 1, "/usr/bin/python3");
	before = lineage_count(world->lineage);
	FORK(world, 50, 1, "/usr/bin/python3", .child = 51, .thread = true);
	FORK(world, 50, 1, "/usr/bin/python3", .child = 50);
	assert_int_equal(lineage_count(world->lineage), before);
	FORK(world, 50, 1, "/usr/bin/python3", .child = 51);
	assert_int_equal(lineage_count(world->lineage), before + 1);
}

static void test_caller_is_known_by_the_record_of_its_thread(void **state)
{
	struct world *world = *state;

	FORK(world, 50, 1, "/usr/bin/python3", .child = 51, .thread = true);
	EXEC(world, 60, 50, "/bin/sh");
	assert_lineage(world, "?(1) > python3(50) > sh(60)");
}

static void test_worker_that_changed_its_user_is_shown_with_it(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/usr/sbin/apache2", .user = "root");
	FORK(world, 50, 1, "/usr/sbin/apache2", .child = 51, .user = "root");
	FORK(world, 51, 50, "/usr/sbin/apache2", .child = 60, .uid = 33, .user = "www-data");
	EXEC(world, 60, 51, "/bin/sh", .uid = 33);
	assert_int_equal(world->event.parent.image->credentials.user.id, 33);
	assert_text(world->event.parent.image->credentials.user.name, "www-data");
	/* What its exec told is still known, and its creator is who it was. */
	assert_int_equal(world->event.parent.image->args.known, 2);
	assert_int_equal(world->event.ancestor[0].pid, 50);
	assert_int_equal(world->event.ancestor[0].image->credentials.user.id, 0);
}

static void test_program_that_was_missed_is_known_by_a_fork_record(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, "/bin/sh");
	FORK(world, 50, 1, "/usr/bin/perl", .child = 60);
	EXEC(world, 60, 50, "/bin/id");
	assert_lineage(world, "?(1) > perl(50) > id(60)");
	assert_null(world->event.parent.image->args.text);
}

static void test_equal_pids_of_two_nodes_are_two_processes(void **state)
{
	static const char a[] = "a", b[] = "b";
	struct world *world = *state;

	EXEC(world, 50, 1, "/usr/sbin/nginx", .node = a);
	EXEC(world, 50, 1, "/usr/sbin/cron", .node = b);
	EXEC(world, 50, 1, "/usr/sbin/sshd");
	assert_null(world->event.previous);
	EXEC(world, 60, 50, "/bin/sh", .node = a);
	assert_lineage(world, "?(1) > nginx(50) > sh(60)");
	FORK(world, 50, 1, "/usr/sbin/cron", .child = 60, .node = b);
	EXEC(world, 60, 50, "/bin/ls", .node = b);
	assert_lineage(world, "?(1) > cron(50) > ls(60)");
	EXIT(world, 60, 50, "/bin/ls", .node = b);
	EXEC(world, 60, 50, "/bin/id", .node = a);
	assert_lineage(world, "?(1) > nginx(50) > id(60)");
	assert_text(world->event.previous->comm, "sh");
}

static void test_ancestors_are_bounded_and_the_nearest_are_kept(void **state)
{
	struct world *world = *state;

	for (pid_t pid = 100; pid < 130; pid++)
		EXEC(world, pid, pid - 1, "/bin/sh");
	assert_int_equal(world->event.process.pid, 129);
	assert_int_equal(world->event.parent.pid, 128);
	assert_int_equal(world->event.ancestors, EVENT_MAX_ANCESTORS);
	for (int i = 0; i < EVENT_MAX_ANCESTORS; i++)
		assert_int_equal(world->event.ancestor[i].pid, 127 - i);
}

/* No kernel says so, but a line on stdin might. */
static void test_processes_that_are_each_others_parents_are_borne(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 60, "/bin/sh");
	EXEC(world, 60, 61, "/bin/sh", .second = 9);
	FORK(world, 61, 60, "/bin/sh", .child = 60, .second = 5);
	FORK(world, 60, 61, "/bin/sh", .child = 61, .second = 6);
	EXEC(world, 61, 60, "/bin/ls", .second = 10);
	EXEC(world, 60, 99, "/bin/id", .second = 11);
	assert_lineage(world, "?(99) > id(60)");
}

static int setup_small(void **state)
{
	return setup(state, 4, false);
}

static void test_processes_are_bounded(void **state)
{
	struct world *world = *state;

	for (pid_t pid = 100; pid < 200; pid++) {
		EXEC(world, pid, 50, "/bin/ls");
		FORK(world, pid, 50, "/bin/ls", .child = pid + 1000);
		assert_true(lineage_count(world->lineage) <= 4);
	}
}

static void test_dead_are_forgotten_before_the_living(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 0, "/usr/sbin/nginx");
	EXEC(world, 51, 50, "/bin/ls");
	EXIT(world, 51, 50, "/bin/ls");
	FORK(world, 50, 0, "/usr/sbin/nginx", .child = 52);
	EXEC(world, 53, 50, "/bin/df");
	EXEC(world, 54, 50, "/bin/du");
	EXEC(world, 55, 50, "/bin/id");
	assert_int_equal(lineage_count(world->lineage), 4);
	assert_lineage(world, "nginx(50) > id(55)");
	/* 51 and 52 went, so this is 53 as before. */
	EXEC(world, 53, 50, "/bin/env");
	assert_text(world->event.previous->comm, "df");
}

static void test_process_that_has_children_is_not_forgotten(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 0, "/usr/sbin/nginx");
	for (pid_t pid = 100; pid < 110; pid++) {
		EXEC(world, pid, 50, "/bin/ls");
		assert_text(world->event.parent.image->comm, "nginx");
	}
}

static void test_child_of_a_forgotten_process_still_knows_it(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 0, "/usr/sbin/nginx");
	EXEC(world, 60, 50, "/bin/sh");
	for (pid_t pid = 100; pid < 103; pid++) {
		EXEC(world, pid, 0, "/bin/ls");
		EXEC(world, 60, 50, "/bin/sh");
	}
	assert_lineage(world, "nginx(50) > sh(60)");
}

static int setup_small_live(void **state)
{
	return setup(state, 2, true);
}

/* Whoever is looked up makes room for itself, and may throw out who asked. */
static void test_long_chain_in_proc_does_not_fit(void **state)
{
	struct world *world = *state;

	for (pid_t pid = 50; pid < 60; pid++)
		add_process(world, pid - 100, pid, pid - 1, "sh", "0::/lxc/web\n");
	EXEC(world, 60, 59, "/bin/id");
	assert_int_equal(world->event.parent.pid, 59);
	assert_true(lineage_count(world->lineage) <= 2);
	FORK(world, 59, 58, "/bin/sh", .child = 61);
	assert_true(lineage_count(world->lineage) <= 2);
	EXEC(world, 61, 59, "/bin/ls");
	assert_int_equal(world->event.parent.pid, 59);
	FORK(world, 71, 70, "/bin/sh", .child = 72);
	EXEC(world, 72, 71, "/bin/df", .second = 9);
	FORK(world, 70, 69, "/bin/sh", .child = 71, .second = 8);
	EXEC(world, 72, 71, "/bin/du", .second = 10);
	assert_int_equal(world->event.parent.pid, 71);
	assert_true(lineage_count(world->lineage) <= 2);
}

static void test_replay_finds_no_container(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/bin/sh");
	assert_false(world->event.process.image->container_known);
	assert_null(world->event.process.image->credentials.user.name);
}

static void test_parent_is_looked_up_in_proc(void **state)
{
	struct world *world = *state;

	add_process(world, -900, 1, 0, "systemd", "0::/init.scope\n");
	add_process(world, -100, 50, 1, "apache2", NULL);
	add_process(world, -90, 51, 50, "apache2", NULL);
	EXEC(world, 60, 51, "/bin/sh");
	assert_lineage(world, "systemd(1) > apache2(50) > apache2(51) > sh(60)");
	assert_start(world, &world->event.parent, -90);
	assert_text(world->event.parent.image->working_directory, "/proc-cwd");
	assert_span(((struct span){ world->event.parent.image->args.text,
				    world->event.parent.image->args.text_length }), "from proc");
	assert_int_equal(world->event.parent.image->credentials.real_user.id, 33);
	assert_int_equal(world->event.reparented_to, 0);
}

static void test_caller_of_a_fork_is_looked_up_in_proc(void **state)
{
	struct world *world = *state;

	add_process(world, -100, 50, 1, "apache2", NULL);
	add_process(world, -90, 51, 50, "apache2", NULL);
	FORK(world, 51, 50, "apache2", .child = 60, .uid = 34);
	fake_proc_remove(&world->proc, 51);
	EXEC(world, 60, 51, "/bin/sh");
	assert_lineage(world, "?(1) > apache2(50) > apache2(51) > sh(60)");
	assert_text(world->event.parent.image->working_directory, "/proc-cwd");
}

static void test_proc_says_nothing_about_who_started_after_the_event(void **state)
{
	struct world *world = *state;

	add_process(world, 100, 51, 1, "imposter", "0::/docker/" ID "\n");
	EXEC(world, 60, 51, "/bin/sh", .second = 50);
	assert_lineage(world, "?(51) > sh(60)");
	assert_null(world->event.parent.image);
	EXEC(world, 61, 51, "/bin/sh", .second = 150);
	assert_lineage(world, "?(1) > imposter(51) > sh(61)");
}

static void test_container_of_who_started_after_the_event_is_not_taken(void **state)
{
	struct world *world = *state;

	add_process(world, 100, 60, 1, "imposter", "0::/docker/" ID "\n");
	EXEC(world, 60, 51, "/bin/sh", .second = 50);
	assert_null(world->event.process.image->container_id);
	assert_false(world->event.process.image->container_known);
}

static void test_parent_whose_pid_was_reused_is_looked_up_again(void **state)
{
	struct world *world = *state;

	add_process(world, -900, 1, 0, "systemd", NULL);
	EXEC(world, 51, 1, "/usr/sbin/old", .second = 10);
	add_process(world, 50, 51, 1, "new", NULL);
	EXEC(world, 60, 51, "/bin/sh", .second = 60);
	assert_lineage(world, "systemd(1) > new(51) > sh(60)");
}

static void test_pid_that_was_reused_has_no_previous_program(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 51, "/bin/ls", .second = 10);
	add_process(world, 50, 60, 51, "sh", NULL);
	EXEC(world, 60, 51, "/bin/id", .second = 51);
	assert_null(world->event.previous);
	EXEC(world, 60, 51, "/bin/df", .second = 52);
	assert_text(world->event.previous->comm, "id");
}

/* Ticks since boot tell two processes apart where the times of events, of a clock that was set,
 * cannot. */
static void test_start_of_another_process_is_told_exactly(void **state)
{
	struct world *world = *state;

	add_process(world, 5, 51, 40, "old", NULL);
	add_process(world, 6, 60, 51, "ls", NULL);
	EXEC(world, 60, 51, "/bin/ls", .second = 50);
	assert_lineage(world, "?(40) > old(51) > ls(60)");
	add_process(world, 7, 60, 51, "id", NULL);
	EXEC(world, 60, 51, "/bin/id", .second = 60);
	assert_null(world->event.previous);
	add_process(world, 8, 51, 40, "new", NULL);
	EXEC(world, 61, 51, "/bin/df", .second = 70);
	assert_lineage(world, "?(40) > new(51) > df(61)");
}

static void test_what_records_told_counts_more_than_proc(void **state)
{
	struct world *world = *state;

	add_process(world, 1, 51, 50, "sh", NULL);
	EXEC(world, 51, 50, "/usr/sbin/nginx", .second = 2);
	EXEC(world, 60, 51, "/bin/sh", .second = 3);
	assert_text(world->event.parent.image->comm, "nginx");
	assert_int_equal(world->event.parent.image->args.known, 2);
	assert_span(args_get(&world->event.parent.image->args, 0), "/usr/sbin/nginx");
}

static void test_creator_of_a_late_fork_records_caller_is_looked_up_in_proc(void **state)
{
	struct world *world = *state;

	add_process(world, -100, 60, 50, "php-fpm", NULL);
	EXEC(world, 62, 61, "/bin/id", .second = 3);
	FORK(world, 61, 60, "/bin/sh", .child = 62, .second = 2);
	EXEC(world, 63, 62, "/bin/ls", .second = 4);
	assert_lineage(world, "?(50) > php-fpm(60) > sh(61) > id(62) > ls(63)");
}

static void test_forked_worker_is_confirmed_by_proc(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 40, "apache2", .second = 1);
	FORK(world, 50, 40, "apache2", .child = 51, .second = 2);
	add_process(world, 2, 51, 50, "apache2", NULL);
	EXEC(world, 60, 51, "/bin/sh", .second = 9);
	assert_lineage(world, "?(40) > apache2(50) > apache2(51) > sh(60)");
	assert_start(world, &world->event.parent, 2);
	assert_text(world->event.parent.image->working_directory, "/proc-cwd");
}

static void test_start_in_proc_does_not_speak_against_the_fork_record(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 40, "/bin/sh", .second = 1);
	FORK(world, 50, 40, "/bin/sh", .child = 60, .second = 2);
	add_process(world, 2, 60, 1, "sleep", NULL);
	EXEC(world, 60, 1, "/bin/sleep", .second = 3);
	assert_lineage(world, "?(40) > sh(50) > sleep(60)");
	assert_start(world, &world->event.process, 2);
}

/* ( cmd; cmd ) & of a shell that exits: /proc knows only who adopted the subshell. */
static void test_orphan_that_proc_shows_keeps_its_creator(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 40, "/bin/sh", .second = 1);
	FORK(world, 50, 40, "/bin/sh", .child = 51, .second = 2);
	EXIT(world, 50, 40, "/bin/sh", .second = 3);
	add_process(world, -900, 1, 0, "systemd", NULL);
	add_process(world, 2, 51, 1, "sh", NULL);
	EXEC(world, 60, 51, "/bin/id", .second = 4);
	assert_lineage(world, "?(40) > sh(50) > sh(51) > id(60)");
}

/* The record's time is the system call's entry; a child begins when the page tables have been
 * copied, some 20 ms later for each gigabyte. */
static void test_child_of_a_large_process_begins_later_than_its_fork(void **state)
{
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct fake_process child = { .pid = 60, .ppid = 1, .comm = "java",
				      .start_ticks = (FIRST_SECOND + 2) * hz + hz / 5 };
	struct world *world = *state;

	EXEC(world, 50, 40, "/usr/bin/java", .second = 1);
	FORK(world, 50, 40, "/usr/bin/java", .child = 60, .second = 2);
	FORK(world, 50, 40, "/usr/bin/java", .child = 61, .second = 2);
	fake_proc_add(&world->proc, &child);
	child.pid = 61;
	fake_proc_add(&world->proc, &child);
	EXEC(world, 60, 1, "/bin/sh", .second = 3);
	assert_lineage(world, "?(40) > java(50) > sh(60)");
	EXEC(world, 70, 61, "/bin/id", .second = 3);
	assert_lineage(world, "?(40) > java(50) > java(61) > id(70)");
}

static void test_number_of_a_pid_namespace_is_corrected_by_proc(void **state)
{
	struct world *world = *state;

	add_process(world, -100, 6, 2, "sshd", NULL);
	FORK(world, 21395, 21390, "/usr/sbin/php-fpm", .child = 6);
	EXEC(world, 70, 6, "/bin/bash");
	assert_lineage(world, "?(2) > sshd(6) > bash(70)");
}

static void test_number_of_a_pid_namespace_is_no_process_that_started_later(void **state)
{
	struct world *world = *state;

	FORK(world, 21395, 21390, "/usr/sbin/php-fpm", .child = 600, .second = 1);
	add_process(world, 500, 600, 1, "systemd", NULL);
	EXEC(world, 600, 1, "/usr/sbin/cron", .second = 501);
	assert_lineage(world, "?(1) > cron(600)");
	assert_int_equal(world->event.reparented_to, 0);
}

static void test_number_of_a_pid_namespace_is_no_process_that_started_before(void **state)
{
	struct world *world = *state;

	FORK(world, 21395, 21390, "/usr/sbin/php-fpm", .child = 600, .second = 1);
	add_process(world, -100, 600, 500, "job", NULL);
	EXEC(world, 600, 500, "/usr/sbin/job", .second = 2);
	assert_lineage(world, "?(500) > job(600)");
}

/* As sshd does when it is told to reload; nobody adopted it. */
static void test_number_of_a_pid_namespace_is_no_service_that_started_before(void **state)
{
	struct world *world = *state;

	FORK(world, 21395, 21390, "/usr/sbin/php-fpm", .child = 600, .second = 1);
	add_process(world, -100, 600, 1, "sshd", NULL);
	EXEC(world, 600, 1, "/usr/sbin/sshd", .second = 2);
	assert_lineage(world, "?(1) > sshd(600)");
}

static void test_numbers_of_processes_in_an_inner_namespace_are_not_entered(void **state)
{
	struct world *world = *state;
	size_t before;

	fake_proc_add(&world->proc, &(struct fake_process){
		.pid = 21395, .ppid = 21390, .comm = "php-fpm", .nspid = "21395\t1" });
	FORK(world, 21395, 21390, "/usr/sbin/php-fpm", .child = 6);
	EXEC(world, 6, 1, "/usr/sbin/cron");
	assert_lineage(world, "cron(6)");
	EXIT(world, 6, 1, "/usr/sbin/cron");
	/* Children that nobody sees in /proc live in there too. */
	EXEC(world, 21396, 21395, "/bin/sh");
	assert_lineage(world, "?(21390) > php-fpm(21395) > sh(21396)");
	before = lineage_count(world->lineage);
	FORK(world, 21396, 21395, "/bin/sh", .child = 7);
	assert_int_equal(lineage_count(world->lineage), before);
	/* One that was seen tells it by itself. */
	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 500, .nspid = "500\t2" });
	EXEC(world, 500, 499, "/bin/sh");
	before = lineage_count(world->lineage);
	FORK(world, 500, 499, "/bin/sh", .child = 8);
	assert_int_equal(lineage_count(world->lineage), before);
}

static void test_child_of_a_creator_that_lives_was_not_adopted(void **state)
{
	struct world *world = *state;

	add_process(world, -100, 50, 40, "apache2", NULL);
	FORK(world, 50, 40, "apache2", .child = 60, .uid = 34);
	EXEC(world, 60, 1, "/usr/sbin/cron");
	/* It is another process, of whom nobody knows whether init created it. */
	assert_lineage(world, "cron(60)");
	assert_int_equal(world->event.reparented_to, 1);
}

static void test_process_that_lives_on_is_adopted_however_late(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 40, "/bin/sh", .second = 1);
	FORK(world, 50, 40, "/bin/sh", .child = 60, .second = 2);
	add_process(world, 2, 60, 1, "sleep", NULL);
	EXEC(world, 60, 50, "/bin/sleep", .second = 3);
	EXEC(world, 60, 1, "/bin/id", .second = 9999);
	assert_lineage(world, "?(40) > sh(50) > id(60)");
	assert_text(world->event.previous->comm, "sleep");
}

static void test_scan_learns_who_lives(void **state)
{
	struct world *world = *state;

	add_process(world, -900, 1, 0, "systemd", NULL);
	add_process(world, -100, 50, 1, "apache2", NULL);
	add_process(world, -90, 51, 50, "apache2", NULL);
	lineage_scan(world->lineage);
	assert_int_equal(lineage_count(world->lineage), 3);
	fake_proc_remove(&world->proc, 50);
	fake_proc_remove(&world->proc, 51);
	EXEC(world, 60, 51, "/bin/sh");
	assert_lineage(world, "systemd(1) > apache2(50) > apache2(51) > sh(60)");
	assert_start(world, &world->event.ancestor[0], -100);
}

/* Without fork records: the workers of a service that was there before. */
static void test_workers_that_a_service_forks_later_are_looked_up(void **state)
{
	struct world *world = *state;

	add_process(world, -900, 1, 0, "systemd", NULL);
	add_process(world, -100, 50, 1, "apache2", NULL);
	add_process(world, -100, 55, 1, "cron", NULL);
	lineage_scan(world->lineage);
	/* The service's own child, ... */
	EXEC(world, 60, 50, "/bin/sh", .second = 1);
	assert_lineage(world, "systemd(1) > apache2(50) > sh(60)");
	/* ... that of a worker, which is remembered when it has gone, ... */
	add_process(world, 2, 51, 50, "apache2", NULL);
	EXEC(world, 61, 51, "/bin/sh", .second = 3);
	assert_lineage(world, "systemd(1) > apache2(50) > apache2(51) > sh(61)");
	assert_start(world, &world->event.parent, 2);
	fake_proc_remove(&world->proc, 51);
	EXEC(world, 62, 61, "/bin/id", .second = 4);
	assert_lineage(world, "systemd(1) > apache2(50) > apache2(51) > sh(61) > id(62)");
	/* ... until another has its pid, and of a service that started again. */
	add_process(world, 5, 51, 55, "cron", NULL);
	EXEC(world, 63, 51, "/bin/sh", .second = 6);
	assert_lineage(world, "systemd(1) > cron(55) > cron(51) > sh(63)");
	fake_proc_remove(&world->proc, 50);
	add_process(world, 7, 50, 1, "nginx", NULL);
	EXEC(world, 64, 50, "/bin/sh", .second = 8);
	assert_lineage(world, "systemd(1) > nginx(50) > sh(64)");
}

static void test_scan_does_not_take_a_younger_process_for_a_parent(void **state)
{
	struct world *world = *state;

	add_process(world, -50, 50, 40, "imposter", NULL);
	add_process(world, -90, 51, 50, "orphan", NULL);
	lineage_scan(world->lineage);
	fake_proc_remove(&world->proc, 50);
	EXEC(world, 60, 51, "/bin/sh");
	assert_lineage(world, "?(50) > orphan(51) > sh(60)");
}

static void test_without_proc_there_is_nothing_to_scan(void **state)
{
	struct world *world = *state;

	lineage_scan(world->lineage);
	assert_int_equal(lineage_count(world->lineage), 0);
}

static void test_proc_says_nothing_about_other_machines(void **state)
{
	static const char elsewhere[] = "web2";
	struct world *world = *state;

	add_process(world, -100, 51, 50, "apache2", "0::/docker/" ID "\n");
	add_process(world, -100, 60, 51, "sh", "0::/docker/" ID "\n");
	EXEC(world, 60, 51, "/bin/sh", .node = elsewhere);
	assert_lineage(world, "?(51) > sh(60)");
	assert_false(world->event.process.image->container_known);
	/* Nor do its users: ids are each machine's own. */
	assert_null(world->event.process.image->credentials.user.name);
	assert_int_equal(world->event.process.start, 0);
	assert_int_equal(world->event.session_leader.pid, 0);
	/* Nor is it asked of who calls there. */
	FORK(world, 51, 50, "/usr/bin/cron", .child = 70, .node = elsewhere);
	UNSHARE(world, 51, 50, "/usr/bin/cron", .node = elsewhere);
	EXEC(world, 70, 51, "/bin/id", .node = elsewhere);
	assert_lineage(world, "?(50) > cron(51) > id(70)");
	EXEC(world, 71, 51, "/bin/id");
	assert_lineage(world, "?(50) > apache2(51) > id(71)");
}

static void test_records_of_this_machine_are_one_node_named_or_not(void **state)
{
	static const char full_name[] = "WEB1.example.com";
	struct world *world = *state;

	EXEC(world, 50, 0, "/usr/sbin/nginx", .node = full_name);
	EXEC(world, 60, 50, "/bin/sh");
	assert_lineage(world, "nginx(50) > sh(60)");
	EXEC(world, 61, 60, "/bin/id", .node = full_name);
	assert_lineage(world, "nginx(50) > sh(60) > id(61)");
	assert_text(world->event.node, full_name);
}

static void test_local_node_is_told_by_its_name(void **state)
{
	static const struct {
		const char *local, *node;
		bool is_local;
	} cases[] = {
		{ NULL, NULL, true },
		{ NULL, "web1", false },
		{ "web1", NULL, true },
		{ "web1", "web1", true },
		{ "web1", "WEB1", true },
		{ "web1", "web1.example.com", true },
		{ "web1.example.com", "web1", true },
		{ "web1.example.com", "web1.example.com", true },
		{ "web1.example.com", "web1.example.org", false },
		{ "web1", "web10", false },
		{ "web10", "web1", false },
		{ "web1", "web10.example.com", false },
		{ "web1", "web2", false },
		{ "web1", "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct lineage_sources sources = { .local_node = cases[i].local };
		struct lineage *lineage = lineage_new(1, &sources);
		bool is_local = lineage_is_local(lineage, cases[i].node);

		lineage_free(lineage);
		if (is_local != cases[i].is_local)
			fail_msg("local %s, node %s: %d", cases[i].local, cases[i].node, is_local);
	}
}

static void test_names_that_records_lack_are_asked_for(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 50, "/bin/sh", .uid = 33);
	assert_text(world->event.process.image->credentials.user.name, "asked");
	EXEC(world, 61, 50, "/bin/sh", .uid = 33, .user = "www-data");
	assert_text(world->event.process.image->credentials.user.name, "www-data");
}

static void assert_container(const struct world *world, const char *id, const char *runtime)
{
	assert_text(world->event.process.image->container_id, id);
	assert_text(world->event.process.image->container_runtime, runtime);
}

static void test_container_is_read_from_the_process_itself(void **state)
{
	struct world *world = *state;

	add_process(world, 1, 60, 51, "sh", "0::/system.slice/docker-" ID ".scope\n");
	EXEC(world, 60, 51, "/bin/sh", .second = 2);
	assert_container(world, ID, "docker");
	assert_true(world->event.process.image->container_known);
}

static void test_container_of_a_process_that_is_gone_is_its_creators(void **state)
{
	struct world *world = *state;

	add_process(world, -100, 51, 50, "php-fpm", "0::/system.slice/docker-" ID ".scope\n");
	EXEC(world, 60, 51, "/bin/sh");
	assert_container(world, ID, "docker");
	assert_true(world->event.process.image->container_known);
	/* And down through those that nobody ever saw. */
	FORK(world, 60, 51, "/bin/sh", .child = 61);
	FORK(world, 61, 60, "/bin/sh", .child = 62);
	EXEC(world, 62, 61, "/bin/id");
	assert_container(world, ID, "docker");
	EXEC(world, 62, 61, "/bin/ls");
	assert_container(world, ID, "docker");
}

/* The creator's own record comes last, when it is gone. */
static void test_creator_of_a_late_fork_record_is_in_its_creators_container(void **state)
{
	struct world *world = *state;

	add_process(world, -100, 60, 50, "php-fpm", "0::/docker/" ID "\n");
	lineage_scan(world->lineage);
	EXEC(world, 62, 61, "/bin/id", .second = 3);
	FORK(world, 61, 60, "/bin/sh", .child = 62, .second = 2);
	EXEC(world, 63, 61, "/bin/ls", .second = 4);
	assert_lineage(world, "?(50) > php-fpm(60) > sh(61) > ls(63)");
	assert_container(world, ID, "docker");
	assert_text(world->event.parent.image->container_id, ID);
}

static void test_container_is_passed_down_a_chain_of_late_fork_records(void **state)
{
	struct world *world = *state;

	add_process(world, -100, 50, 40, "php-fpm", "0::/docker/" ID "\n");
	lineage_scan(world->lineage);
	EXEC(world, 63, 62, "/bin/id", .second = 4);
	FORK(world, 62, 61, "/bin/sh", .child = 63, .second = 3);
	FORK(world, 61, 50, "/bin/sh", .child = 62, .second = 2);
	EXEC(world, 63, 62, "/bin/ls", .second = 5);
	assert_lineage(world, "?(40) > php-fpm(50) > sh(61) > sh(62) > ls(63)");
	assert_container(world, ID, "docker");
}

static void test_process_keeps_its_container_through_a_missed_exec(void **state)
{
	struct world *world = *state;

	add_process(world, -100, 51, 50, "php-fpm", "0::/system.slice/docker-" ID ".scope\n");
	EXEC(world, 60, 51, "/bin/sh");
	FORK(world, 60, 51, "/usr/bin/perl", .child = 61);
	EXEC(world, 61, 60, "/bin/id");
	assert_text(world->event.parent.image->comm, "perl");
	assert_container(world, ID, "docker");
}

static void test_outside_of_containers_is_known_too(void **state)
{
	struct world *world = *state;

	add_process(world, -100, 51, 50, "sshd", "0::/system.slice/ssh.service\n");
	EXEC(world, 60, 51, "/bin/sh");
	assert_true(world->event.process.image->container_known);
	assert_container(world, NULL, NULL);
}

/* As when somebody enters a container, or leaves one. */
static void test_own_container_counts_more_than_the_creators(void **state)
{
	struct world *world = *state;

	add_process(world, -100, 51, 50, "php-fpm", "0::/docker/" OTHER "\n");
	add_process(world, 1, 60, 51, "sh", "0::/docker/" ID "\n");
	add_process(world, 1, 61, 51, "sh", "0::/system.slice/cron.service\n");
	EXEC(world, 60, 51, "/bin/sh", .second = 2);
	assert_container(world, ID, "docker");
	EXEC(world, 61, 51, "/bin/sh", .second = 3);
	assert_container(world, NULL, NULL);
	assert_true(world->event.process.image->container_known);
	/* Once known it is kept. */
	fake_proc_remove(&world->proc, 60);
	EXEC(world, 60, 51, "/bin/id", .second = 4);
	assert_container(world, ID, "docker");
}

/* What /proc shows of a process that ends is half the truth: no group, or no namespaces. */
static void test_what_a_process_that_ends_does_not_show_is_its_creators(void **state)
{
	struct world *world = *state;
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct fake_process process = { .pid = 51, .ppid = 50, .comm = "php-fpm",
					.start_ticks = (uint64_t)(FIRST_SECOND - 100) * hz,
					.exe = "/bin/php-fpm", .cwd = "/", .cgroup = "0::/docker/" ID "\n",
					.mount_namespace = "mnt:[7]", .user_namespace = "user:[8]" };

	fake_proc_add(&world->proc, &process);
	lineage_scan(world->lineage);
	process = (struct fake_process){ .pid = 60, .ppid = 51, .comm = "sh", .cgroup = "1:pids:/\n",
					 .start_ticks = (uint64_t)(FIRST_SECOND + 1) * hz,
					 .exiting = true };
	fake_proc_add(&world->proc, &process);
	EXEC(world, 60, 51, "/bin/sh", .second = 2);
	assert_container(world, ID, "docker");
	assert_int_equal(world->event.process.image->namespaces.mount, 7);
	process.pid = 61;
	process.cgroup = "0::/docker/" ID "\n";
	fake_proc_add(&world->proc, &process);
	EXEC(world, 61, 51, "/bin/sh", .second = 2);
	assert_container(world, ID, "docker");
	assert_int_equal(world->event.process.image->namespaces.mount, 7);
	assert_int_equal(world->event.process.image->namespaces.user, 8);
	/* Those of another container are not its own. */
	process.pid = 62;
	process.cgroup = "0::/docker/" OTHER "\n";
	fake_proc_add(&world->proc, &process);
	EXEC(world, 62, 51, "/bin/sh", .second = 2);
	assert_container(world, OTHER, "docker");
	assert_int_equal(world->event.process.image->namespaces.mount, 0);
}

static void test_container_is_not_inherited_through_a_runtime(void **state)
{
	static const char *const runtimes[] = { "runc", "crun", "runc:[2:INIT]" };
	struct world *world = *state;
	pid_t pid = 1000;

	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		pid += 10;
		add_process(world, -100, pid, 50, runtimes[i],
			    "0::/system.slice/containerd.service\n");
		EXEC(world, pid + 1, pid, "/bin/sh");
		assert_false(world->event.process.image->container_known);
		assert_container(world, NULL, NULL);
		/* Nor by those behind. */
		EXEC(world, pid + 2, pid + 1, "/bin/id");
		assert_false(world->event.process.image->container_known);
		assert_container(world, NULL, NULL);
	}
}

#define SHIM "/usr/bin/containerd-shim-runc-v2"

static const char *const shim_args[] = { SHIM, "-namespace", "moby", "-id", ID, "-address",
					 "/run/containerd/containerd.sock", NULL };
static const char *const create_args[] = { "runc", "--root", "/var/run/docker/runtime-runc/moby",
					   "create", "--bundle", "/b", ID, NULL };
static const char *const exec_args[] = { "runc", "--root", "/var/run/docker/runtime-runc/moby",
					 "exec", "--process", "/p", "--detach", ID, NULL };

/* A container that lived too briefly for anyone to look, by the records alone. */
static void test_container_that_is_gone_is_named_by_what_ran_it(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, SHIM, .argv = shim_args);
	FORK(world, 50, 1, SHIM, .child = 51);
	EXEC(world, 51, 50, "/usr/bin/runc", .argv = create_args);
	assert_false(world->event.process.image->container_known);
	FORK(world, 51, 50, "/usr/bin/runc", .child = 52);
	EXEC(world, 52, 51, "/memfd:runc_cloned:/proc/self/exe (deleted)", .comm = "6",
	     .argv = ARGV("runc", "init"));
	assert_false(world->event.process.image->container_known);
	FORK(world, 52, 51, "/usr/bin/runc", .child = 53, .comm = "runc:[1:CHILD]");
	EXEC(world, 53, 50, "/bin/httpd", .comm = "httpd");
	assert_container(world, ID, "docker");
	FORK(world, 53, 50, "/bin/httpd", .child = 54);
	EXEC(world, 54, 53, "/bin/sh");
	assert_container(world, ID, "docker");
	EXEC(world, 55, 54, "/bin/id");
	assert_container(world, ID, "docker");

	/* docker exec */
	EXEC(world, 61, 50, "/usr/bin/runc", .argv = exec_args);
	FORK(world, 61, 50, "/usr/bin/runc", .child = 62);
	EXEC(world, 62, 61, "/usr/bin/runc", .comm = "exe", .argv = ARGV("runc", "init"));
	EXEC(world, 62, 61, "/bin/sh");
	assert_container(world, ID, "docker");
}

/* Nobody saw more than that the shim has a child. */
static void test_children_of_a_shim_are_in_its_container(void **state)
{
	struct world *world = *state;

	EXEC(world, 50, 1, SHIM, .argv = shim_args);
	EXEC(world, 60, 50, "/bin/sh");
	assert_container(world, ID, "docker");
	EXEC(world, 61, 60, "/bin/id");
	assert_container(world, ID, "docker");
}

static void test_helpers_of_a_runtime_are_in_no_container_of_its(void **state)
{
	static const char *const conmon[] = { "/usr/bin/conmon", "-c", ID, "--exit-dir",
					      "/run/libpod/exits", "--exit-command",
					      "/usr/bin/cleaner", NULL };
	static const char *const pods[] = { SHIM, "-namespace", "k8s.io", "-id", ID, NULL };
	struct world *world = *state;

	EXEC(world, 50, 1, "/usr/bin/conmon", .argv = conmon);
	EXEC(world, 51, 50, "/usr/bin/crun", .argv = ARGV("/usr/bin/crun", "create", ID));
	/* A hook; the container's program looks the same but for who has adopted it. */
	FORK(world, 51, 50, "/usr/bin/crun", .child = 52);
	EXEC(world, 52, 51, "/usr/bin/hook");
	assert_false(world->event.process.image->container_known);
	FORK(world, 51, 50, "/usr/bin/crun", .child = 53);
	EXEC(world, 53, 50, "/bin/httpd");
	assert_container(world, ID, "podman");
	EXEC(world, 54, 50, "/usr/bin/cleaner");
	assert_false(world->event.process.image->container_known);
	EXEC(world, 55, 54, "/bin/rm");
	assert_false(world->event.process.image->container_known);
	/* A hook of runc's. */
	EXEC(world, 71, 70, "/usr/bin/runc", .argv = create_args);
	EXEC(world, 72, 71, "/usr/bin/hook");
	assert_false(world->event.process.image->container_known);
	/* Several containers have this shim. */
	EXEC(world, 80, 1, SHIM, .argv = pods);
	EXEC(world, 81, 80, "/bin/sh");
	assert_false(world->event.process.image->container_known);
}

/* Docker in docker looks the same as who only claims to be a shim. */
static void test_shim_in_a_container_is_not_believed(void **state)
{
	struct world *world = *state;
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);

	fake_proc_add(&world->proc,
		      &(struct fake_process){ .pid = 50, .ppid = 1, .comm = "containerd-shim",
					      .start_ticks = (uint64_t)(FIRST_SECOND - 100) * hz,
					      .cmdline = SPAN(SHIM "\0-namespace\0moby\0-id\0" ID "\0"),
					      .exe = SHIM, .cwd = "/", .cgroup = "0::/docker/" OTHER "\n" });
	EXEC(world, 60, 50, "/bin/sh");
	assert_false(world->event.process.image->container_known);
	EXEC(world, 61, 50, "/usr/bin/runc", .argv = create_args);
	assert_false(world->event.process.image->container_known);
}

/* In a container anything can be called so, and claim to serve any other. */
static void test_runtime_that_a_container_brings_is_not_believed(void **state)
{
	static const char *const claim[] = { "/usr/bin/conmon", "-c", OTHER, NULL };
	static const char *const call[] = { "/usr/bin/runc", "run", OTHER, NULL };
	struct world *world = *state;

	EXEC(world, 50, 1, SHIM, .argv = shim_args);
	EXEC(world, 60, 50, "/bin/sh");
	assert_container(world, ID, "docker");
	/* By a fork and an exec, ... */
	EXEC(world, 61, 60, "/usr/bin/conmon", .argv = claim);
	EXEC(world, 62, 61, "/bin/id");
	assert_false(world->event.process.image->container_known);
	EXEC(world, 63, 60, "/usr/bin/runc", .argv = call);
	EXEC(world, 64, 63, "/usr/bin/x", .comm = "runc:[2:INIT]", .argv = ARGV("runc", "init"));
	EXEC(world, 64, 63, "/bin/id");
	assert_false(world->event.process.image->container_known);
	/* ... and by an exec of the container's first process. */
	EXEC(world, 60, 50, "/usr/bin/conmon", .argv = claim);
	assert_container(world, ID, "docker");
	EXEC(world, 65, 60, "/bin/id");
	assert_false(world->event.process.image->container_known);
	/* Nor as who adopts. */
	EXEC(world, 66, 61, "/usr/bin/runc", .argv = ARGV("/usr/bin/runc", "init"));
	EXEC(world, 66, 60, "/bin/id");
	assert_false(world->event.process.image->container_known);
}

/* What a runtime was seen to be in before it moved itself is not where its program is. */
static void test_runtime_that_was_looked_at_passes_nothing_on(void **state)
{
	struct world *world = *state;

	add_process(world, 1, 62, 61, "exe", "0::/system.slice/containerd.service\n");
	EXEC(world, 62, 61, "/usr/bin/runc", .comm = "exe", .argv = ARGV("runc", "init"), .second = 2);
	assert_true(world->event.process.image->container_known);
	fake_proc_remove(&world->proc, 62);
	EXEC(world, 62, 61, "/bin/sh", .second = 3);
	assert_false(world->event.process.image->container_known);
}

static void test_child_of_nobody_known_is_in_no_known_container(void **state)
{
	struct world *world = *state;

	EXEC(world, 60, 51, "/bin/sh");
	assert_false(world->event.process.image->container_known);
	assert_container(world, NULL, NULL);
}

/* --- pid namespaces, and pids given again at once --- */

/* 600 is the first process of a namespace; it forks 2, who forks 3 and is gone: 600 adopts that. */
static void test_orphan_in_a_namespace_keeps_its_creator(void **state)
{
	struct world *world = *state;

	EXEC(world, 500, 400, "/bin/engine");
	FORK(world, 500, 400, "/bin/engine", .child = 600);
	FORK(world, 600, 500, "/bin/engine", .child = 2);
	FORK(world, 700, 600, "/bin/engine", .child = 3);
	EXEC(world, 701, 600, "/bin/id");
	assert_lineage(world, "?(400) > engine(500) > engine(600) > engine(700) > id(701)");
	assert_int_equal(world->event.reparented_to, 600);
}

/* 500 is the first process of a namespace; 501 forks 502, and that 503. Each is still its parent's child when
 * it forks, though that one's end has been told of. */
static void test_ending_creator_in_a_namespace_is_the_parent(void **state)
{
	struct world *world = *state;

	for (int late = 0; late < 2; late++) {
		const pid_t first = 500 + 100 * late;
		const int64_t second = 5 + 10 * late;

		EXEC(world, first, 400, "/bin/first", .second = second);
		FORK(world, first, 400, "/bin/first", .child = 2, .second = second);
		FORK(world, first + 1, first, "/bin/first", .child = 3, .second = second);
		EXIT(world, first + 1, first, "/bin/first", .second = second);
		FORK(world, first + 2, first + 1, "/bin/first", .child = 4, .second = second + late);
		EXIT(world, first + 2, first, "/bin/first", .second = second + late);
		EXEC(world, first + 3, first, "/bin/orphan", .second = second + 1 + late);
		assert_int_equal(world->event.parent.pid, first + 2);
		assert_int_equal(world->event.ancestor[0].pid, first + 1);
		assert_int_equal(world->event.ancestor[1].pid, first);
		assert_int_equal(world->event.reparented_to, first);
	}
}

static void test_child_in_a_namespace_met_before_its_fork_is_no_orphan(void **state)
{
	struct world *world = *state;

	EXEC(world, 500, 400, "/bin/engine");
	FORK(world, 500, 400, "/bin/engine", .child = 600);
	FORK(world, 600, 500, "/bin/engine", .child = 2);
	EXEC(world, 700, 600, "/bin/sh");
	EXEC(world, 800, 600, "/bin/id", .second = 9);
	FORK(world, 600, 500, "/bin/engine", .child = 3, .second = 8);
	FORK(world, 700, 600, "/bin/sh", .child = 4, .second = 10);
	EXEC(world, 801, 600, "/bin/ls", .second = 11);
	assert_lineage(world,
		       "?(400) > engine(500) > engine(600) > sh(700) > ls(801)");
}

static void test_one_of_several_creators_in_a_namespace_is_unknown(void **state)
{
	struct world *world = *state;

	EXEC(world, 500, 400, "/bin/engine");
	FORK(world, 500, 400, "/bin/engine", .child = 600);
	FORK(world, 600, 500, "/bin/engine", .child = 2);
	EXEC(world, 700, 600, "/bin/sh");
	FORK(world, 600, 500, "/bin/engine", .child = 3);
	EXEC(world, 701, 600, "/bin/sh");
	FORK(world, 700, 600, "/bin/sh", .child = 4);
	FORK(world, 701, 600, "/bin/sh", .child = 5);
	EXEC(world, 702, 600, "/bin/id");
	assert_int_equal(world->event.parent.pid, 0);
	assert_int_equal(world->event.reparented_to, 600);
}

static void test_namespace_with_large_numbers_is_told_by_unshare(void **state)
{
	struct world *world = *state;

	EXEC(world, 500, 400, "/bin/engine");
	UNSHARE(world, 500, 400, "/bin/engine", .new_pids = true);
	FORK(world, 500, 400, "/bin/engine", .child = 600);
	FORK(world, 600, 500, "/bin/engine", .child = 500);
	FORK(world, 700, 600, "/bin/engine", .child = 601);
	EXEC(world, 701, 600, "/bin/id");
	assert_lineage(world, "?(400) > engine(500) > engine(600) > engine(700) > id(701)");
	EXEC(world, 900, 500, "/bin/ls");
	assert_lineage(world, "?(400) > engine(500) > ls(900)");
}

static void test_namespace_is_told_by_the_flags_of_clone(void **state)
{
	struct world *world = *state;

	EXEC(world, 500, 400, "/bin/engine");
	FORK(world, 500, 400, "/bin/engine", .child = 600, .new_pids = true);
	FORK(world, 600, 500, "/bin/engine", .child = 900);
	FORK(world, 700, 600, "/bin/engine", .child = 901);
	EXEC(world, 701, 600, "/bin/id");
	assert_lineage(world, "?(400) > engine(500) > engine(600) > engine(700) > id(701)");
}

static void test_pid_given_again_in_the_same_instant(void **state)
{
	struct world *world = *state;

	EXEC(world, 500, 400, "/bin/init", .second = 1);
	EXEC(world, 501, 500, "/bin/one", .second = 1);
	FORK(world, 500, 400, "/bin/init", .child = 600, .second = 5);
	EXEC(world, 600, 500, "/bin/old", .second = 5);
	FORK(world, 501, 500, "/bin/one", .child = 600, .second = 5);
	EXEC(world, 600, 501, "/bin/new", .second = 5);
	assert_null(world->event.previous);
	assert_int_equal(world->event.reparented_to, 0);
	assert_lineage(world, "?(400) > init(500) > one(501) > new(600)");
}

/* All numbers are those of before, and nobody can be looked at. */
static void test_pids_of_creator_and_child_given_again(void **state)
{
	struct world *world = *state;

	EXEC(world, 500, 400, "/bin/init", .second = 1);
	for (int i = 0; i < 4; i++) {
		FORK(world, 500, 400, "/bin/init", .child = 601, .second = 5);
		FORK(world, 601, 500, "/bin/init", .child = 600, .second = 5);
		EXEC(world, 600, 601, "/bin/id", .second = 5);
		assert_null(world->event.previous);
		assert_lineage(world, "?(400) > init(500) > init(601) > id(600)");
	}
}

static void test_orphan_keeps_its_creator_whose_pid_is_given_again_at_once(void **state)
{
	struct world *world = *state;

	add_process(world, -5, 500, 1, "init", NULL);
	lineage_scan(world->lineage);
	FORK(world, 500, 1, "init", .child = 600, .second = 5);
	EXEC(world, 600, 500, "/bin/creator", .second = 5);
	FORK(world, 600, 500, "/bin/creator", .child = 601, .second = 5);
	FORK(world, 500, 1, "init", .child = 600, .second = 5);
	add_process(world, 5, 600, 500, "init", NULL);
	EXEC(world, 600, 500, "/bin/other", .second = 5);
	assert_null(world->event.previous);
	EXEC(world, 601, 1, "/bin/id", .second = 5);
	/* Who was before is forgotten with the entry. */
	assert_lineage(world, "creator(600) > id(601)");
}

/* The plugin is behind: by now somebody else has the pid. */
static void test_who_has_the_pid_later_is_not_taken_for_the_caller(void **state)
{
	struct world *world = *state;

	EXEC(world, 500, 400, "/bin/init", .second = 1);
	FORK(world, 500, 400, "/bin/init", .child = 600, .second = 5);
	add_process(world, 5, 600, 500, "creator", NULL);
	EXEC(world, 600, 500, "/bin/creator", .second = 6);
	add_process(world, 30, 600, 500, "later", NULL);
	FORK(world, 600, 500, "/bin/creator", .child = 601, .second = 7);
	EXEC(world, 601, 1, "/bin/id", .second = 8);
	assert_lineage(world, "?(400) > init(500) > creator(600) > id(601)");
}

/* The creator, itself forked, becomes another program before /proc is asked. */
static void test_program_of_a_forked_creator_is_not_taken_from_proc(void **state)
{
	struct world *world = *state;

	EXEC(world, 500, 400, "/bin/server", .second = 1);
	FORK(world, 500, 400, "/bin/server", .child = 600, .second = 5);
	add_process(world, 5, 600, 500, "/bin/another", NULL);
	FORK(world, 600, 500, "/bin/server", .child = 601, .second = 6);
	EXEC(world, 600, 500, "/bin/another", .second = 7);
	EXEC(world, 601, 600, "/bin/id", .second = 8);
	assert_lineage(world, "?(400) > server(500) > server(600) > id(601)");
}

/* In a pid namespace too: 500 is its first process, which forks 2; that forks 3, and goes on with other
 * arguments before anyone looks. */
static void test_arguments_of_a_forked_creator_are_not_taken_from_proc(void **state)
{
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct world *world = *state;

	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 500, .ppid = 400, .nspid = "500\t1",
							    .start_ticks = (FIRST_SECOND + 1) * hz });
	EXEC(world, 500, 400, "/bin/server", .second = 1);
	FORK(world, 500, 400, "/bin/server", .child = 2, .second = 5);
	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 600, .ppid = 500, .nspid = "600\t2",
							    .exe = "/bin/server",
							    .cmdline = SPAN("/bin/server\0later\0"),
							    .start_ticks = (FIRST_SECOND + 5) * hz });
	FORK(world, 600, 500, "/bin/server", .child = 3, .second = 6);
	EXEC(world, 600, 500, "/bin/server", .argv = ARGV("/bin/server", "later"), .second = 7);
	assert_null(world->event.previous);
	EXEC(world, 601, 600, "/bin/id", .second = 8);
	assert_lineage(world, "?(400) > server(500) > server(600) > id(601)");
	assert_span(args_get(&world->event.parent.image->args, 1), "argument");
}

/* 500 is the first process of a namespace and forks 2 and 3. Of the one that is gone before anyone looks nobody
 * knows which it was, until the other shows its number: then no birth is left over for who is adopted later. */
static void test_number_that_was_guessed_is_corrected_by_the_next(void **state)
{
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct world *world = *state;

	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 500, .ppid = 400, .nspid = "500\t1",
							    .start_ticks = (FIRST_SECOND + 1) * hz });
	EXEC(world, 500, 400, "/bin/first", .second = 1);
	FORK(world, 500, 400, "/bin/first", .child = 2, .second = 5);
	FORK(world, 500, 400, "/bin/first", .child = 3, .second = 5);
	EXEC(world, 603, 500, "/bin/three", .second = 5);
	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 602, .ppid = 500, .nspid = "602\t2",
							    .start_ticks = (FIRST_SECOND + 5) * hz });
	EXEC(world, 602, 500, "/bin/two", .second = 6);
	assert_lineage(world, "?(400) > first(500) > two(602)");
	FORK(world, 500, 400, "/bin/first", .child = 4, .second = 7);
	FORK(world, 604, 500, "/bin/first", .child = 5, .second = 7);
	EXEC(world, 605, 500, "/bin/orphan", .second = 8);
	assert_lineage(world, "?(400) > first(500) > first(604) > orphan(605)");
	assert_int_equal(world->event.reparented_to, 500);
}

/* 500 is the first process of a namespace; 600 is its child 2, whose own child 3 is heard of before its fork's
 * record, and 600 has gone by then. No birth is left over for who is adopted later. */
static void test_creator_in_a_namespace_heard_of_late_leaves_no_birth(void **state)
{
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct world *world = *state;

	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 500, .ppid = 400, .nspid = "500\t1",
							    .start_ticks = (FIRST_SECOND + 1) * hz });
	EXEC(world, 500, 400, "/bin/first", .second = 1);
	FORK(world, 500, 400, "/bin/first", .child = 2, .second = 5);
	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 602, .ppid = 600, .nspid = "602\t3",
							    .start_ticks = (FIRST_SECOND + 5) * hz });
	EXEC(world, 602, 600, "/bin/three", .second = 5);
	assert_lineage(world, "?(600) > three(602)");
	FORK(world, 600, 500, "/bin/first", .child = 3, .second = 5);
	EXEC(world, 603, 602, "/bin/id", .second = 6);
	assert_lineage(world, "?(400) > first(500) > first(600) > three(602) > id(603)");
	FORK(world, 500, 400, "/bin/first", .child = 4, .second = 7);
	FORK(world, 604, 500, "/bin/first", .child = 5, .second = 7);
	EXEC(world, 605, 500, "/bin/orphan", .second = 8);
	assert_lineage(world, "?(400) > first(500) > first(604) > orphan(605)");
}

static void test_ended_creator_that_proc_still_lists_keeps_its_program(void **state)
{
	struct world *world = *state;
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);

	EXEC(world, 500, 400, "/bin/server", .second = 1);
	FORK(world, 500, 400, "/bin/server", .child = 600, .second = 5);
	fake_proc_add(&world->proc, &(struct fake_process){ .pid = 600, .ppid = 500, .comm = "server",
							    .state = 'Z',
							    .start_ticks = (FIRST_SECOND + 5) * hz });
	FORK(world, 600, 500, "/bin/server", .child = 601, .second = 5);
	EXEC(world, 601, 1, "/bin/id", .second = 6);
	assert_text(world->event.parent.image->executable, "/bin/server");
	assert_int_equal(world->event.parent.image->args.known, 2);
}

static void test_removed_program_is_still_the_same(void **state)
{
	struct world *world = *state;

	EXEC(world, 500, 400, "/tmp/x");
	FORK(world, 500, 400, "/tmp/x (deleted)", .child = 600);
	EXEC(world, 600, 500, "/bin/id");
	assert_text(world->event.parent.image->executable, "/tmp/x");
	assert_int_equal(world->event.parent.image->args.known, 2);
}

static void test_late_fork_record_of_an_ended_process_makes_no_other(void **state)
{
	struct world *world = *state;

	EXEC(world, 500, 400, "/bin/server", .second = 1);
	EXEC(world, 600, 500, "/bin/id", .second = 6);
	EXIT(world, 600, 500, "/bin/id", .second = 7);
	FORK(world, 500, 400, "/bin/server", .child = 600, .second = 5);
	EXEC(world, 601, 600, "/bin/ls", .second = 9);
	assert_lineage(world, "?(600) > ls(601)");
}

/* No fork record tells of it, and its session is not its parent's. */
static void test_session_of_another_tells_of_an_adoption(void **state)
{
	struct world *world = *state;

	add_led(world, -100, 1, 1, 1);
	add_led(world, -90, 500, 500, 500);
	add_led(world, 5, 600, 600, 500);
	EXEC(world, 600, 1, "/bin/orphan", .second = 5);
	assert_lineage(world, "orphan(600)");
	assert_int_equal(world->event.reparented_to, 1);
	assert_int_equal(world->event.session_leader.pid, 500);
	add_led(world, 6, 601, 601, 601);
	EXEC(world, 601, 1, "/bin/service", .second = 6);
	assert_lineage(world, "led(1) > service(601)");
	add_led(world, 7, 602, 602, 500);
	EXEC(world, 602, 500, "/bin/child", .second = 7);
	assert_lineage(world, "led(500) > child(602)");
}

#define REPLAY(name) cmocka_unit_test_setup_teardown(name, setup_replay, teardown)
#define SMALL(name)  cmocka_unit_test_setup_teardown(name, setup_small, teardown)
#define SMALL_LIVE(name) cmocka_unit_test_setup_teardown(name, setup_small_live, teardown)
#define LIVE(name)   cmocka_unit_test_setup_teardown(name, setup_live, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REPLAY(test_event_tells_what_the_records_told),
		REPLAY(test_parent_is_known_from_its_own_exec),
		REPLAY(test_system_call_goes_with_the_event),
		REPLAY(test_script_outlives_the_exec_of_env),
		REPLAY(test_script_of_the_creator_is_none_of_the_childs),
		REPLAY(test_entry_leader_is_the_login_shell),
		REPLAY(test_entry_of_a_service_is_init),
		REPLAY(test_entry_is_unknown_where_the_chain_ends),
		REPLAY(test_entry_is_found_behind_the_last_ancestor_of_the_event),
		REPLAY(test_replay_knows_no_leaders_of_groups_and_sessions),
		LIVE(test_leaders_are_looked_up_in_proc),
		LIVE(test_process_can_be_its_own_leader),
		LIVE(test_of_a_leader_that_is_gone_the_number_is_known),
		LIVE(test_process_that_is_gone_has_no_known_leaders),
		LIVE(test_variables_are_read_if_they_are_asked_for),
		REPLAY(test_of_an_unknown_parent_the_pid_is_known),
		REPLAY(test_first_process_of_all_has_no_parent),
		REPLAY(test_forked_worker_is_what_its_creator_was),
		REPLAY(test_worker_is_known_by_its_own_fork_record),
		REPLAY(test_fork_record_that_comes_after_the_exec_names_the_creator),
		REPLAY(test_fork_records_of_a_whole_chain_can_come_late),
		REPLAY(test_late_fork_record_with_a_namespaces_number_names_the_creator),
		REPLAY(test_younger_fork_record_names_the_parent_too),
		REPLAY(test_fork_record_does_not_overwrite_what_an_exec_told),
		REPLAY(test_creator_counts_not_the_adopter),
		REPLAY(test_orphan_that_execs_twice_keeps_its_creator),
		REPLAY(test_subreaper_adopts_as_init_does),
		REPLAY(test_only_ancestors_adopt),
		REPLAY(test_double_fork_is_followed),
		REPLAY(test_creator_is_shown_as_it_was_at_the_fork),
		REPLAY(test_exec_without_a_fork_keeps_the_parent),
		REPLAY(test_exit_ends_a_process_and_its_pid_can_be_reused),
		REPLAY(test_fork_of_a_reused_pid_is_another_processes),
		REPLAY(test_orphan_with_a_reused_pid_has_another_creator),
		REPLAY(test_pid_under_another_parent_is_reused),
		REPLAY(test_pid_that_its_parent_forked_again_is_reused),
		REPLAY(test_pid_is_reused_when_its_parent_became_another_program),
		REPLAY(test_process_can_become_another_program_after_its_parent_did),
		REPLAY(test_orphan_that_was_long_unheard_of_is_another_process),
		REPLAY(test_dead_creator_is_named_until_its_pid_is_reused),
		REPLAY(test_dead_process_starts_nothing),
		REPLAY(test_exit_of_another_process_with_that_pid_ends_nothing),
		REPLAY(test_number_of_a_pid_namespace_does_not_replace_a_live_process),
		REPLAY(test_number_of_a_pid_namespace_does_not_end_a_live_process),
		REPLAY(test_number_of_a_pid_namespace_is_not_believed_against_a_record),
		REPLAY(test_thread_is_no_process),
		REPLAY(test_caller_is_known_by_the_record_of_its_thread),
		REPLAY(test_worker_that_changed_its_user_is_shown_with_it),
		REPLAY(test_program_that_was_missed_is_known_by_a_fork_record),
		REPLAY(test_equal_pids_of_two_nodes_are_two_processes),
		REPLAY(test_ancestors_are_bounded_and_the_nearest_are_kept),
		REPLAY(test_processes_that_are_each_others_parents_are_borne),
		SMALL(test_processes_are_bounded),
		SMALL(test_dead_are_forgotten_before_the_living),
		SMALL(test_process_that_has_children_is_not_forgotten),
		SMALL(test_child_of_a_forgotten_process_still_knows_it),
		SMALL_LIVE(test_long_chain_in_proc_does_not_fit),
		REPLAY(test_replay_finds_no_container),
		LIVE(test_parent_is_looked_up_in_proc),
		LIVE(test_caller_of_a_fork_is_looked_up_in_proc),
		LIVE(test_proc_says_nothing_about_who_started_after_the_event),
		LIVE(test_container_of_who_started_after_the_event_is_not_taken),
		LIVE(test_parent_whose_pid_was_reused_is_looked_up_again),
		LIVE(test_pid_that_was_reused_has_no_previous_program),
		LIVE(test_start_of_another_process_is_told_exactly),
		LIVE(test_what_records_told_counts_more_than_proc),
		LIVE(test_creator_of_a_late_fork_records_caller_is_looked_up_in_proc),
		LIVE(test_forked_worker_is_confirmed_by_proc),
		LIVE(test_start_in_proc_does_not_speak_against_the_fork_record),
		LIVE(test_orphan_that_proc_shows_keeps_its_creator),
		LIVE(test_child_of_a_large_process_begins_later_than_its_fork),
		LIVE(test_number_of_a_pid_namespace_is_corrected_by_proc),
		LIVE(test_number_of_a_pid_namespace_is_no_process_that_started_later),
		LIVE(test_number_of_a_pid_namespace_is_no_process_that_started_before),
		LIVE(test_number_of_a_pid_namespace_is_no_service_that_started_before),
		LIVE(test_numbers_of_processes_in_an_inner_namespace_are_not_entered),
		LIVE(test_child_of_a_creator_that_lives_was_not_adopted),
		LIVE(test_process_that_lives_on_is_adopted_however_late),
		LIVE(test_scan_learns_who_lives),
		LIVE(test_workers_that_a_service_forks_later_are_looked_up),
		LIVE(test_scan_does_not_take_a_younger_process_for_a_parent),
		REPLAY(test_without_proc_there_is_nothing_to_scan),
		LIVE(test_proc_says_nothing_about_other_machines),
		LIVE(test_records_of_this_machine_are_one_node_named_or_not),
		LIVE(test_session_of_another_tells_of_an_adoption),
		REPLAY(test_orphan_in_a_namespace_keeps_its_creator),
		REPLAY(test_ending_creator_in_a_namespace_is_the_parent),
		REPLAY(test_child_in_a_namespace_met_before_its_fork_is_no_orphan),
		REPLAY(test_one_of_several_creators_in_a_namespace_is_unknown),
		REPLAY(test_namespace_with_large_numbers_is_told_by_unshare),
		REPLAY(test_namespace_is_told_by_the_flags_of_clone),
		REPLAY(test_pid_given_again_in_the_same_instant),
		REPLAY(test_pids_of_creator_and_child_given_again),
		LIVE(test_orphan_keeps_its_creator_whose_pid_is_given_again_at_once),
		LIVE(test_who_has_the_pid_later_is_not_taken_for_the_caller),
		LIVE(test_program_of_a_forked_creator_is_not_taken_from_proc),
		LIVE(test_arguments_of_a_forked_creator_are_not_taken_from_proc),
		LIVE(test_number_that_was_guessed_is_corrected_by_the_next),
		LIVE(test_creator_in_a_namespace_heard_of_late_leaves_no_birth),
		LIVE(test_ended_creator_that_proc_still_lists_keeps_its_program),
		REPLAY(test_removed_program_is_still_the_same),
		REPLAY(test_late_fork_record_of_an_ended_process_makes_no_other),
		cmocka_unit_test(test_local_node_is_told_by_its_name),
		LIVE(test_names_that_records_lack_are_asked_for),
		LIVE(test_container_is_read_from_the_process_itself),
		LIVE(test_container_of_a_process_that_is_gone_is_its_creators),
		LIVE(test_creator_of_a_late_fork_record_is_in_its_creators_container),
		LIVE(test_container_is_passed_down_a_chain_of_late_fork_records),
		LIVE(test_process_keeps_its_container_through_a_missed_exec),
		LIVE(test_outside_of_containers_is_known_too),
		LIVE(test_own_container_counts_more_than_the_creators),
		LIVE(test_what_a_process_that_ends_does_not_show_is_its_creators),
		LIVE(test_container_is_not_inherited_through_a_runtime),
		REPLAY(test_container_that_is_gone_is_named_by_what_ran_it),
		LIVE(test_container_that_is_gone_is_named_by_what_ran_it),
		REPLAY(test_children_of_a_shim_are_in_its_container),
		LIVE(test_children_of_a_shim_are_in_its_container),
		LIVE(test_helpers_of_a_runtime_are_in_no_container_of_its),
		LIVE(test_shim_in_a_container_is_not_believed),
		REPLAY(test_runtime_that_a_container_brings_is_not_believed),
		LIVE(test_runtime_that_was_looked_at_passes_nothing_on),
		LIVE(test_child_of_nobody_known_is_in_no_known_container),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
