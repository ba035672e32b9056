/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include <unistd.h>

#include "audit/auditd_log.h"
#include "audit/ranges.h"

/* Something happens between the read that finds the end of a file and what comes of it. */
static void (*at_end)(void *user);
static void *at_end_user;

static ssize_t pread_and_more(int fd, void *data, size_t size, off_t offset)
{
	ssize_t n = pread(fd, data, size, offset);
	void (*happen)(void *user) = at_end;

	if (n == 0 && happen) {
		at_end = NULL;
		happen(at_end_user);
	}
	return n;
}

#define pread pread_and_more
#include "../../plugin/audit/readback.c"
#undef pread

#define BASE 1795320000 /* seconds since 1970: the time of serial 0; each event is a second later */

/* A folder with auditd's configuration and log, and what a search in it came to. */
struct logs {
	char path[64];
	char conf[96];
	struct syscalls *syscalls;
	struct readback *readback;
	int64_t now, wall;
	char found[4096]; /* the serials, each with a blank */
	char lost[512];	  /* FIRST-LAST, each with a blank */
	char lines[65536]; /* of the last event found */
};

static int set_up(void **state)
{
	struct logs *logs = mem_zalloc(sizeof(*logs));

	snprintf(logs->path, sizeof(logs->path), "/tmp/auspawn-log-XXXXXX");
	assert_non_null(mkdtemp(logs->path));
	snprintf(logs->conf, sizeof(logs->conf), "%s/auditd.conf", logs->path);
	logs->syscalls = syscalls_new();
	logs->wall = (BASE + 3000) * 1000LL;
	*state = logs;
	return 0;
}

