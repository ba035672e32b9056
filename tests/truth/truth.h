/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that starts processes in awkward ways and says, from the inside, who really started
 * whom.
 *
 * Whoever is about to create a process says so to a recorder, and whoever is about to become
 * another program says so too. The recorder is outside of every pid namespace: the kernel tells it
 * the sender's pid as the host counts (unix(7): SCM_CREDENTIALS), whatever the sender believes.
 * Nothing here is taken from audit.
 */
#ifndef TESTS_TRUTH_H
#define TESTS_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define TRUTH_TAG                                                                                  \
	64 /* bytes of a tag: "t:WAY:RANDOM", an argument of every program that is started */
#define TRUTH_ID 17 /* bytes of a creation's name */

/* Descriptors that the driver has from the recorder and leaves to all its descendants. */
#define TRUTH_SOCKET 200 /* reports */
#define TRUTH_PIDS   201 /* requests for the pid that the next process shall have */
#define TRUTH_DONE   202 /* the end of a pipe: the recorder sees when everybody is gone */

#define TRUTH_PATH 512

/* A process that acts, and its forks. */
struct actor {
	char tag[TRUTH_TAG];   /* of the program that it is */
	char path[TRUTH_PATH]; /* of this program */
	char dir[TRUTH_PATH];  /* for scripts and copies */
	const char *phase;     /* put before the names of ways */
	int socket;
};

/* What is told of an exec before it is done. */
struct start {
	const char *way;
	const char *tag;
	const char *created;  /* who forked the process: a creation, ... */
	const char *by;	      /* ... or the tag of its creator; both NULL: nobody here knows */
	const char *exe;      /* as the kernel will name it */
	const char *previous; /* what it was before, where it has been another program; else NULL */
	const char *script;   /* which script the program interprets; else NULL */
	pid_t adopter;	      /* who adopted it; 0: nobody yet or not to be known */
	const char *const *argv;
};

/* --- report.c --- */

/* Sets `tag` to a new one for `way`. */
void report_tag(const struct actor *actor, const char *way, char tag[TRUTH_TAG]);

/* Says that the caller is about to create a process; `id` names that creation from now on. */
void report_creation(const struct actor *actor, char id[TRUTH_ID]);

void report_exec(const struct actor *actor, const struct start *start);

/* Says it, and does it. */
void report_and_run(const struct actor *actor, const struct start *start) __attribute__((noreturn));

/* Makes the caller a program that ends at once, or, if `ms` is not 0, after that time. */
void report_leaf(const struct actor *actor, const char *way, const char *created, pid_t adopter,
		 unsigned int ms) __attribute__((noreturn));

/* --- record.c --- */

/* Listens on `path` and writes to `out` what it is told. With a driver, `uid` runs it with `driver`
 * as its arguments, and all ends with its last descendant; without (NULL), with the end of stdin.
 */
int record(const char *path, const char *out, uid_t uid, gid_t gid, char *const driver[]);

/* Has the next process get `pid`, unless another is faster. Returns false if that can't be asked.
 */
bool record_next_pid(pid_t pid);

/* --- ways.c, programs.c, spaces.c, elsewhere.c --- */

struct way {
	const char *name;
	void (*run)(struct actor *actor, const char *way);
};

extern const struct way ways_of_forking[]; /* up to one without a name, as are ... */
extern const struct way ways_of_running[]; /* ... these, which need a folder, ... */
extern const struct way ways_through_namespaces[];
extern const struct way ways_with_old_pids[]; /* ... and these, only one at a time */
extern const struct way ways_elsewhere[]; /* where the environment has TRUTH_I386 */

/* Makes the files that ways_of_running need. */
void programs_prepare(const struct actor *actor);

/* Waits for all children. */
void ways_reap(void);

/* Creates a process by fork, and says so. Returns what fork does; `id` as report_creation() gives
 * it. */
pid_t ways_fork(const struct actor *actor, char id[TRUTH_ID]);

/* Waits until `parent` is no longer the parent; returns who is. */
pid_t ways_adopted(pid_t parent);

void ways_nap(unsigned int ms);

/* In a container: has TRUTH_SOCKET lead to the recorder that listens on `path`. */
bool elsewhere_connect(const char *path);

/* What main() runs a program of the above for; they don't return. */
void role_chain(struct actor *actor, char *argv[]) __attribute__((noreturn));
void role_parent(struct actor *actor, char *argv[]) __attribute__((noreturn));
void role_orphaner(struct actor *actor, char *argv[]) __attribute__((noreturn));

#endif
