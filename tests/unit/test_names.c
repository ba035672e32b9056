/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper for names, for real, with a name service of the test's own: nss_slow.c. */
#include "audit_process_support.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <libgen.h>
#include <nss.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "nss_slow.h"
#include "privilege/names.h"
#include "privilege/names_helper.h"
#include "process/procfs.h"

#define PATIENCE_S 1
#define SLACK_MS   400 /* of a machine that has other things to do */
#define LIMIT_MS   5000

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(int ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

/* --- processes --- */

static pid_t parent_of(pid_t pid)
{
	char path[64], text[512];
	struct procfs_stat stat;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	return procfs_parse_stat((struct span){ text, n }, &stat) ? stat.ppid : 0;
}

/* Finds at most `size` children. Returns how many. */
static size_t children_of(pid_t parent, pid_t children[], size_t size)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(proc);
	while ((entry = readdir(proc))) {
		pid_t pid = (pid_t)atoi(entry->d_name);

		if (pid > 0 && n < size && parent_of(pid) == parent)
			children[n++] = pid;
	}
	closedir(proc);
	return n;
}

/* The helper and its workers, in the order in which they were forked. */
static void find_helper(pid_t plugin, pid_t found[3])
{
	int64_t until = now_ms() + LIMIT_MS;

	do {
		found[0] = found[1] = found[2] = 0;
		if (children_of(plugin, found, 1) == 1 && children_of(found[0], found + 1, 2) == 2)
			return;
		pause_ms(1);
	} while (now_ms() < until);
	fail_msg("there is no helper with two workers");
}

static bool is_there(pid_t pid)
{
	char path[64], text[256];
	FILE *file;
	bool there;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	/* Whoever adopts it may take its time to bury it. */
	there = fgets(text, sizeof(text), file) && !strstr(text, ") Z ") && !strstr(text, ") X ");
	fclose(file);
	return there;
}

static int64_t ms_until_gone(const pid_t pids[3])
{
	int64_t began = now_ms();

	while (is_there(pids[0]) || is_there(pids[1]) || is_there(pids[2])) {
		assert_true(now_ms() - began < LIMIT_MS);
		pause_ms(1);
	}
	return now_ms() - began;
}

/* --- questions --- */

struct asked {
	enum users_answer answer;
	char name[USERS_MAX_NAME];
	uint64_t ticket;
	int64_t ms; /* it took */
};

static struct asked ask_user(struct names *names, uint32_t id)
{
	const struct users_question question = { .id = id };
	struct users_source source = names_source(names);
	int64_t began = now_ms();
	struct asked asked;

	asked.answer = source.ask(source.from, &question, &asked.ticket, asked.name);
	asked.ms = now_ms() - began;
	return asked;
}

/* Takes the next late answer, which must come. */
static struct asked await_late(struct names *names)
{
	struct users_source source = names_source(names);
	int64_t until = now_ms() + LIMIT_MS;
	struct asked late;

	do {
		late.ticket = source.take(source.from, &late.answer, late.name);
		if (late.ticket)
			return late;
		pause_ms(1);
	} while (now_ms() < until);
	fail_msg("no answer came");
	return late;
}

/* The answer, whether it is late or not. No other question may be open. */
static struct asked ask_patiently(struct names *names, const struct users_question *question)
{
	struct users_source source = names_source(names);
	struct asked asked;

	asked.answer = source.ask(source.from, question, &asked.ticket, asked.name);
	return asked.ticket ? await_late(names) : asked;
}

/* Asks until the answer comes, late or not. */
static void await_named(struct names *names, uint32_t id, const char *name)
{
	struct users_source source = names_source(names);
	int64_t until = now_ms() + LIMIT_MS;
	struct asked asked;

	do {
		asked = ask_user(names, id);
		if (asked.answer == USERS_NAMED) {
			assert_text(asked.name, name);
			return;
		}
		pause_ms(20);
		while (source.take(source.from, &asked.answer, asked.name)) {
			if (asked.answer == USERS_NAMED && !strcmp(asked.name, name))
				return;
		}
	} while (now_ms() < until);
	fail_msg("it does not answer any more");
}