static int tear_down(void **state)
{
	struct logs *logs = *state;

	readback_free(logs->readback);
	syscalls_free(logs->syscalls);
	assert_int_equal(nftw(logs->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(logs);
	return 0;
}

static FILE *open_file(const struct logs *logs, const char *name, const char *mode)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", logs->path, name);
	file = fopen(path, mode);
	assert_non_null(file);
	return file;
}

static void write_conf(const struct logs *logs, const char *settings)
{
	FILE *file = open_file(logs, "auditd.conf", "we");

	fprintf(file, "# a comment\nlog_file = %s/audit.log\n%s", logs->path, settings);
	fclose(file);
}

static void write_exec(FILE *file, const char *prefix, unsigned int serial, const char *type)
{
	fprintf(file, "%stype=%s msg=audit(%u.000:%u): ", prefix, type, BASE + serial, serial);
}

/* An exec as it stands on disk, without EOE. */
static void write_event(FILE *file, const char *prefix, unsigned int serial)
{
	write_exec(file, prefix, serial, "SYSCALL");
	fprintf(file, "arch=c000003e syscall=59 success=yes exit=0 a0=1 ppid=1 pid=%u comm=\"sh\" exe=\"/bin/sh\" "
		      "key=\"exec\"\x1d" "ARCH=x86_64\n", 100 + serial);
	write_exec(file, prefix, serial, "EXECVE");
	fprintf(file, "argc=3 a0=\"sh\" a1=\"-c\" a2=\"id\"\n");
	write_exec(file, prefix, serial, "CWD");
	fprintf(file, "cwd=\"/\"\n");
	write_exec(file, prefix, serial, "PROCTITLE");
	fprintf(file, "proctitle=\"sh\"\n");
}

static void write_log(const struct logs *logs, const char *name, const char *prefix, unsigned int first,
		      unsigned int last)
{
	FILE *file = open_file(logs, name, "ae");

	for (unsigned int serial = first; serial <= last; serial++)
		write_event(file, prefix, serial);
	fclose(file);
}

static void on_found(void *user, const struct gathered *event)
{
	struct logs *logs = user;
	size_t length = strlen(logs->found);

	snprintf(logs->found + length, sizeof(logs->found) - length, "%" PRIu64 " ", event->stamp.serial);
	snprintf(logs->lines, sizeof(logs->lines), "%s", event->lines);
}

static void on_lost(void *user, const struct serial_loss *loss)
{
	struct logs *logs = user;
	size_t length = strlen(logs->lost);

	assert_int_equal(loss->count, loss->last - loss->first + 1);
	snprintf(logs->lost + length, sizeof(logs->lost) - length, "%" PRIu64 "-%" PRIu64 " ", loss->first,
		 loss->last);
}

static void make(struct logs *logs)
{
	/* A configuration is gone after a reload. */
	char *conf = mem_strdup(logs->conf);
	const struct readback_settings settings = { conf, 3600000 };
	const struct readback_handlers handlers = { on_found, on_lost, logs };

	logs->readback = readback_new(&settings, logs->syscalls, &handlers);
	memset(conf, 'x', strlen(conf));
	free(conf);
}

static void want(struct logs *logs, const char *node, unsigned int first, unsigned int last)
{
	const struct serial_loss loss = {
		.node = node,
		.first = first,
		.last = last,
		.count = last - first + 1,
		.from = (BASE + first - 1) * 1000LL,
		.until = (BASE + last + 1) * 1000LL,
	};

	readback_want(logs->readback, &loss);
}

/* Makes all the steps that there are, as time goes by. */
static void search(struct logs *logs)
{
	int64_t due;

	for (int i = 0; (due = readback_deadline(logs->readback)) >= 0; i++) {
		assert_true(i < 10000);
		if (due > logs->now)
			logs->now = due;
		readback_step(logs->readback, logs->now, logs->wall);
	}
}

/* Files of a log: which serials are in which. */
struct file {
	const char *name;
	unsigned int first, last;
};

static const struct {
	const char *name;
	const char *conf;
	struct file files[5];
	unsigned int first, last; /* what is missing */
	const char *found, *lost;
} cases[] = {
	{ "in the youngest file", "", { { "audit.log", 1, 20 } }, 5, 7, "5 6 7 ", "" },
	{ "at its begin", "", { { "audit.log", 5, 20 } }, 5, 5, "5 ", "" },
	{ "at its end", "", { { "audit.log", 1, 20 } }, 20, 20, "20 ", "" },
	{ "in an older one", "", { { "audit.log", 201, 300 }, { "audit.log.1", 101, 200 }, { "audit.log.2", 1, 100 } },
	  50, 52, "50 51 52 ", "" },
	{ "in the oldest one, at its begin", "",
	  { { "audit.log", 201, 300 }, { "audit.log.1", 101, 200 }, { "audit.log.2", 1, 100 } }, 1, 2, "1 2 ", "" },
	{ "over three", "", { { "audit.log", 9, 20 }, { "audit.log.1", 8, 8 }, { "audit.log.2", 1, 7 } }, 6, 10,
	  "6 7 8 9 10 ", "" },
	{ "the youngest has nothing yet", "", { { "audit.log", 1, 0 }, { "audit.log.1", 1, 20 } }, 6, 7, "6 7 ", "" },
	{ "some are not there", "", { { "audit.log", 10, 20 } }, 8, 11, "10 11 ", "8-9 " },
	{ "none is there any more", "", { { "audit.log", 100, 120 } }, 8, 11, "", "8-11 " },
	{ "none is there yet", "", { { "audit.log", 1, 20 } }, 30, 40, "", "30-40 " },
	{ "there is no log", "", { { NULL, 0, 0 } }, 8, 11, "", "8-11 " },
	{ "auditd writes none", "write_logs = no\n", { { "audit.log", 1, 20 } }, 8, 11, "", "8-11 " },
	{ "nor under its old name", "log_format = NOLOG\n", { { "audit.log", 1, 20 } }, 8, 11, "", "8-11 " },
	{ "a file that is none of the log", "num_logs = 2\n",
	  { { "audit.log", 201, 300 }, { "audit.log.1", 101, 200 }, { "audit.log.3", 1, 100 } }, 50, 52, "", "50-52 " },
	{ "files that are many kilobytes", "",
	  { { "audit.log", 1501, 2900 }, { "audit.log.1", 1, 1500 } }, 1200, 1202, "1200 1201 1202 ", "" },
};

static void test_cases(void **state)
{
	struct logs *logs = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		tear_down(state);
		set_up(state);
		logs = *state;
		write_conf(logs, cases[i].conf);
		for (size_t n = 0; n < ARRAY_SIZE(cases[i].files) && cases[i].files[n].name; n++)
			write_log(logs, cases[i].files[n].name, "", cases[i].files[n].first, cases[i].files[n].last);
		make(logs);
		want(logs, NULL, cases[i].first, cases[i].last);
		search(logs);
		if (strcmp(logs->found, cases[i].found) || strcmp(logs->lost, cases[i].lost))
			print_error("%s:\n", cases[i].name);
		assert_string_equal(logs->found, cases[i].found);
		assert_string_equal(logs->lost, cases[i].lost);
	}
}

