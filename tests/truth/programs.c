/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways to become a program: chains of them, shells, scripts, files without a name. */
#include "truth.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DELETED " (deleted)"

/* --- chains --- */

/* argv: chain TAG HOW-MANY-MORE CREATION. Becomes the next of a chain, all of them one process. */
void role_chain(struct actor *actor, char *argv[])
{
	int left = atoi(argv[3]);
	char tag[TRUTH_TAG], way[TRUTH_TAG], number[16], other[TRUTH_PATH + 8];
	const char *next[] = { NULL, "chain", tag, number, argv[4], NULL };
	struct start start = {
		.way = way, .tag = tag, .created = argv[4], .previous = actor->path, .argv = next
	};

	if (left <= 0)
		_exit(0);
	/* Now this file, now the other. */
	snprintf(other, sizeof(other), "%s", actor->path);
	if (strlen(other) > 2 && !strcmp(other + strlen(other) - 2, "-b"))
		other[strlen(other) - 2] = '\0';
	else
		strcat(other, "-b");
	snprintf(way, sizeof(way), "%.*s", (int)strcspn(argv[2] + 2, ":"), argv[2] + 2);
	report_tag(actor, way, tag);
	snprintf(number, sizeof(number), "%d", left - 1);
	next[0] = other;
	start.exe = other;
	report_and_run(actor, &start);
}

static void way_exec_chain(struct actor *actor, const char *way)
{
	char id[TRUTH_ID], tag[TRUTH_TAG];
	const char *const argv[] = { actor->path, "chain", tag, "3", id, NULL };
	struct start start = {
		.way = way, .tag = tag, .created = id, .exe = actor->path, .argv = argv
	};

	if (!ways_fork(actor, id)) {
		report_tag(actor, way, tag);
		report_and_run(actor, &start);
	}
	ways_reap();
}

/* --- shells --- */

static const char *real_path(const char *path)
{
	const char *real = realpath(path, NULL); /* for the rest of the process's life */

	if (!real)
		abort();
	return real;
}

/* A shell does `command`, in which $1 to $3 are the tags of what it starts, $0 its own, $4 who
 * created it. */
static void shell(struct actor *actor, const char *way, const char *command)
{
	char id[TRUTH_ID], own[TRUTH_TAG], tag[3][TRUTH_TAG];
	const char *argv[] = { "sh",   "-c",   command, own,	     tag[0],
			       tag[1], tag[2], id,	actor->path, NULL };
	struct start start = { .way = way, .tag = own, .created = id, .argv = argv };

	report_tag(actor, way, own);
	for (int i = 0; i < 3; i++)
		report_tag(actor, way, tag[i]);
	if (!ways_fork(actor, id)) {
		start.exe = real_path("/bin/sh");
		report_and_run(actor, &start);
	}
	ways_reap();
}

static void way_shell(struct actor *actor, const char *way)
{
	shell(actor, way, "\"$5\" self \"$1\" by \"$0\"; \"$5\" self \"$2\" by \"$0\"; :");
}

static void way_shell_pipeline(struct actor *actor, const char *way)
{
	shell(actor, way,
	      "\"$5\" self \"$1\" by \"$0\" | \"$5\" self \"$2\" by \"$0\" | \"$5\" self \"$3\" by "
	      "\"$0\"; :");
}

static void way_shell_background(struct actor *actor, const char *way)
{
	shell(actor, way, "\"$5\" self \"$1\" by \"$0\" & exit 0");
}

static void way_shell_exec(struct actor *actor, const char *way)
{
	shell(actor, way, "exec \"$5\" self \"$1\" created \"$4\" sh");
}

/* --- scripts --- */

static void write_script(const struct actor *actor, const char *name, const char *interpreter,
			 const char *text)
{
	char path[2 * TRUTH_PATH];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", actor->dir, name);
	file = fopen(path, "we");
	if (!file)
		abort();
	fprintf(file, "#!%s\n%s", interpreter, text);
	fclose(file);
	chmod(path, 0755);
}

/* Runs a script with its own tag and that of what it starts; `first` is what the kernel runs for
 * it. */
static void script(struct actor *actor, const char *way, const char *name,
		   const char *const first[])
{
	char id[TRUTH_ID], own[TRUTH_TAG], child[TRUTH_TAG], path[2 * TRUTH_PATH];
	const char *argv[10] = { NULL };
	const char *const run[] = { path, own, child, actor->path, NULL };
	struct start start = {
		.way = way, .tag = own, .created = id, .script = path, .argv = argv
	};
	int n = 0;

	snprintf(path, sizeof(path), "%s/%s", actor->dir, name);
	report_tag(actor, way, own);
	report_tag(actor, way, child);
	while (first[n]) {
		argv[n] = first[n];
		n++;
	}
	memcpy(argv + n, run, sizeof(run));
	if (!ways_fork(actor, id)) {
		start.exe = real_path(first[0]);
		report_exec(actor, &start);
		if (!strcmp(first[0], "/usr/bin/env")) {
			start.previous = start.exe;
			start.exe = real_path("/bin/sh");
			start.argv = argv + 1;
			report_exec(actor, &start);
		}
		execv(path, (char *const *)run);
		_exit(127);
	}
	ways_reap();
}

static void way_script(struct actor *actor, const char *way)
{
	script(actor, way, "direct", (const char *const[]){ "/bin/sh", NULL });
}

static void way_script_env(struct actor *actor, const char *way)
{
	script(actor, way, "by-env", (const char *const[]){ "/usr/bin/env", "sh", NULL });
}

