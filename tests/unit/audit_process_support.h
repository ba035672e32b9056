/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of audit/ and process/ share: cmocka, spans, images and a /proc of their own. */
#ifndef AUSPAWN_TESTS_AUDIT_PROCESS_SUPPORT_H
#define AUSPAWN_TESTS_AUDIT_PROCESS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/span.h"
#include "process/event.h"

#include <utstring.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Of a string literal, whatever bytes are in it. */
#define SPAN(literal) ((struct span){ "" literal, sizeof(literal) - 1 })

static inline void check_span(struct span span, const char *expected, const char *file, int line)
{
	if (span.start && span_is(span, expected))
		return;
	print_error("\"%.*s\" is not \"%s\"\n", (int)span.length, span.start ? span.start : "",
		    expected);
	_fail(file, line);
}
#define assert_span(span, expected) check_span(span, expected, __FILE__, __LINE__)

/* Either may be NULL. */
static inline void check_text(const char *text, const char *expected, const char *file, int line)
{
	if (text == expected || (text && expected && !strcmp(text, expected)))
		return;
	print_error("\"%s\" is not \"%s\"\n", text ? text : "(NULL)",
		    expected ? expected : "(NULL)");
	_fail(file, line);
}
#define assert_text(text, expected) check_text(text, expected, __FILE__, __LINE__)

/* Stands in a list of arguments for one whose record is missing. */
static const char missing_arg[] = "";

/* Returns a copy of `image` with the arguments in `argv`, which NULL ends; image_unref() releases
 * it. */
static inline const struct image *new_image(const struct image *image, const char *const argv[])
{
	struct image draft = *image;
	struct arg arg[64];
	const struct image *copy;
	UT_string text;
	uint32_t n = 0;

	utstring_init(&text);
	for (; argv && argv[n]; n++) {
		assert_true(n < ARRAY_SIZE(arg));
		arg[n] = (struct arg){ 0, ARG_MISSING };
		if (argv[n] == missing_arg)
			continue;
		utstring_printf(&text, "%s", n ? " " : "");
		arg[n].start = (uint32_t)utstring_len(&text);
		arg[n].length = (uint32_t)strlen(argv[n]);
		utstring_bincpy(&text, argv[n], arg[n].length);
	}
	if (argv)
		draft.args = (struct args){ utstring_body(&text), (uint32_t)utstring_len(&text), n,
					    n, arg };
	copy = image_copy(&draft, SIZE_MAX);
	utstring_done(&text);
	return copy;
}
#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* A folder that looks like /proc; what a test leaves out is not there, as for a kernel thread. */
struct fake_proc {
	char path[64];
};

struct fake_process {
	pid_t pid;
	pid_t ppid;
	uint64_t start_ticks;
	int tty;
	char state; /* 0: S */
	const char *comm;
	struct span cmdline;
	const char *exe;
	const char *cwd;
	const char *cgroup;
	const char *loginuid;
	const char *sessionid;
	pid_t group, session; /* 0: 7 */
	struct span environ;
	bool exiting;
	const char *mount_namespace, *user_namespace; /* "mnt:[1]", "user:[1]"; NULL: not to be seen */
	const char *nspid; /* its pid in each namespace, from ours inwards; NULL: in ours alone */
	uint32_t uid; /* real; the effective one is 1 more, the saved 2, the groups' 10, 11, 12 */
};

static inline void fake_proc_make(struct fake_proc *proc)
{
	const char *folder = getenv("TMPDIR");

	snprintf(proc->path, sizeof(proc->path), "%s/auspawn-proc-XXXXXX",
		 folder && strlen(folder) < 32 ? folder : "/tmp");
	assert_non_null(mkdtemp(proc->path));
}

static inline int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	(void)stat;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Of one process, or of all with `pid` 0. */
static inline void fake_proc_remove(const struct fake_proc *proc, pid_t pid)
{
	char path[128];

	snprintf(path, sizeof(path), "%s", proc->path);
	if (pid)
		snprintf(path, sizeof(path), "%s/%d", proc->path, (int)pid);
	assert_int_equal(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void fake_proc_write(const struct fake_proc *proc, pid_t pid, const char *name,
				   struct span text)
{
	char path[128];
	FILE *file;

	if (!text.start)
		return;
	snprintf(path, sizeof(path), "%s/%d/%s", proc->path, (int)pid, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(text.start, 1, text.length, file), text.length);
	assert_int_equal(fclose(file), 0);
}

static inline void fake_proc_link(const struct fake_proc *proc, pid_t pid, const char *name,
				  const char *target)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%d/%s", proc->path, (int)pid, name);
	if (target)
		assert_int_equal(symlink(target, path), 0);
}

static inline void fake_proc_add(const struct fake_proc *proc, const struct fake_process *process)
{
	const uint32_t uid = process->uid;
	const pid_t pid = process->pid;
	char text[512];

	snprintf(text, sizeof(text), "%s/%d", proc->path, (int)pid);
	if (!access(text, F_OK))
		fake_proc_remove(proc, pid);
	assert_int_equal(mkdir(text, 0700), 0);

	snprintf(text, sizeof(text),
		 "%d (%s) %c %d %d %d %d -1 %d 104 0 0 0 1 2 3 4 20 0 1 0 %" PRIu64 " 313 356\n",
		 (int)pid, process->comm ? process->comm : "",
		 process->state ? process->state : 'S', (int)process->ppid,
		 process->group ? (int)process->group : 7,
		 process->session ? (int)process->session : 7, process->tty,
		 process->exiting ? 4194308 : 4194304, process->start_ticks);
	fake_proc_write(proc, pid, "stat", span_of(text));
	snprintf(text, sizeof(text),
		 "Name:\tx\nPid:\t%d\nUid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nGroups:\t\n"
		 "NSpid:\t%s\n",
		 (int)pid, uid, uid + 1, uid + 2, uid + 1, uid + 10, uid + 11, uid + 12, uid + 11,
		 process->nspid ? process->nspid : "1");
	fake_proc_write(proc, pid, "status", span_of(text));
	if (process->comm) {
		snprintf(text, sizeof(text), "%s\n", process->comm);
		fake_proc_write(proc, pid, "comm", span_of(text));
	}
	fake_proc_write(proc, pid, "cmdline", process->cmdline);
	fake_proc_write(proc, pid, "environ", process->environ);
	fake_proc_write(proc, pid, "cgroup", span_of(process->cgroup));
	fake_proc_write(proc, pid, "loginuid", span_of(process->loginuid));
	fake_proc_write(proc, pid, "sessionid", span_of(process->sessionid));
	fake_proc_link(proc, pid, "exe", process->exe);
	fake_proc_link(proc, pid, "cwd", process->cwd);
	snprintf(text, sizeof(text), "%s/%d/ns", proc->path, (int)pid);
	assert_int_equal(mkdir(text, 0700), 0);
	fake_proc_link(proc, pid, "ns/mnt", process->mount_namespace);
	fake_proc_link(proc, pid, "ns/user", process->user_namespace);
}

#endif
