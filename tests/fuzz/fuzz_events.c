/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream of plausible records: the input is a program of small steps that begin execs, forks and exits on
 * several nodes, give them arguments in all the ways the kernel writes them, write their records one by one in
 * an interleaved order, lose some, and let time pass. So every mutation makes a stream that is understood.
 *
 * Whatever came whole must come out, once, with its own arguments; the table stays within its bounds.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "pipeline.h"
#include "process/table.h"

#include <utstring.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_EVENTS    400 /* of one input */
#define OPEN          8   /* events at one time */
#define MAX_LINES     24  /* of one event */
#define MAX_ARGS      12
#define MAX_PROCESSES 64
#define PIDS          100 /* more than there is room for, and often the same */

/* libauparse's, see fuzz_stream.c. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libauparse\n";
}

struct input {
	const uint8_t *at;
	size_t left;
};

static unsigned int take(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->at++;
}

/* What an event must come to. */
struct expected {
	bool exec;
	bool exact; /* nothing of its arguments was lost */
	bool whole; /* nothing was that it can't do without */
	unsigned int seen;
	pid_t pid, ppid;
	uint32_t count;
	UT_string args; /* each with a NUL */
};

struct open {
	struct expected *expected; /* NULL: free */
	UT_string line[MAX_LINES];
	size_t lines, next;
};

struct scene {
	struct input input;
	struct pipeline *pipeline;
	struct expected event[MAX_EVENTS];
	size_t events;
	struct open open[OPEN];
	int64_t ms; /* since 1970 */
};

/* --- records --- */

static UT_string *new_line(struct open *open)
{
	UT_string *line;

	if (open->lines == MAX_LINES)
		abort();
	line = &open->line[open->lines++];
	utstring_init(line);
	return line;
}

static void begin_record(const struct scene *scene, UT_string *line, unsigned int node, const char *type,
			 size_t serial)
{
	if (node)
		utstring_printf(line, "node=n%u ", node);
	utstring_printf(line, "type=%s msg=audit(%lld.%03d:%zu): ", type, (long long)(scene->ms / 1000),
			(int)(scene->ms % 1000), serial);
}

/* As the kernel writes what strangers chose (kernel/audit.c: audit_string_contains_control()). */
static bool is_plain(const unsigned char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] < 0x21 || text[i] > 0x7e)
			return false;
	}
	return true;
}

static void append_text(UT_string *line, const unsigned char *text, size_t length, bool plain)
{
	if (plain) {
		utstring_printf(line, "\"%.*s\"", (int)length, (const char *)text);
		return;
	}
	for (size_t i = 0; i < length; i++)
		utstring_printf(line, "%02X", text[i]);
}

static void append_syscall(UT_string *line, struct input *input, const struct expected *expected, int number,
			   const char *success, unsigned int child)
{
	static const char *const programs[] = { "sh", "apache2", "runc", "env", "php-fpm8.2", "a" };
	unsigned int choice = take(input);
	const char *program = programs[choice % 6];

	utstring_printf(line, "arch=c000003e syscall=%d %s exit=%u a0=%s a1=0 a2=0 a3=0 items=2 ", number,
			success, child, choice & 128 ? "10000" : "1200011");
	utstring_printf(line, "ppid=%d pid=%d auid=4294967295 uid=%u gid=%u euid=%u suid=0 fsuid=0 egid=0 sgid=0 ",
			(int)expected->ppid, (int)expected->pid, choice % 3, choice % 2, choice % 3);
	utstring_printf(line, "fsgid=0 tty=(none) ses=4294967295 comm=\"%s\" exe=\"/usr/bin/%s\" key=(null)",
			program, program);
	if (choice & 64)
		utstring_printf(line, "\x1d" "ARCH=x86_64 UID=\"root\" EUID=\"www-data\"");
}