static int setup(void **state)
{
	signal(SIGCHLD, SIG_IGN);
	*state = names_start(NULL, PATIENCE_S);
	return !*state;
}

static int teardown(void **state)
{
	pid_t pids[3] = { 0 };

	names_free(*state);
	if (children_of(getpid(), pids, 1))
		ms_until_gone((pid_t[]){ pids[0], pids[0], pids[0] });
	return 0;
}

/* --- tests --- */

static void test_a_name_comes_at_once(void **state)
{
	const struct users_question nameless = { .id = SLOW_NAMELESS };
	size_t at_once = 0;

	await_named(*state, SLOW_BY(0), "slow-100000");
	for (int i = 0; i < 10; i++) {
		struct asked asked = ask_user(*state, SLOW_BY(1));

		assert_true(asked.ms < NAMES_MAX_WAIT_MS + SLACK_MS);
		if (asked.ticket)
			asked = await_late(*state);
		else
			at_once++;
		assert_int_equal(asked.answer, USERS_NAMED);
		assert_text(asked.name, "slow-100001");
	}
	assert_true(at_once > 0);
	assert_int_equal(ask_patiently(*state, &nameless).answer, USERS_NAMELESS);
}

/* As at boot: the second service is not there yet, and the first one's answer is good. */
static void test_local_users_are_known_without_the_other_service(void **state)
{
	const struct users_question unknown = { .id = SLOW_UNAVAILABLE };

	await_named(*state, 0, "root");
	assert_int_not_equal(ask_patiently(*state, &unknown).answer, USERS_NAMED);
	await_named(*state, 0, "root");
}

static void test_groups_are_asked_for(void **state)
{
	const struct users_question question = { .id = 0, .is_group = true };
	struct asked asked;

	await_named(*state, 0, "root");
	asked = ask_patiently(*state, &question);
	assert_int_equal(asked.answer, USERS_NAMED);
	assert_text(asked.name, "root");
}

static void test_a_slow_service_is_waited_for_once(void **state)
{
	struct asked first, second, late;
	int64_t waited = 0;

	await_named(*state, SLOW_BY(0), "slow-100000");
	/* All of the time that may be spent waiting is earned again by then. */
	pause_ms(10 * NAMES_MAX_WAIT_MS);
	first = ask_user(*state, SLOW_BY(700));
	assert_int_equal(first.answer, USERS_LATER);
	assert_int_not_equal(first.ticket, 0);
	assert_in_range(first.ms, NAMES_MAX_WAIT_MS / 2, NAMES_MAX_WAIT_MS + SLACK_MS);
	for (int i = 0; i < 10; i++) {
		second = ask_user(*state, SLOW_BY(1));
		assert_int_equal(second.answer, USERS_LATER);
		waited += second.ms;
	}
	assert_true(waited < SLACK_MS);
	late = await_late(*state);
	assert_int_equal(late.ticket, first.ticket);
	assert_text(late.name, "slow-100700");
	for (int i = 0; i < 10; i++) {
		late = await_late(*state);
		assert_text(late.name, "slow-100001");
	}
	assert_int_equal(late.ticket, second.ticket);
}

/* A service that takes 60 ms for each is never late enough to be noticed by a single question. */
static void test_a_tenth_of_the_time_is_spent_waiting(void **state)
{
	int64_t began, waited = 0;
	struct users_source source = names_source(*state);
	struct asked late;

	await_named(*state, SLOW_BY(0), "slow-100000");
	pause_ms(1000);
	began = now_ms();
	while (now_ms() - began < 1500) {
		waited += ask_user(*state, SLOW_BY(60)).ms;
		while (source.take(source.from, &late.answer, late.name))
			;
		pause_ms(5);
	}
	assert_in_range(waited, 60, NAMES_MAX_WAIT_MS + 150 + 2 * SLACK_MS);
}

