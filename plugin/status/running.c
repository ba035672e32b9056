/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/running.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/whole_file.h"
#include "process/document.h"
#include "status/process.h"
#include "status/status.h"

#define LOOK_AGAIN_MS 5

static char *path_of(const char *folder, const char *name)
{
	UT_string path;

	utstring_init(&path);
	utstring_printf(&path, "%s/%s", folder, name);
	return utstring_body(&path);
}

struct json_object *running_read(const char *state_dir, const char *name)
{
	char *path = path_of(state_dir, name);
	char *text = whole_file_read(path, STATUS_MAX_FILE);
	struct json_object *document = NULL;
	int error = text ? EBADMSG : errno;

	if (text)
		document = json_tokener_parse(text);
	if (document && !json_object_is_type(document, json_type_object)) {
		json_object_put(document);
		document = NULL;
	}
	free(text);
	free(path);
	errno = error;
	return document;
}

/* The number could be made up by whoever can write the state; a signal must not hit anything else. */
static bool is_plugin(pid_t pid)
{
	static const char deleted[] = " (deleted)";
	char link[64], exe[PATH_MAX + 1];
	ssize_t length;
	char *name;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	length = readlink(link, exe, PATH_MAX);
	if (length <= 0)
		return false;
	exe[length] = '\0';
	/* It was replaced by a newer one meanwhile. */
	name = strstr(exe, deleted);
	if (name && !name[strlen(deleted)])
		*name = '\0';
	name = strrchr(exe, '/');
	return name && !strcmp(name + 1, "auspawn");
}

/* The process that wrote the document; 0 if it has ended. */
static pid_t process_of(struct json_object *document)
{
	int64_t pid = json_object_get_int64(document_get(document, "plugin.pid"));
	uint64_t ticks =
		(uint64_t)json_object_get_int64(document_get(document, "plugin.start_ticks"));

	if (document_get(document, "plugin.ended") || pid <= 1 || pid > INT_MAX)
		return 0;
	if (!ticks || process_start_ticks((pid_t)pid) != ticks || !is_plugin((pid_t)pid))
		return 0;
	return (pid_t)pid;
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Each version of the file is a new one. Returns whether one came in time. */
static bool await_change(const char *path, const struct stat *before)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_MS * 1000000 };
	struct stat now;

	for (int i = 0; i < RUNNING_WAIT_MS / LOOK_AGAIN_MS; i++) {
		nanosleep(&pause, NULL);
		if (!stat(path, &now) && !same(&now, before))
			return true;
	}
	return false;
}

/* Signals the process that wrote the document. A pid alone can be another's by now; a kernel that has no descriptors of
 * processes (before 5.3) leaves us nothing else. Returns 0 or a negative errno. */
static int signal_plugin(struct json_object *document, pid_t pid)
{
	int error = 0, process = -1;

#ifdef SYS_pidfd_open
	process = (int)syscall(SYS_pidfd_open, pid, 0);
	if (process < 0 && errno != ENOSYS && errno != EPERM)
		return -errno;
#endif
	if (process_of(document) != pid)
		error = -ESRCH;
#ifdef SYS_pidfd_send_signal
	else if (process >= 0)
		error = syscall(SYS_pidfd_send_signal, process, SIGUSR1, NULL, 0) ? -errno : 0;
#endif
	else
		error = kill(pid, SIGUSR1) ? -errno : 0;
	if (process >= 0)
		close(process);
	return error;
}

static int refresh(const char *state_dir, struct running *running, pid_t pid)
{
	char *path = path_of(state_dir, STATUS_FILE);
	struct json_object *fresh = NULL;
	struct stat before;
	int error = 0;

	if (stat(path, &before))
		error = -errno;
	else
		error = signal_plugin(running->document, pid);
	if (!error && await_change(path, &before))
		fresh = running_read(state_dir, STATUS_FILE);
	free(path);
	if (fresh) {
		json_object_put(running->document);
		running->document = fresh;
		running->fresh = true;
	}
	return error;
}

int running_ask(const char *state_dir, struct running *running)
{
	pid_t pid;
	int error;

	*running = (struct running){ .document = running_read(state_dir, STATUS_FILE) };
	if (!running->document)
		return -errno;
	pid = process_of(running->document);
	if (!pid)
		return 0;
	running->alive = true;
	error = refresh(state_dir, running, pid);
	/* It may have ended just now. */
	if (error == -ESRCH) {
		running->alive = false;
		error = 0;
	}
	if (error)
		running_clear(running);
	return error;
}

void running_clear(struct running *running)
{
	json_object_put(running->document);
	*running = (struct running){ 0 };
}