static void test_an_event_is_whole(void **state)
{
	struct logs *logs = *state;

	write_conf(logs, "");
	write_log(logs, "audit.log", "node=web1 ", 1, 9);
	make(logs);
	want(logs, "web1", 4, 4);
	search(logs);
	assert_string_equal(logs->found, "4 ");
	assert_string_equal(
		logs->lines,
		"node=web1 type=SYSCALL msg=audit(1795320004.000:4): arch=c000003e syscall=59 success=yes exit=0 a0=1 "
		"ppid=1 pid=104 comm=\"sh\" exe=\"/bin/sh\" key=\"exec\"\x1d" "ARCH=x86_64\n"
		"node=web1 type=EXECVE msg=audit(1795320004.000:4): argc=3 a0=\"sh\" a1=\"-c\" a2=\"id\"\n"
		"node=web1 type=CWD msg=audit(1795320004.000:4): cwd=\"/\"\n");
}

static void test_nodes_are_told_apart(void **state)
{
	struct logs *logs = *state;

	write_conf(logs, "");
	for (unsigned int serial = 1; serial < 10; serial++) {
		write_log(logs, "audit.log", "node=one ", serial, serial);
		write_log(logs, "audit.log", "node=two ", serial, serial);
		write_log(logs, "audit.log", "", serial, serial);
	}
	make(logs);
	want(logs, "two", 4, 5);
	want(logs, "twofold", 6, 6);
	want(logs, NULL, 7, 7);
	search(logs);
	assert_string_equal(logs->found, "4 5 7 ");
	assert_string_equal(logs->lost, "6-6 ");
}

static void test_several_gaps_are_one_search(void **state)
{
	struct logs *logs = *state;

	write_conf(logs, "");
	write_log(logs, "audit.log.1", "", 1, 50);
	write_log(logs, "audit.log", "", 51, 90);
	make(logs);
	want(logs, NULL, 60, 61);
	want(logs, NULL, 4, 5);
	want(logs, NULL, 95, 96);
	search(logs);
	assert_string_equal(logs->found, "4 5 60 61 ");
	assert_string_equal(logs->lost, "95-96 ");
	assert_int_equal(readback_stats(logs->readback)->searches, 1);
	assert_int_equal(readback_stats(logs->readback)->found, 4);
	assert_int_equal(readback_stats(logs->readback)->lost, 2);
}

static void test_what_is_too_old_is_not_searched(void **state)
{
	struct logs *logs = *state;

	write_conf(logs, "");
	write_log(logs, "audit.log", "", 1, 20);
	make(logs);
	/* Logs are not quite in order, and so neither is the bound. */
	logs->wall = (BASE + 10 + 3600) * 1000LL + READBACK_BEFORE_MS;
	want(logs, NULL, 6, 12);
	search(logs);
	assert_string_equal(logs->found, "10 11 12 ");
	assert_string_equal(logs->lost, "6-9 ");
}

/* auditd writes it a moment later. */
static void test_what_is_not_there_yet_is_waited_for(void **state)
{
	struct logs *logs = *state;

	write_conf(logs, "");
	write_log(logs, "audit.log", "", 1, 20);
	make(logs);
	logs->wall = (BASE + 24) * 1000LL;
	want(logs, NULL, 21, 22);
	for (int i = 0; i < 10 && readback_deadline(logs->readback) <= logs->now; i++)
		readback_step(logs->readback, logs->now, logs->wall);
	assert_int_equal(readback_deadline(logs->readback), logs->now + READBACK_AGAIN_MS);
	assert_string_equal(logs->lost, "");
	write_log(logs, "audit.log", "", 21, 23);
	search(logs);
	assert_string_equal(logs->found, "21 22 ");
	assert_string_equal(logs->lost, "");
}

static void rename_file(const struct logs *logs, const char *from, const char *to)
{
	char old[128], new[128];

	snprintf(old, sizeof(old), "%s/%s", logs->path, from);
	snprintf(new, sizeof(new), "%s/%s", logs->path, to);
	assert_int_equal(rename(old, new), 0);
}