/* One argument of up to 63 bytes, whole or in pieces, each of which may go to a record of its own. */
static void append_arg(struct scene *scene, struct open *open, UT_string **line, unsigned int node, size_t serial,
		       uint32_t index)
{
	struct expected *expected = open->expected;
	unsigned int choice = take(&scene->input);
	size_t length = choice % 64, piece = choice & 64 ? length / 3 + 1 : length;
	unsigned char text[64];
	bool plain;

	for (size_t i = 0; i < length; i++) {
		text[i] = (unsigned char)take(&scene->input);
		text[i] = text[i] ? text[i] : 'x';
	}
	plain = is_plain(text, length);
	utstring_bincpy(&expected->args, text, length);
	utstring_bincpy(&expected->args, "", 1);
	if (choice & 64)
		utstring_printf(*line, "a%u_len=%zu ", index, plain ? length : 2 * length);
	for (size_t done = 0, i = 0; done < length || !i; done += piece, i++) {
		size_t part = length - done < piece ? length - done : piece;

		if (choice & 128 && i && open->lines < MAX_LINES - 4) {
			*line = new_line(open);
			begin_record(scene, *line, node, "EXECVE", serial);
		}
		utstring_printf(*line, choice & 64 ? "a%u[%zu]=" : "a%u=", index, i);
		append_text(*line, text + done, part, plain || !part);
		utstring_printf(*line, " ");
		if (!piece)
			break;
	}
}

static void add_exec(struct scene *scene, struct open *open, unsigned int node, size_t serial)
{
	struct expected *expected = open->expected;
	UT_string *line = new_line(open);

	expected->exec = expected->exact = expected->whole = true;
	expected->count = take(&scene->input) % MAX_ARGS;
	begin_record(scene, line, node, "SYSCALL", serial);
	append_syscall(line, &scene->input, expected, 59, "success=yes", 0);
	line = new_line(open);
	begin_record(scene, line, node, "EXECVE", serial);
	utstring_printf(line, "argc=%u ", expected->count);
	for (uint32_t i = 0; i < expected->count; i++)
		append_arg(scene, open, &line, node, serial, i);
	line = new_line(open);
	begin_record(scene, line, node, "CWD", serial);
	utstring_printf(line, "cwd=\"/srv\"");
	line = new_line(open);
	begin_record(scene, line, node, take(&scene->input) & 1 ? "EOE" : "PROCTITLE", serial);
	utstring_printf(line, "proctitle=00");
}

static void add_other(struct scene *scene, struct open *open, unsigned int node, size_t serial, unsigned int kind)
{
	static const struct {
		int number;
		const char *success;
	} calls[] = {
		{ 56, "success=yes" }, { 57, "success=yes" }, { 58, "success=yes" }, { 435, "success=yes" },
		{ 231, "" },           { 59, "success=no" },  { 1, "success=yes" },
	};
	UT_string *line = new_line(open);

	begin_record(scene, line, node, "SYSCALL", serial);
	append_syscall(line, &scene->input, open->expected, calls[kind % 7].number, calls[kind % 7].success,
		       take(&scene->input) % PIDS);
}

/* --- steps --- */

static struct open *find_free(struct scene *scene)
{
	for (size_t i = 0; i < OPEN; i++) {
		if (!scene->open[i].expected)
			return &scene->open[i];
	}
	return NULL;
}

static void begin_event(struct scene *scene, unsigned int kind)
{
	struct open *open = find_free(scene);
	size_t serial = scene->events + 1;
	unsigned int node;

	if (!open || scene->events == MAX_EVENTS)
		return;
	open->expected = &scene->event[scene->events++];
	utstring_init(&open->expected->args);
	node = take(&scene->input) % 4;
	open->expected->pid = (pid_t)(take(&scene->input) % PIDS);
	open->expected->ppid = (pid_t)(take(&scene->input) % PIDS);
	scene->ms += kind % 4; /* all of them in less time than an event waits for its end */
	if (kind & 8)
		add_other(scene, open, node, serial, kind >> 4);
	else
		add_exec(scene, open, node, serial);
}