static void way_script_nested(struct actor *actor, const char *way)
{
	char interpreter[2 * TRUTH_PATH];

	snprintf(interpreter, sizeof(interpreter), "%s/interpreter", actor->dir);
	script(actor, way, "nested", (const char *const[]){ "/bin/sh", interpreter, NULL });
}

/* --- files --- */

static void copy_to(int to, const char *path)
{
	int from = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	do {
		n = sendfile(to, from, NULL, 1 << 20);
	} while (n > 0);
	if (n < 0)
		abort();
	close(from);
}

/* argv: parent TAG [FILE]. Removes the file, its own, and starts two programs. */
void role_parent(struct actor *actor, char *argv[])
{
	const char *way = strchr(argv[2], ':') + 1;
	char name[TRUTH_TAG], id[TRUTH_ID];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(way, ":"), way);
	if (argv[3]) {
		unlink(argv[3]);
		snprintf(actor->path, sizeof(actor->path), "%s", getenv("TRUTH_PATH"));
	}
	for (int i = 0; i < 2; i++) {
		if (!ways_fork(actor, id))
			report_leaf(actor, name, id, 0, i ? 10 : 0);
		ways_reap();
	}
	_exit(0);
}

/* What a descriptor holds becomes the program, and goes on to start others. */
static void run_descriptor(struct actor *actor, const char *way, int fd, const char *exe)
{
	char id[TRUTH_ID], tag[TRUTH_TAG];
	const char *const argv[] = { actor->path, "parent", tag, NULL };
	struct start start = { .way = way, .tag = tag, .created = id, .exe = exe, .argv = argv };
	char *const environment[] = { NULL };

	report_tag(actor, way, tag);
	if (!ways_fork(actor, id)) {
		report_exec(actor, &start);
		syscall(SYS_execveat, fd, "", argv, environment, AT_EMPTY_PATH);
		_exit(127);
	}
	close(fd);
	ways_reap();
}

static void way_memfd(struct actor *actor, const char *way)
{
	int fd = memfd_create("hidden", MFD_CLOEXEC);

	copy_to(fd, actor->path);
	run_descriptor(actor, way, fd, "/memfd:hidden" DELETED);
}

static void way_execveat(struct actor *actor, const char *way)
{
	run_descriptor(actor, way, open(actor->path, O_PATH | O_CLOEXEC), actor->path);
}

static void make_copy(const struct actor *actor, char *path, size_t size)
{
	int fd;

	snprintf(path, size, "%s/copy-%d", actor->dir, (int)getpid());
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	copy_to(fd, actor->path);
	close(fd);
}

static void way_deleted(struct actor *actor, const char *way)
{
	char path[2 * TRUTH_PATH], exe[2 * TRUTH_PATH + sizeof(DELETED)];
	int fd;

	make_copy(actor, path, sizeof(path));
	fd = open(path, O_PATH | O_CLOEXEC);
	unlink(path);
	snprintf(exe, sizeof(exe), "%s" DELETED, path);
	run_descriptor(actor, way, fd, exe);
}

static void way_deleted_later(struct actor *actor, const char *way)
{
	char id[TRUTH_ID], tag[TRUTH_TAG], path[2 * TRUTH_PATH];
	const char *const argv[] = { path, "parent", tag, path, NULL };
	struct start start = { .way = way, .tag = tag, .created = id, .exe = path, .argv = argv };

	make_copy(actor, path, sizeof(path));
	report_tag(actor, way, tag);
	if (!ways_fork(actor, id))
		report_and_run(actor, &start);
	ways_reap();
}

/* Three folders without it come before the one that has it. */
static void way_path_search(struct actor *actor, const char *way)
{
	char id[TRUTH_ID], tag[TRUTH_TAG], path[2 * TRUTH_PATH];
	const char *const argv[] = { "truth", "leaf", tag, "0", NULL };
	struct start start = {
		.way = way, .tag = tag, .created = id, .exe = actor->path, .argv = argv
	};

	report_tag(actor, way, tag);
	if (!ways_fork(actor, id)) {
		report_exec(actor, &start);
		snprintf(path, sizeof(path), "/nonexistent:/usr/games:/var/empty:%.*s",
			 (int)(strrchr(actor->path, '/') - actor->path), actor->path);
		setenv("PATH", path, 1);
		execvp("truth", (char *const *)argv);
		_exit(127);
	}
	ways_reap();
}

void programs_prepare(const struct actor *actor)
{
	static const char *const run = "\"$3\" self \"$2\" by \"$1\"\n:\n";
	char path[2 * TRUTH_PATH];

	write_script(actor, "direct", "/bin/sh", run);
	write_script(actor, "by-env", "/usr/bin/env sh", run);
	write_script(actor, "interpreter", "/bin/sh", "\"$4\" self \"$3\" by \"$2\"\n:\n");
	snprintf(path, sizeof(path), "%s/interpreter", actor->dir);
	write_script(actor, "nested", path, "");
}

const struct way ways_of_running[] = {
	{ "exec-chain", way_exec_chain },
	{ "shell", way_shell },
	{ "shell-pipeline", way_shell_pipeline },
	{ "shell-background", way_shell_background },
	{ "shell-exec", way_shell_exec },
	{ "script", way_script },
	{ "script-env", way_script_env },
	{ "script-nested", way_script_nested },
	{ "memfd", way_memfd },
	{ "execveat", way_execveat },
	{ "deleted", way_deleted },
	{ "deleted-later", way_deleted_later },
	{ "path-search", way_path_search },
	{ NULL, NULL },
};