/* Rotated at every step that a search can take, each time by two. */
static void test_files_are_set_aside_meanwhile(void **state)
{
	for (int at = 0; at < 20; at++) {
		struct logs *logs;

		tear_down(state);
		set_up(state);
		logs = *state;
		write_conf(logs, "");
		write_log(logs, "audit.log.1", "", 1, 300);
		write_log(logs, "audit.log", "", 301, 600);
		make(logs);
		want(logs, NULL, 290, 310);
		for (int i = 0; i < at; i++)
			readback_step(logs->readback, logs->now, logs->wall);
		rename_file(logs, "audit.log.1", "audit.log.3");
		rename_file(logs, "audit.log", "audit.log.2");
		write_log(logs, "audit.log.1", "", 601, 700);
		write_log(logs, "audit.log", "", 701, 710);
		search(logs);
		assert_string_equal(logs->lost, "");
		assert_string_equal(logs->found, "290 291 292 293 294 295 296 297 298 299 300 301 302 303 304 305 306 "
						 "307 308 309 310 ");
	}
}

static void write_and_rotate(void *user)
{
	struct logs *logs = user;

	write_log(logs, "audit.log", "", 21, 22);
	rename_file(logs, "audit.log", "audit.log.1");
	write_log(logs, "audit.log", "", 23, 30);
}

static void write_and_remove(void *user)
{
	struct logs *logs = user;
	char path[128];

	write_log(logs, "audit.log", "", 21, 22);
	snprintf(path, sizeof(path), "%s/audit.log", logs->path);
	assert_int_equal(unlink(path), 0);
	write_log(logs, "audit.log", "", 23, 30);
}

/* auditd writes more and sets the file aside just when its end was seen. */
static void test_a_file_is_set_aside_when_its_end_was_seen(void **state)
{
	void (*const happenings[])(void *user) = { write_and_rotate, write_and_remove };

	for (size_t i = 0; i < ARRAY_SIZE(happenings); i++) {
		struct logs *logs;

		tear_down(state);
		set_up(state);
		logs = *state;
		write_conf(logs, "");
		write_log(logs, "audit.log", "", 1, 20);
		make(logs);
		want(logs, NULL, 19, 24);
		at_end = happenings[i];
		at_end_user = logs;
		search(logs);
		assert_null(at_end);
		assert_string_equal(logs->found, "19 20 21 22 23 24 ");
		assert_string_equal(logs->lost, "");
	}
}

/* A folder, or a FIFO, where a file should be, ends a search. */
static void test_what_is_no_file_is_passed_over(void **state)
{
	static const char *const names[] = { "audit.log", "audit.log.1", "audit.log.2" };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(names); i++) {
		struct logs *logs;
		char path[128];

		tear_down(state);
		set_up(state);
		logs = *state;
		write_conf(logs, "");
		for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
			if (n != i / 2)
				write_log(logs, names[n], "", 201 - 100 * (unsigned int)n,
					  300 - 100 * (unsigned int)n);
		}
		snprintf(path, sizeof(path), "%s/%s", logs->path, names[i / 2]);
		assert_int_equal(i % 2 ? mkdir(path, 0700) : mkfifo(path, 0600), 0);
		make(logs);
		want(logs, NULL, 90, 210);
		search(logs);
	}
}

/* What a security module says of an exec stands before its other records. */
static void test_an_event_that_begins_with_another_record(void **state)
{
	const struct gathered part = {
		.stamp = { BASE + 7, 0, 7 },
		.kind = SYSCALL_EXEC,
		.lines = "a part\n",
	};
	struct logs *logs = *state;
	FILE *file;

	write_conf(logs, "");
	write_log(logs, "audit.log", "", 1, 3);
	file = open_file(logs, "audit.log", "ae");
	write_exec(file, "", 4, "AVC");
	fprintf(file, "apparmor=\"ALLOWED\" operation=\"exec\"\n");
	write_event(file, "", 5);
	write_event(file, "", 4);
	write_event(file, "", 4);
	write_exec(file, "", 6, "USER_LOGIN");
	fprintf(file, "pid=1\n");
	write_exec(file, "", 7, "AVC");
	fprintf(file, "apparmor=\"ALLOWED\" operation=\"exec\"\n");
	write_event(file, "", 7);
	fclose(file);
	write_log(logs, "audit.log", "", 8, 20);
	make(logs);
	want(logs, NULL, 4, 6);
	assert_true(readback_complete(logs->readback, &part));
	search(logs);
	assert_string_equal(logs->found, "5 4 7 ");
	assert_string_equal(logs->lost, "");
	assert_int_equal(strncmp(logs->lines, "type=SYSCALL", 12), 0);
	assert_int_equal(readback_stats(logs->readback)->found, 4);
}

