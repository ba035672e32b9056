/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/container_names.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/memory.h"
#include "process/procfs.h"

#define MAX_PROC_FILE 16384 /* bytes of a file of /proc; a map has at most 340 lines */

/* --- texts --- */

/* Takes what stands before `end`, or all there is, off the front of `text`. */
static struct span take(struct span *text, char end)
{
	const char *found = text->length ? memchr(text->start, end, text->length) : NULL;
	struct span taken = { text->start, found ? (size_t)(found - text->start) : text->length };
	size_t skip = taken.length + (found != NULL);

	text->start += skip;
	text->length -= skip;
	return taken;
}

/* Nothing but decimal digits, and no more than an id has. */
static bool parse_id(struct span text, uint32_t *id)
{
	uint64_t number = 0;

	if (!text.length || text.length > 10)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		if (text.start[i] < '0' || text.start[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(text.start[i] - '0');
	}
	if (number > UINT32_MAX)
		return false;
	*id = (uint32_t)number;
	return true;
}

static bool take_number(struct span *line, uint32_t *number)
{
	while (line->length && *line->start == ' ') {
		line->start++;
		line->length--;
	}
	return parse_id(take(line, ' '), number);
}

bool container_names_map(struct span map, uint32_t id, uint32_t *inside)
{
	while (map.length) {
		struct span line = take(&map, '\n');
		uint32_t first, outside, count;

		if (take_number(&line, &first) && take_number(&line, &outside) &&
		    take_number(&line, &count) && id >= outside && id - outside < count) {
			*inside = first + (id - outside);
			return true;
		}
	}
	return false;
}

/* A line of + or - is not a user but an instruction to the name service (nsswitch.conf(5): compat). */
static bool may_be_shown(struct span name)
{
	if (!name.length || name.length >= CONTAINER_NAMES_MAX || name.start[0] == '+' ||
	    name.start[0] == '-')
		return false;
	for (size_t i = 0; i < name.length; i++) {
		unsigned char c = (unsigned char)name.start[i];

		if (c <= ' ' || c == 0x7f)
			return false;
	}
	return true;
}

/* NAME:PASSWORD:ID:... in both files; the first line that has the id counts. */
bool container_names_find(struct span text, bool ended, uint32_t id, char name[CONTAINER_NAMES_MAX])
{
	while (text.length && (ended || memchr(text.start, '\n', text.length))) {
		struct span line = take(&text, '\n');
		struct span first = take(&line, ':');
		uint32_t number;

		take(&line, ':');
		if (!parse_id(take(&line, ':'), &number) || number != id)
			continue;
		if (!may_be_shown(first))
			return false;
		memcpy(name, first.start, first.length);
		name[first.length] = '\0';
		return true;
	}
	return false;
}

/* --- files --- */

/* Reads at most `size` bytes. Returns how many or a negative errno. */
static ssize_t read_up_to(int file, char *out, size_t size)
{
	size_t length = 0;
	ssize_t n = 0;

	while (length < size) {
		n = read(file, out + length, size - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		length += (size_t)n;
	}
	return n < 0 ? -errno : (ssize_t)length;
}

static ssize_t read_proc_file(int process, const char *file_name, char out[MAX_PROC_FILE])
{
	int file = openat(process, file_name, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (file < 0)
		return -errno;
	length = read_up_to(file, out, MAX_PROC_FILE);
	close(file);
	return length;
}

/* Where the kernel is too old for openat2(2): no symbolic link at all, so none that leads out. */
static int find_without_links(int root, const char *file_name)
{
	int etc = openat(root, "etc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int file;

	if (etc < 0)
		return -errno;
	file = openat(etc, file_name + strlen("etc/"), O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0)
		file = -errno;
	close(etc);
	return file;
}

/* Finds the file without opening it: an open can do something, of a device for instance. */
static int find_inside(int root, const char *file_name)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				      .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	long file = syscall(SYS_openat2, root, file_name, &how, sizeof(how));

	if (file >= 0)
		return (int)file;
	return errno == ENOSYS ? find_without_links(root, file_name) : -errno;
}

/* A file of /proc would tell of whoever reads it. */
static bool is_plain(int file)
{
	struct statfs system;
	struct stat stat;

	return !fstat(file, &stat) && S_ISREG(stat.st_mode) && !fstatfs(file, &system) &&
	       system.f_type != PROC_SUPER_MAGIC;
}

/* Opens etc/passwd or etc/group below `root` for reading; returns a negative errno on failure. */
static int open_inside(int root, const char *file_name)
{
	char again[32];
	int found = find_inside(root, file_name);
	int file;

	if (found < 0)
		return found;
	if (!is_plain(found)) {
		close(found);
		return -EINVAL;
	}
	snprintf(again, sizeof(again), "/proc/self/fd/%d", found);
	file = open(again, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (file < 0)
		file = -errno;
	close(found);
	return file;
}

static int find_in_file(int file, uint32_t id, char name[CONTAINER_NAMES_MAX])
{
	char *text = mem_resize(NULL, CONTAINER_NAMES_MAX_FILE, 1);
	ssize_t length = read_up_to(file, text, CONTAINER_NAMES_MAX_FILE);
	int result = (int)length;

	if (length >= 0)
		result = container_names_find((struct span){ text, (size_t)length },
					      length < (ssize_t)CONTAINER_NAMES_MAX_FILE, id, name) ?
				 0 :
				 -ENOENT;
	free(text);
	return result;
}

/* --- processes --- */

static bool is_whom(int process, uint64_t ticks)
{
	char text[MAX_PROC_FILE];
	ssize_t length = read_proc_file(process, "stat", text);
	struct procfs_stat stat;

	if (length <= 0)
		return false;
	text[length < MAX_PROC_FILE ? length : MAX_PROC_FILE - 1] = '\0';
	return procfs_parse_stat((struct span){ text, strlen(text) }, &stat) &&
	       (!ticks || stat.start_ticks == ticks);
}

static int id_inside(int process, const struct container_names_question *question, uint32_t *inside)
{
	char text[MAX_PROC_FILE];
	ssize_t length = read_proc_file(process, question->group ? "gid_map" : "uid_map", text);

	if (length < 0)
		return (int)length;
	return container_names_map((struct span){ text, (size_t)length }, question->id, inside) ?
		       0 :
		       -ENOENT;
}

/* A container's root is the top of its mounts; with another one a process has chosen what it is named. */
static int open_root(int process)
{
	char top[2];
	ssize_t length = readlinkat(process, "root", top, sizeof(top));
	int root;

	if (length < 0)
		return -errno;
	if (length != 1)
		return -EXDEV;
	root = openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -errno : root;
}

static int ask_process(int process, const struct container_names_question *question,
		       char name[CONTAINER_NAMES_MAX])
{
	uint32_t id;
	int root, file, result;

	result = id_inside(process, question, &id);
	if (result)
		return result;
	root = open_root(process);
	if (root < 0)
		return root;
	file = open_inside(root, question->group ? "etc/group" : "etc/passwd");
	close(root);
	/* That the file is not there is not what it says. */
	if (file < 0)
		return file == -ENOENT ? -ENOTDIR : file;
	result = find_in_file(file, id, name);
	close(file);
	return result;
}

int container_names_ask(int procfs, const struct container_names_question *question,
			char name[CONTAINER_NAMES_MAX])
{
	char folder[16];
	int process, result;

	snprintf(folder, sizeof(folder), "%d", (int)question->pid);
	process = openat(procfs, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	/* The descriptor is of that very process: once it is gone, reads through it fail. */
	result = is_whom(process, question->ticks) ? ask_process(process, question, name) : -ESRCH;
	close(process);
	return result;
}