static void test_a_service_that_hangs_is_replaced(void **state)
{
	pid_t before[3], after[3];

	find_helper(getpid(), before);
	await_named(*state, SLOW_BY(0), "slow-100000");
	assert_int_equal(ask_user(*state, SLOW_HANGS).answer, USERS_LATER);
	await_named(*state, SLOW_BY(2), "slow-100002");
	assert_false(names_lost(*state));
	find_helper(getpid(), after);
	assert_int_equal(after[0], before[0]);
	assert_false(is_there(before[1]) && is_there(before[2]));
}

static void test_a_service_that_crashes_is_replaced(void **state)
{
	await_named(*state, SLOW_BY(0), "slow-100000");
	assert_int_equal(ask_user(*state, SLOW_CRASHES).answer, USERS_LATER);
	await_named(*state, SLOW_BY(3), "slow-100003");
	assert_false(names_lost(*state));
}

static void test_killed_workers_are_replaced(void **state)
{
	pid_t pids[3];

	find_helper(getpid(), pids);
	await_named(*state, SLOW_BY(0), "slow-100000");
	assert_int_equal(kill(pids[1], SIGKILL), 0);
	assert_int_equal(kill(pids[2], SIGKILL), 0);
	await_named(*state, SLOW_BY(4), "slow-100004");
	find_helper(getpid(), pids);
}

static void test_a_lost_helper_costs_no_time(void **state)
{
	struct users_source source = names_source(*state);
	struct asked asked = { 0 };
	pid_t pids[3];

	find_helper(getpid(), pids);
	assert_false(names_lost(*state));
	assert_int_equal(kill(pids[0], SIGKILL), 0);
	ms_until_gone(pids);
	for (int i = 0; i < 100; i++) {
		asked = ask_user(*state, 0);
		assert_int_equal(asked.answer, USERS_LATER);
		assert_true(asked.ms < SLACK_MS);
	}
	assert_int_equal(asked.ticket, 0);
	assert_true(names_lost(*state));
	assert_int_equal(source.take(source.from, &asked.answer, asked.name), 0);
}

static void test_open_questions_are_bounded(void **state)
{
	struct asked asked = { 0 };
	size_t open = 0;

	await_named(*state, SLOW_BY(0), "slow-100000");
	for (int i = 0; i < 10 * NAMES_MAX_PENDING; i++) {
		asked = ask_user(*state, SLOW_BY(900));
		open += asked.ticket != 0;
	}
	assert_int_equal(open, NAMES_MAX_PENDING);
}

/* Nothing of the plugin's stays open there: auditd would not see its end. */
static void test_the_helper_holds_nothing(void **state)
{
	char path[64], target[256];
	pid_t pids[3];

	await_named(*state, SLOW_BY(0), "slow-100000");
	find_helper(getpid(), pids);
	for (size_t i = 0; i < 3; i++) {
		struct dirent *entry;
		size_t sockets = 0;
		DIR *folder;

		snprintf(path, sizeof(path), "/proc/%d/fd", (int)pids[i]);
		folder = opendir(path);
		assert_non_null(folder);
		while ((entry = readdir(folder))) {
			ssize_t n = readlinkat(dirfd(folder), entry->d_name, target,
					       sizeof(target) - 1);

			if (n < 0)
				continue;
			target[n] = '\0';
			if (!strncmp(target, "socket:", 7))
				sockets++;
			else if (strcmp(target, "/dev/null") != 0 && strcmp(target, "/proc") != 0)
				fail_msg("%s is open", target);
		}
		closedir(folder);
		assert_int_equal(sockets, i ? 1 : NAMES_OF);
	}
}

/* Stands for a plugin that is killed: in a process of its own, which asks what `id` says and waits.
 */
static void test_it_ends_with_the_plugin(void **state)
{
	static const uint32_t ids[] = { SLOW_BY(0), SLOW_HANGS };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		pid_t pids[3], plugin = fork();

		assert_true(plugin >= 0);
		if (!plugin) {
			struct names *names = names_start(NULL, 60);

			ask_user(names, ids[i]);
			pause();
			_exit(0);
		}
		find_helper(plugin, pids);
		pause_ms(50);
		assert_int_equal(kill(plugin, SIGKILL), 0);
		assert_true(ms_until_gone(pids) < 50 + SLACK_MS);
		waitpid(plugin, NULL, 0);
	}
}