/* From serial 1000 on the clock is an hour behind. */
static void test_the_clock_was_set_back(void **state)
{
	const struct serial_loss loss = {
		.first = 1005,
		.last = 1006,
		.count = 2,
		.from = (BASE + 1004 - 3600) * 1000LL,
		.until = (BASE + 1007 - 3600) * 1000LL,
	};
	struct logs *logs = *state;
	FILE *file;

	write_conf(logs, "");
	write_log(logs, "audit.log", "", 1, 999);
	file = open_file(logs, "audit.log", "ae");
	for (unsigned int serial = 1000; serial < 1100; serial++)
		fprintf(file,
			"type=SYSCALL msg=audit(%u.000:%u): arch=c000003e syscall=59 success=yes exit=0 a0=1 pid=7\n"
			"type=PROCTITLE msg=audit(%u.000:%u): proctitle=\"sh\"\n",
			BASE + serial - 3600, serial, BASE + serial - 3600, serial);
	fclose(file);
	make(logs);
	logs->wall = (BASE + 1100 - 3600) * 1000LL;
	readback_want(logs->readback, &loss);
	search(logs);
	assert_string_equal(logs->found, "1005 1006 ");
	assert_string_equal(logs->lost, "");
}

static void test_what_makes_no_sense_is_passed_over(void **state)
{
	struct logs *logs = *state;
	FILE *file;

	write_conf(logs, "");
	write_log(logs, "audit.log", "", 1, 5);
	file = open_file(logs, "audit.log", "ae");
	/* As after a crash: a record without its end, zeroes, and no newline. */
	fprintf(file, "type=SYSCALL msg=audit(%u.000:6): arch=c0", BASE + 6);
	for (int i = 0; i < 100000; i++)
		fputc(0, file);
	fprintf(file, "\ntype=\ntype=SYSCALL msg=audit(\n\n\n");
	fclose(file);
	write_log(logs, "audit.log", "", 7, 20);
	make(logs);
	want(logs, NULL, 4, 8);
	search(logs);
	assert_string_equal(logs->found, "4 5 7 8 ");
	assert_string_equal(logs->lost, "6-6 ");
}

static void test_a_part_is_replaced_by_the_whole(void **state)
{
	const struct gathered part = {
		.stamp = { BASE + 4, 0, 4 },
		.kind = SYSCALL_EXEC,
		.lines = "a part\n",
	};
	struct gathered other = part;
	struct logs *logs = *state;

	write_conf(logs, "");
	write_log(logs, "audit.log", "", 1, 9);
	make(logs);
	assert_true(readback_complete(logs->readback, &part));
	search(logs);
	assert_string_equal(logs->found, "4 ");
	assert_int_equal(strncmp(logs->lines, "type=SYSCALL", 12), 0);

	/* Not there: better a part than nothing. */
	other.stamp.serial = 77;
	assert_true(readback_complete(logs->readback, &other));
	search(logs);
	assert_string_equal(logs->found, "4 77 ");
	assert_string_equal(logs->lines, "a part\n");
	assert_string_equal(logs->lost, "");
}

static void test_position_is_before_what_is_searched(void **state)
{
	struct serial_position position = { .serial = 100, .time = BASE * 1000LL };
	struct logs *logs = *state;

	write_conf(logs, "");
	write_log(logs, "audit.log", "", 1, 20);
	make(logs);
	readback_bound_position(logs->readback, SPAN_NONE, &position);
	assert_int_equal(position.serial, 100);
	want(logs, NULL, 5, 7);
	want(logs, "web1", 2, 2);
	readback_bound_position(logs->readback, SPAN_NONE, &position);
	assert_int_equal(position.serial, 4);
	assert_int_equal(position.time, (BASE + 4) * 1000LL);
	search(logs);
	position.serial = 100;
	readback_bound_position(logs->readback, SPAN_NONE, &position);
	assert_int_equal(position.serial, 100);
}

static void test_more_ranges_than_there_is_room_for(void **state)
{
	struct logs *logs = *state;

	write_conf(logs, "");
	make(logs);
	for (unsigned int i = 0; i <= RANGES_MAX; i++)
		want(logs, NULL, 10 + 2 * i, 10 + 2 * i);
	assert_string_equal(logs->lost, "8202-8202 ");
}