static void feed(struct scene *scene, const UT_string *line)
{
	pipeline_feed(scene->pipeline, (struct span){ utstring_body(line), utstring_len(line) }, 0);
	pipeline_feed(scene->pipeline, (struct span){ "\n", 1 }, 0);
}

/* Writes the next record of an event, or loses it. */
static void write_record(struct scene *scene, struct open *open, bool lost)
{
	struct expected *expected = open->expected;
	UT_string *line;

	if (!expected)
		return;
	line = &open->line[open->next];
	if (!lost)
		feed(scene, line);
	else if (open->next == 0)
		expected->whole = false;
	else
		expected->exact = false;
	utstring_done(line);
	if (++open->next == open->lines) {
		open->expected = NULL;
		open->lines = open->next = 0;
	}
}

static void write_rest(struct scene *scene)
{
	for (size_t i = 0; i < OPEN; i++) {
		while (scene->open[i].expected)
			write_record(scene, &scene->open[i], false);
	}
}

static void step(struct scene *scene)
{
	unsigned int code = take(&scene->input);
	struct open *open = &scene->open[code / 4 % OPEN];

	switch (code % 4) {
	case 0:
		begin_event(scene, code / 4);
		break;
	case 1:
		write_record(scene, open, false);
		break;
	case 2: /* most records arrive */
		write_record(scene, open, code >= 192);
		break;
	case 3:
		/* Longer than an event waits for its end. */
		write_rest(scene);
		scene->ms += (code / 4) * 100;
		break;
	}
}

/* --- what comes out --- */

static void check_args(const struct expected *expected, const struct args *args)
{
	const char *text = utstring_body(&expected->args);

	if (args->count != expected->count || args->known != expected->count)
		abort();
	for (uint32_t i = 0; i < args->known; i++) {
		size_t length = strlen(text);
		struct span arg = args_get(args, i);

		if (!arg.start || !span_equal(arg, (struct span){ text, length }))
			abort();
		text += length + 1;
	}
}

static void on_event(void *user, const struct process_event *event)
{
	struct scene *scene = user;
	struct expected *expected;

	if (!event->stamp.serial || event->stamp.serial > scene->events)
		abort();
	expected = &scene->event[event->stamp.serial - 1];
	if (!expected->exec || !expected->whole || expected->seen++)
		abort();
	if (event->process.pid != expected->pid)
		abort();
	if (event->parent.pid != expected->ppid && event->reparented_to != expected->ppid)
		abort();
	if (expected->exact)
		check_args(expected, &event->process.image->args);
}

static void check_end(struct scene *scene)
{
	for (size_t i = 0; i < scene->events; i++) {
		const struct expected *expected = &scene->event[i];

		if (expected->exec && expected->whole && expected->seen != 1)
			abort();
		utstring_done(&scene->event[i].args);
	}
}

static void check_bounds(const struct scene *scene)
{
	struct pipeline_stats stats = pipeline_stats(scene->pipeline);

	if (stats.processes > MAX_PROCESSES || stats.process_bytes > TABLE_MIN_BYTES)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ruleset no_rules;
	const struct pipeline_options options = { .clock = GATHER_BY_EVENTS, .max_processes = MAX_PROCESSES };
	struct scene *scene = mem_zalloc(sizeof(*scene));
	const struct pipeline_handlers handlers = { .event = on_event, .user = scene };

	scene->input = (struct input){ data, size };
	scene->ms = 1700000000000;
	scene->pipeline = pipeline_new(&no_rules, &options, &handlers);
	if (!scene->pipeline)
		abort();
	while (scene->input.left) {
		step(scene);
		check_bounds(scene);
	}
	write_rest(scene);
	pipeline_end(scene->pipeline);
	check_end(scene);
	pipeline_free(scene->pipeline);
	free(scene);
	return 0;
}
