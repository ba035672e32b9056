/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pids that mean something else: those of a pid namespace, and those that somebody had before. */
#include "truth.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- pid namespaces --- */

/* The next process in the caller's pid namespace gets that number, if it is free. */
static void set_inner_pid(pid_t pid)
{
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	char number[16];
	int length = snprintf(number, sizeof(number), "%d", (int)pid - 1);

	if (fd < 0 || write(fd, number, (size_t)length) != length)
		fprintf(stderr, "truth: ns_last_pid can't be set in a namespace\n");
	close(fd);
}

/* What the first process of a namespace does, itself never exec'd. */
static void inside(struct actor *actor, const char *way)
{
	char id[TRUTH_ID];
	pid_t first = getpid();

	for (int i = 0; i < 2; i++) {
		if (!ways_fork(actor, id))
			report_leaf(actor, way, id, 0, i ? 10 : 0);
	}
	ways_reap();
	/* An orphan, for this process to adopt. */
	if (!ways_fork(actor, id)) {
		pid_t middle = getpid();

		if (!ways_fork(actor, id)) {
			ways_adopted(middle);
			report_leaf(actor, way, id, 0, 0);
		}
		_exit(0);
	}
	ways_reap();
	/* A program that starts others. */
	if (!ways_fork(actor, id)) {
		char tag[TRUTH_TAG];
		const char *const argv[] = { actor->path, "parent", tag, NULL };
		struct start start = {
			.way = way, .tag = tag, .created = id, .exe = actor->path, .argv = argv
		};

		report_tag(actor, way, tag);
		report_and_run(actor, &start);
	}
	ways_reap();
	if (first != 1)
		abort();
}

/* Runs `what` as the first process of a new pid namespace, `depth` of them below each other. */
static void in_namespace(struct actor *actor, const char *way, int depth,
			 void (*what)(struct actor *, const char *))
{
	char id[TRUTH_ID];

	if (!ways_fork(actor, id)) {
		/* The second is made with the first one's powers. */
		if (unshare(CLONE_NEWPID) && unshare(CLONE_NEWUSER | CLONE_NEWPID))
			_exit(1);
		if (!ways_fork(actor, id)) {
			if (depth > 1)
				in_namespace(actor, way, depth - 1, what);
			else
				what(actor, way);
			_exit(0);
		}
		ways_reap();
		_exit(0);
	}
	ways_reap();
}

static void way_pidns(struct actor *actor, const char *way)
{
	in_namespace(actor, way, 1, inside);
}

static void way_pidns_nested(struct actor *actor, const char *way)
{
	in_namespace(actor, way, 2, inside);
}

/* Numbers that out there belong to the driver, which lives, and to those around it. */
static void inside_colliding(struct actor *actor, const char *way)
{
	pid_t taken = atoi(getenv("TRUTH_DRIVER"));
	char id[TRUTH_ID];

	for (pid_t pid = taken - 1; pid <= taken + 2; pid++) {
		set_inner_pid(pid);
		if (!ways_fork(actor, id))
			report_leaf(actor, way, id, 0, 0);
		ways_reap();
	}
	set_inner_pid(taken);
	inside(actor, way);
}

static void way_pidns_collide(struct actor *actor, const char *way)
{
	in_namespace(actor, way, 1, inside_colliding);
	/* The driver is still who it was. */
	ways_of_forking[0].run(actor, way);
}

const struct way ways_through_namespaces[] = {
	{ "pidns", way_pidns },
	{ "pidns-nested", way_pidns_nested },
	{ "pidns-collide", way_pidns_collide },
	{ NULL, NULL },
};

/* --- pids that somebody had before --- */

/* Forks a process that has `pid`, if it can be had. Returns as fork does; -1 if it can't be had. */
static pid_t fork_as(const struct actor *actor, pid_t pid, char id[TRUTH_ID])
{
	for (int i = 0; i < 50; i++) {
		pid_t child;

		if (!record_next_pid(pid))
			return -1;
		child = ways_fork(actor, id);
		if (!child && getpid() == pid)
			return 0;
		if (!child)
			_exit(0);
		if (child == pid)
			return child;
		ways_reap();
	}
	return -1;
}

/* A pid that was free a moment ago. */
static pid_t free_pid(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid + 5 < 32768 ? pid + 5 : 400;
}

/* One after the other with the same pid, each started by a process of its own. */
static void way_reuse(struct actor *actor, const char *way)
{
	pid_t pid = free_pid();
	char id[TRUTH_ID], child[TRUTH_ID];

	for (int i = 0; i < 4; i++) {
		if (!ways_fork(actor, id)) {
			if (!fork_as(actor, pid, child))
				report_leaf(actor, way, child, 0, 0);
			ways_reap();
			_exit(0);
		}
		ways_reap();
	}
}

/* First a program that starts others has the pid, then a process that is no program of its own. */
static void way_reuse_parent(struct actor *actor, const char *way)
{
	pid_t pid = free_pid();
	char id[TRUTH_ID], child[TRUTH_ID], tag[TRUTH_TAG];
	const char *const argv[] = { actor->path, "parent", tag, NULL };
	struct start start = {
		.way = way, .tag = tag, .created = id, .exe = actor->path, .argv = argv
	};

	report_tag(actor, way, tag);
	if (!fork_as(actor, pid, id))
		report_and_run(actor, &start);
	ways_reap();
	if (!fork_as(actor, pid, id)) {
		if (!ways_fork(actor, child))
			report_leaf(actor, way, child, 0, 0);
		ways_reap();
		_exit(0);
	}
	ways_reap();
}

/* argv: orphaner TAG DESCRIPTOR. Leaves behind a process that becomes a program when the descriptor
 * ends. */
void role_orphaner(struct actor *actor, char *argv[])
{
	char id[TRUTH_ID], byte;
	pid_t parent = getpid();
	int fd = atoi(argv[3]);

	if (!ways_fork(actor, id)) {
		pid_t adopter = ways_adopted(parent);

		while (read(fd, &byte, 1) < 0)
			;
		close(fd);
		report_leaf(actor, "reuse-orphan", id, adopter, 0);
	}
	_exit(0);
}

/* The creator is gone, and another program has its pid when the child becomes one. */
static void way_reuse_orphan(struct actor *actor, const char *way)
{
	pid_t pid = free_pid();
	char id[TRUTH_ID], tag[TRUTH_TAG], number[16];
	const char *const argv[] = { actor->path, "orphaner", tag, number, NULL };
	struct start start = {
		.way = way, .tag = tag, .created = id, .exe = actor->path, .argv = argv
	};
	int go[2];

	if (pipe(go) || fcntl(go[1], F_SETFD, FD_CLOEXEC))
		abort();
	snprintf(number, sizeof(number), "%d", go[0]);
	report_tag(actor, way, tag);
	if (!fork_as(actor, pid, id)) {
		close(go[1]);
		report_and_run(actor, &start);
	}
	close(go[0]);
	ways_reap();
	if (!fork_as(actor, pid, id)) {
		close(go[1]);
		report_leaf(actor, way, id, 0, 30);
	}
	ways_nap(5);
	close(go[1]);
	ways_nap(5);
	ways_reap();
}

const struct way ways_with_old_pids[] = {
	{ "reuse", way_reuse },
	{ "reuse-parent", way_reuse_parent },
	{ "reuse-orphan", way_reuse_orphan },
	{ NULL, NULL },
};