static void test_ranges(void **state)
{
	const struct serial_loss range = { .node = "b", .first = 10, .last = 14, .count = 5 };
	const struct serial_loss other = { .node = "a", .first = 20, .last = 20, .count = 1 };
	struct ranges ranges = { 0 };

	(void)state;
	assert_false(ranges_take(&ranges, SPAN_NONE, 1));
	assert_true(ranges_add(&ranges, &range));
	assert_true(ranges_add(&ranges, &other));
	assert_false(ranges_take(&ranges, SPAN("b"), 9));
	assert_false(ranges_take(&ranges, SPAN("b"), 15));
	assert_false(ranges_take(&ranges, SPAN("a"), 10));
	assert_false(ranges_take(&ranges, SPAN("bb"), 10));
	assert_false(ranges_take(&ranges, SPAN_NONE, 10));
	assert_true(ranges_take(&ranges, SPAN("b"), 12));
	assert_false(ranges_take(&ranges, SPAN("b"), 12));
	assert_int_equal(ranges.count, 3);
	assert_true(ranges_take(&ranges, SPAN("b"), 10));
	assert_true(ranges_take(&ranges, SPAN("b"), 14));
	assert_true(ranges_take(&ranges, SPAN("b"), 11));
	assert_true(ranges_take(&ranges, SPAN("a"), 20));
	assert_int_equal(ranges.count, 1);
	assert_true(ranges_take(&ranges, SPAN("b"), 13));
	assert_int_equal(ranges.count, 0);
	ranges_clear(&ranges);
}

static void test_auditd_conf(void **state)
{
	static const struct {
		const char *conf;
		unsigned int files;
		uint64_t size;
		int64_t reach; /* at 1,000 bytes a second */
	} conf_cases[] = {
		{ "", 5, 8 << 20, 41943 },
		{ "num_logs = 3\nmax_log_file = 1\n", 3, 1 << 20, 3145 },
		{ "NUM_LOGS=3\n  max_log_file =1  \nMAX_LOG_FILE_ACTION = Rotate\n", 3, 1 << 20, 3145 },
		{ "num_logs = 0\n", 1, 8 << 20, 8388 },
		{ "max_log_file_action = keep_logs\n", AUDITD_LOG_MAX_FILES, 8 << 20, -1 },
		{ "max_log_file_action = ignore\n", 5, 0, -1 },
		{ "# num_logs = 3\nnum_logs\n= 3\n", 5, 8 << 20, 41943 },
		{ "num_logs = 99999999999999999999\n", AUDITD_LOG_MAX_FILES, 8 << 20, -1 },
	};
	struct logs *logs = *state;
	struct auditd_log log;

	for (size_t i = 0; i < ARRAY_SIZE(conf_cases); i++) {
		write_conf(logs, conf_cases[i].conf);
		assert_int_equal(auditd_log_read(&log, logs->conf), 0);
		assert_non_null(log.path);
		assert_int_equal(log.files, conf_cases[i].files);
		assert_int_equal(log.file_size, conf_cases[i].size);
		assert_int_equal(auditd_log_reach(&log, 1000), conf_cases[i].reach);
		auditd_log_clear(&log);
	}
	assert_int_equal(auditd_log_read(&log, "/nowhere/auditd.conf"), -ENOENT);
	assert_int_equal(auditd_log_reach(&log, 1000), 0);
	assert_int_equal(auditd_log_open(&log, 0), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cases),
		TEST(test_an_event_is_whole),
		TEST(test_nodes_are_told_apart),
		TEST(test_several_gaps_are_one_search),
		TEST(test_what_is_too_old_is_not_searched),
		TEST(test_what_is_not_there_yet_is_waited_for),
		TEST(test_files_are_set_aside_meanwhile),
		TEST(test_a_file_is_set_aside_when_its_end_was_seen),
		TEST(test_what_is_no_file_is_passed_over),
		TEST(test_an_event_that_begins_with_another_record),
		TEST(test_the_clock_was_set_back),
		TEST(test_what_makes_no_sense_is_passed_over),
		TEST(test_a_part_is_replaced_by_the_whole),
		TEST(test_position_is_before_what_is_searched),
		TEST(test_more_ranges_than_there_is_room_for),
		cmocka_unit_test(test_ranges),
		TEST(test_auditd_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