static void test_it_ends_when_nobody_asks_any_more(void **state)
{
	struct names *names;
	pid_t pids[3];

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	names = names_start(NULL, PATIENCE_S);
	assert_non_null(names);
	find_helper(getpid(), pids);
	names_free(names);
	assert_true(ms_until_gone(pids) < 50 + SLACK_MS);
}

static const char *status_line(pid_t pid, const char *name, char text[4096])
{
	char path[64];
	char *line;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	n = fread(text, 1, 4095, file);
	fclose(file);
	text[n] = '\0';
	line = strstr(text, name);
	assert_non_null(line);
	line += strlen(name);
	*strchrnul(line, '\n') = '\0';
	return line;
}

static void test_workers_hold_what_they_need(void **state)
{
	const struct account nobody = { 65534, 65534 };
	const char *machine = "0000000000000000", *containers = "0000000000080004";
	bool seen_machine = false, seen_containers = false;
	struct names *names;
	char text[4096];
	pid_t pids[3];

	(void)state;
	if (geteuid() != 0) {
		print_message("SKIP: only root has privileges to drop\n");
		skip();
	}
	signal(SIGCHLD, SIG_IGN);
	names = names_start(&nobody, PATIENCE_S);
	assert_non_null(names);
	await_named(names, SLOW_BY(0), "slow-100000");
	pause_ms(100);
	find_helper(getpid(), pids);
	for (size_t i = 1; i < 3; i++) {
		const char *held;

		assert_text(status_line(pids[i], "\nUid:", text), "\t65534\t65534\t65534\t65534");
		assert_text(status_line(pids[i], "\nNoNewPrivs:", text), "\t1");
		assert_text(status_line(pids[i], "\nCapBnd:", text), "\t0000000000000000");
		held = status_line(pids[i], "\nCapEff:", text) + 1;
		seen_machine = seen_machine || !strcmp(held, machine);
		seen_containers = seen_containers || !strcmp(held, containers);
	}
	assert_true(seen_machine && seen_containers);
	names_free(names);
	ms_until_gone(pids);
}

/* This process itself, which is in the machine's own namespaces, will do for a container. */
static void test_a_process_of_a_container_is_asked(void **state)
{
	struct users_question question = { .id = 0, .pid = getpid() };
	struct asked asked;

	if (geteuid() != 0) {
		print_message("SKIP: only root can look into other processes' roots\n");
		skip();
	}
	await_named(*state, 0, "root");
	asked = ask_patiently(*state, &question);
	assert_int_equal(asked.answer, USERS_NAMED);
	assert_text(asked.name, "root");
	/* Another process, which had its number once. */
	question.ticks = 1;
	assert_int_equal(ask_patiently(*state, &question).answer, USERS_LATER);
}

#define NAMES_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		NAMES_TEST(test_a_name_comes_at_once),
		NAMES_TEST(test_local_users_are_known_without_the_other_service),
		NAMES_TEST(test_groups_are_asked_for),
		NAMES_TEST(test_a_slow_service_is_waited_for_once),
		NAMES_TEST(test_a_tenth_of_the_time_is_spent_waiting),
		NAMES_TEST(test_a_service_that_hangs_is_replaced),
		NAMES_TEST(test_a_service_that_crashes_is_replaced),
		NAMES_TEST(test_killed_workers_are_replaced),
		NAMES_TEST(test_a_lost_helper_costs_no_time),
		NAMES_TEST(test_open_questions_are_bounded),
		NAMES_TEST(test_the_helper_holds_nothing),
		NAMES_TEST(test_a_process_of_a_container_is_asked),
		cmocka_unit_test(test_it_ends_with_the_plugin),
		cmocka_unit_test(test_it_ends_when_nobody_asks_any_more),
		cmocka_unit_test(test_workers_hold_what_they_need),
	};
	char path[4096];

	(void)argc;
	/* The C library finds a module that is loaded by its name. */
	snprintf(path, sizeof(path), "%s/nss_slow.so", dirname(argv[0]));
	if (!dlopen(path, RTLD_NOW | RTLD_GLOBAL)) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	__nss_configure_lookup("passwd", "files slow");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
