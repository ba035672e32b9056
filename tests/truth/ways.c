/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways to create a process that then becomes another program. */
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

void ways_nap(unsigned int ms)
{
	struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&time, NULL);
}

void ways_reap(void)
{
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

pid_t ways_fork(const struct actor *actor, char id[TRUTH_ID])
{
	pid_t pid;

	report_creation(actor, id);
	pid = fork();
	if (pid < 0)
		abort();
	return pid;
}

pid_t ways_adopted(pid_t parent)
{
	struct timespec pause = { 0, 100000 };

	while (getppid() == parent)
		nanosleep(&pause, NULL);
	return getppid();
}

/* Some live long enough to be looked at. */
static unsigned int lifetime(const struct actor *actor, const char *created)
{
	(void)actor;
	return created[0] < '8' ? 0 : 10;
}

static void leaf(const struct actor *actor, const char *way, const char *created, pid_t adopter)
{
	report_leaf(actor, way, created, adopter, lifetime(actor, created));
}

static void way_fork(struct actor *actor, const char *way)
{
	char id[TRUTH_ID];

	if (!ways_fork(actor, id))
		leaf(actor, way, id, 0);
	ways_reap();
}

static void way_vfork(struct actor *actor, const char *way)
{
	char id[TRUTH_ID];

	report_creation(actor, id);
	if (!vfork())
		leaf(actor, way, id, 0);
	ways_reap();
}

static void way_clone(struct actor *actor, const char *way)
{
	char id[TRUTH_ID];

	report_creation(actor, id);
	if (!syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0))
		leaf(actor, way, id, 0);
	ways_reap();
}

static void clone3_with(struct actor *actor, const char *way, uint64_t flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	char id[TRUTH_ID];

	report_creation(actor, id);
	if (!syscall(SYS_clone3, &args, sizeof(args)))
		leaf(actor, way, id, 0);
	ways_reap();
}

static void way_clone3(struct actor *actor, const char *way)
{
	clone3_with(actor, way, 0);
}

static void way_clone3_vfork(struct actor *actor, const char *way)
{
	clone3_with(actor, way, CLONE_VFORK);
}

/* The child is its creator's sibling. */
static void way_clone_parent(struct actor *actor, const char *way)
{
	char id[TRUTH_ID];

	if (!ways_fork(actor, id)) {
		report_creation(actor, id);
		if (!syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0))
			leaf(actor, way, id, 0);
		_exit(0);
	}
	ways_reap();
}

/* The program that is started reports on itself: there is no code of ours between. */
static void way_posix_spawn(struct actor *actor, const char *way)
{
	char id[TRUTH_ID], tag[TRUTH_TAG];
	char *const argv[] = { actor->path, "self", tag, "created", id, NULL };
	pid_t pid;

	report_creation(actor, id);
	report_tag(actor, way, tag);
	if (posix_spawn(&pid, actor->path, NULL, NULL, argv, environ))
		abort();
	ways_reap();
}

/* --- orphans --- */

/* A pipe that is at its end when those who inherited it have become other programs or are gone. */
static void await_end(int ends[2])
{
	char byte;

	close(ends[1]);
	while (read(ends[0], &byte, 1) < 0)
		;
	close(ends[0]);
}

/* Creates by way of `middles` processes, each of which is gone before the next ends, and the last
 * of which creates the one that becomes a program; at once if it does not wait for its adoption. */
static void orphan(struct actor *actor, const char *way, unsigned int middles, bool session,
		   bool waits)
{
	char id[TRUTH_ID];
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		abort();
	for (unsigned int i = 0; i <= middles; i++) {
		if (ways_fork(actor, id)) {
			if (!i)
				break;
			_exit(0);
		}
		if (i == middles)
			leaf(actor, way, id, waits ? ways_adopted(parent) : 0);
		parent = getpid();
		if (session && !i && setsid() < 0)
			abort();
	}
	await_end(ends);
	ways_reap();
}

static void way_double_fork(struct actor *actor, const char *way)
{
	orphan(actor, way, 1, false, true);
}

static void way_daemon(struct actor *actor, const char *way)
{
	orphan(actor, way, 1, true, true);
}

static void way_deep_orphan(struct actor *actor, const char *way)
{
	orphan(actor, way, 3, false, true);
}

static void way_orphan_race(struct actor *actor, const char *way)
{
	orphan(actor, way, 1, false, false);
}

static void way_setsid(struct actor *actor, const char *way)
{
	char id[TRUTH_ID];

	if (!ways_fork(actor, id)) {
		if (setsid() < 0)
			abort();
		leaf(actor, way, id, 0);
	}
	ways_reap();
}

static void way_subreaper(struct actor *actor, const char *way)
{
	char id[TRUTH_ID];

	if (!ways_fork(actor, id)) {
		if (prctl(PR_SET_CHILD_SUBREAPER, 1))
			abort();
		orphan(actor, way, 2, false, true);
		_exit(0);
	}
	ways_reap();
}

/* The creator becomes another program before its child does. */
static void way_creator_execs(struct actor *actor, const char *way)
{
	char id[TRUTH_ID], child[TRUTH_ID];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		abort();
	if (!ways_fork(actor, id)) {
		if (!ways_fork(actor, child)) {
			await_end(ends);
			leaf(actor, way, child, 0);
		}
		report_leaf(actor, way, id, 0, 30);
	}
	close(ends[0]);
	close(ends[1]);
	ways_reap();
}

/* --- threads --- */

struct task {
	struct actor *actor;
	const char *way;
	const char *created; /* who forked the process of the thread */
};

static void *thread_forks(void *user)
{
	const struct task *task = user;
	char id[TRUTH_ID];

	if (!ways_fork(task->actor, id))
		leaf(task->actor, task->way, id, 0);
	return NULL;
}

static void *thread_execs(void *user)
{
	const struct task *task = user;

	leaf(task->actor, task->way, task->created, 0);
	return NULL;
}

static void with_threads(struct actor *actor, const char *way, void *(*run)(void *), int threads)
{
	char id[TRUTH_ID];

	if (!ways_fork(actor, id)) {
		struct task task = { actor, way, id };
		pthread_t thread[4];

		for (int i = 0; i < threads; i++) {
			if (pthread_create(&thread[i], NULL, run, &task))
				abort();
		}
		for (int i = 0; i < threads; i++)
			pthread_join(thread[i], NULL);
		ways_reap();
		_exit(0);
	}
	ways_reap();
}

static void way_thread_forks(struct actor *actor, const char *way)
{
	with_threads(actor, way, thread_forks, 4);
}

static void way_thread_execs(struct actor *actor, const char *way)
{
	with_threads(actor, way, thread_execs, 1);
}

const struct way ways_of_forking[] = {
	{ "fork", way_fork },
	{ "vfork", way_vfork },
	{ "clone", way_clone },
	{ "clone3", way_clone3 },
	{ "clone3-vfork", way_clone3_vfork },
	{ "clone-parent", way_clone_parent },
	{ "posix-spawn", way_posix_spawn },
	{ "setsid", way_setsid },
	{ "double-fork", way_double_fork },
	{ "deep-orphan", way_deep_orphan },
	{ "daemon", way_daemon },
	{ "orphan-race", way_orphan_race },
	{ "subreaper", way_subreaper },
	{ "creator-execs", way_creator_execs },
	{ "thread-forks", way_thread_forks },
	{ "thread-execs", way_thread_execs },
	{ NULL, NULL },
};
