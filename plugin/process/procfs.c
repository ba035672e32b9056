/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

#define MAX_ARGS (PROCFS_MAX_FILE / 2)

#define CLOCK_TRIES 4

struct procfs {
	int root;
	long ticks_per_second;
	struct users *users;
	char text[PROCFS_MAX_FILE + 1];
	char executable[PATH_MAX];
	char directory[PATH_MAX];
	char comm[64];
	char args[PROCFS_MAX_FILE + 1];
	struct arg arg[MAX_ARGS];
};

struct procfs *procfs_open(const char *path, struct users *users)
{
	int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct procfs *procfs;

	if (root < 0)
		return NULL;
	procfs = mem_zalloc(sizeof(*procfs));
	procfs->root = root;
	procfs->ticks_per_second = sysconf(_SC_CLK_TCK);
	procfs->users = users;
	return procfs;
}

void procfs_free(struct procfs *procfs)
{
	if (!procfs)
		return;
	close(procfs->root);
	free(procfs);
}

/* A descriptor of the process itself: once it is gone, reads through it fail, whoever has the pid. */
static int open_process(struct procfs *procfs, pid_t pid)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", (int)pid);
	return openat(procfs->root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Reads a small file into `out`, whose size is `size` and which gets a NUL; SPAN_NONE on failure. */
static struct span read_file(int process, const char *name, char *out, size_t size)
{
	int file = openat(process, name, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t n = -1;

	if (file < 0)
		return SPAN_NONE;
	while (length < size - 1) {
		n = read(file, out + length, size - 1 - length);
		if (n <= 0)
			break;
		length += (size_t)n;
	}
	close(file);
	if (n < 0)
		return SPAN_NONE;
	out[length] = '\0';
	return (struct span){ out, length };
}

static const char *read_link(int process, const char *name, char *out, size_t size)
{
	ssize_t n = readlinkat(process, name, out, size - 1);

	if (n <= 0)
		return NULL;
	out[n] = '\0';
	return out;
}

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* When the machine was booted, in ms since 1970. Two clocks are read for that: whoever is interrupted between
 * would be wrong by the time that took. */
static int64_t boot_ms(void)
{
	int64_t before, now, after, boot = 0, best = INT64_MAX;

	for (int i = 0; i < CLOCK_TRIES && best > 0; i++) {
		before = clock_ms(CLOCK_BOOTTIME);
		now = clock_ms(CLOCK_REALTIME);
		after = clock_ms(CLOCK_BOOTTIME);
		if (after - before < best) {
			best = after - before;
			boot = now - after;
		}
	}
	return boot;
}

static struct procfs_start start_of(const struct procfs *procfs, const struct procfs_stat *stat)
{
	int64_t boot = boot_ms();
	int64_t ms = (int64_t)(stat->start_ticks * 1000 / (unsigned long)procfs->ticks_per_second);

	return (struct procfs_start){ stat->start_ticks, boot + ms, stat->ended };
}

static bool read_stat(struct procfs *procfs, int process, struct procfs_stat *stat)
{
	return procfs_parse_stat(read_file(process, "stat", procfs->text, sizeof(procfs->text)),
				 stat);
}

/* /proc/PID/cmdline separates arguments by NUL; struct args joins them by spaces. */
static void read_args(struct procfs *procfs, int process, struct args *args)
{
	struct span text =
		read_file(process, "cmdline", procfs->args, sizeof(procfs->args));
	uint32_t start = 0;

	if (!text.start || !text.length)
		return;
	for (uint32_t i = 0; i < text.length; i++) {
		bool ends = procfs->args[i] == '\0';

		if (!ends && i + 1 < text.length)
			continue;
		args->count++;
		if (args->known == MAX_ARGS)
			continue;
		procfs->arg[args->known++] = (struct arg){ start, i - start + !ends };
		args->text_length = i + !ends;
		start = i + 1;
		if (ends && i + 1 < text.length)
			procfs->args[i] = ' ';
	}
	args->text = procfs->args;
	args->arg = procfs->arg;
}

static void read_number(struct procfs *procfs, int process, const char *name, uint32_t *number)
{
	struct span text = read_file(process, name, procfs->text, sizeof(procfs->text));

	if (!text.start || sscanf(text.start, "%" SCNu32, number) != 1)
		*number = ID_UNSET;
}

static void read_container(struct procfs *procfs, int process, struct container *container)
{
	char *link = procfs->text;
	size_t size = sizeof(procfs->text);

	memset(container, 0, sizeof(*container));
	container_from_cgroup(read_file(process, "cgroup", link, size), container);
	if (!container->id[0])
		return;
	container->namespaces.mount =
		procfs_parse_namespace(read_link(process, "ns/mnt", link, size));
	container->namespaces.user =
		procfs_parse_namespace(read_link(process, "ns/user", link, size));
}

void procfs_name(struct procfs *procfs, pid_t pid, uint64_t ticks, const struct container *container,
		 struct credentials *credentials)
{
	const struct users_place place = { container->namespaces, container->id, pid, ticks };
	bool inside = container->id[0] && place.namespaces.mount && place.namespaces.user;

	users_complete(procfs->users, credentials, inside ? &place : NULL);
}

static void read_comm(struct procfs *procfs, int process, struct image *image)
{
	struct span comm = read_file(process, "comm", procfs->comm, sizeof(procfs->comm));

	if (!comm.start || !comm.length)
		return;
	if (procfs->comm[comm.length - 1] == '\n')
		procfs->comm[comm.length - 1] = '\0';
	image->comm = procfs->comm;
}

static void read_image(struct procfs *procfs, int process, int64_t tty, struct image *image,
		       struct container *container, bool *nested)
{
	struct credentials *credentials = &image->credentials;
	struct span status;

	read_comm(procfs, process, image);
	image->executable = read_link(process, "exe", procfs->executable, sizeof(procfs->executable));
	image->working_directory =
		read_link(process, "cwd", procfs->directory, sizeof(procfs->directory));
	image->interactive = tty ? KNOWN_TRUE : KNOWN_FALSE;
	read_args(procfs, process, &image->args);
	status = read_file(process, "status", procfs->text, sizeof(procfs->text));
	procfs_parse_status(status, credentials);
	*nested = procfs_parse_nested(status);
	read_number(procfs, process, "loginuid", &credentials->login_user.id);
	read_number(procfs, process, "sessionid", &credentials->session);
	read_container(procfs, process, container);
	if (container->id[0]) {
		image->container_id = container->id;
		image->container_runtime = container->runtime;
		image->namespaces = container->namespaces;
	}
}

/* With control groups of version 1 the kernel shows one that ends in none (kernel/cgroup/cgroup.c:
 * proc_cgroup_show). The state must have been read last. */
static bool tells_container(const struct container *container, const struct procfs_stat *stat)
{
	return container->id[0] || !stat->exiting;
}

bool procfs_read(struct procfs *procfs, pid_t pid, int64_t by, struct procfs_process *process)
{
	struct image image = { 0 };
	struct container container;
	struct procfs_stat stat;
	int fd = open_process(procfs, pid);
	bool found;

	if (fd < 0)
		return false;
	found = read_stat(procfs, fd, &stat);
	if (found) {
		*process = (struct procfs_process){ .pid = pid, .ppid = stat.ppid };
		process->start = start_of(procfs, &stat);
		found = process->start.ms <= by + PROCFS_SLACK_MS;
	}
	if (found) {
		read_image(procfs, fd, stat.tty, &image, &container, &process->nested);
		/* Still there? Then all of the above was about one process. */
		found = read_stat(procfs, fd, &stat);
		image.container_known = tells_container(&container, &stat);
	}
	close(fd);
	if (found) {
		procfs_name(procfs, pid, stat.start_ticks, &container, &image.credentials);
		process->image = image_copy(&image, SIZE_MAX);
	}
	return found;
}

bool procfs_look(struct procfs *procfs, pid_t pid, int64_t by, struct procfs_glance *glance)
{
	struct procfs_stat stat;
	int fd = open_process(procfs, pid);
	struct span status;
	bool found;

	if (fd < 0)
		return false;
	read_container(procfs, fd, &glance->container);
	status = read_file(fd, "status", procfs->text, sizeof(procfs->text));
	glance->nested = procfs_parse_nested(status);
	glance->inner = procfs_parse_inner(status);
	found = read_stat(procfs, fd, &stat);
	close(fd);
	if (found) {
		glance->start = start_of(procfs, &stat);
		glance->group = stat.group;
		glance->session = stat.session;
		glance->container_known = tells_container(&glance->container, &stat);
	}
	return found && glance->start.ms <= by + PROCFS_SLACK_MS;
}

static bool is_wanted(struct span variable, const char *const names[])
{
	const char *equals = memchr(variable.start, '=', variable.length);

	if (!equals)
		return false;
	variable.length = (size_t)(equals - variable.start);
	for (; *names; names++) {
		if (span_is(variable, *names))
			return true;
	}
	return false;
}

/* Takes the next variable that is wanted off the front of `text`; SPAN_NONE if there is none. */
static struct span next_wanted(struct span *text, const char *const names[])
{
	while (text->length) {
		struct span variable = { text->start, strnlen(text->start, text->length) };
		size_t skip = variable.length < text->length ? variable.length + 1 : text->length;

		text->start += skip;
		text->length -= skip;
		if (is_wanted(variable, names))
			return variable;
	}
	return SPAN_NONE;
}

static size_t count_wanted(struct span text, const char *const names[])
{
	size_t count = 0;

	while (next_wanted(&text, names).start)
		count++;
	return count;
}

/* A variable can be there many times, and programs differ in which they take, the first or the last: of too
 * many those in the middle are left out. */
char *procfs_parse_environment(struct span text, const char *const names[], size_t *count)
{
	size_t wanted = count_wanted(text, names);
	char *variables = NULL;
	size_t size = 0;

	*count = 0;
	for (size_t i = 0; i < wanted; i++) {
		struct span variable = next_wanted(&text, names);

		if (i >= PROCFS_MAX_VARIABLES / 2 && wanted - i > PROCFS_MAX_VARIABLES / 2)
			continue;
		if (variable.length > PROCFS_MAX_VARIABLE)
			variable.length = PROCFS_MAX_VARIABLE;
		variables = mem_resize(variables, size + variable.length + 1, 1);
		memcpy(variables + size, variable.start, variable.length);
		size += variable.length + 1;
		variables[size - 1] = '\0';
		(*count)++;
	}
	return variables;
}

/* All of a file that can be longer than others. free() releases `*buffer`. */
static struct span read_long_file(int process, const char *name, char **buffer)
{
	size_t size = PROCFS_MAX_FILE;
	struct span text;

	*buffer = NULL;
	do {
		size *= 2;
		*buffer = mem_resize(*buffer, size, 1);
		text = read_file(process, name, *buffer, size);
	} while (text.length >= size - 1 && size < PROCFS_MAX_ENVIRONMENT);
	return text;
}

char *procfs_environment(struct procfs *procfs, pid_t pid, uint64_t ticks,
			 const char *const names[], size_t *count)
{
	int fd = open_process(procfs, pid);
	char *variables = NULL;
	struct procfs_stat stat;
	char *buffer;

	*count = 0;
	if (fd < 0)
		return NULL;
	if (read_stat(procfs, fd, &stat) && stat.start_ticks == ticks) {
		variables = procfs_parse_environment(read_long_file(fd, "environ", &buffer), names,
						     count);
		free(buffer);
	}
	close(fd);
	return variables;
}

static bool stat_process(struct procfs *procfs, pid_t pid, struct procfs_stat *stat)
{
	int fd = open_process(procfs, pid);
	bool found;

	if (fd < 0)
		return false;
	found = read_stat(procfs, fd, stat);
	close(fd);
	return found;
}

bool procfs_started(struct procfs *procfs, pid_t pid, struct procfs_start *start)
{
	struct procfs_stat stat;

	if (!stat_process(procfs, pid, &stat))
		return false;
	*start = start_of(procfs, &stat);
	return true;
}

bool procfs_session(struct procfs *procfs, pid_t pid, pid_t *session)
{
	struct procfs_stat stat;

	if (!stat_process(procfs, pid, &stat))
		return false;
	*session = stat.session;
	return true;
}

void procfs_scan(struct procfs *procfs,
		 void (*handle)(void *user, const struct procfs_process *process), void *user)
{
	int copy = openat(procfs->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = copy < 0 ? NULL : fdopendir(copy);
	struct procfs_process process;
	struct dirent *entry;

	if (!directory) {
		if (copy >= 0)
			close(copy);
		return;
	}
	while ((entry = readdir(directory))) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !procfs_read(procfs, (pid_t)atoi(entry->d_name), INT64_MAX - PROCFS_SLACK_MS,
				 &process))
			continue;
		handle(user, &process);
		image_unref(process.image);
	}
	closedir(directory);
}
