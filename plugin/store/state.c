/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNTS     "rarity.json"
#define NEW_COUNTS "rarity.json.new"
#define BAD_COUNTS "rarity.json.damaged"

static int open_folder(const char *folder)
{
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t n = write(fd, text, length);

		if (n < 0)
			return -errno;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

static int write_counts(int folder, struct json_object *counts)
{
	const char *text = json_object_to_json_string_ext(counts, JSON_C_TO_STRING_PLAIN);
	int fd = openat(folder, NEW_COUNTS, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			0600);
	int error;

	if (fd < 0)
		return -errno;
	error = write_all(fd, text, strlen(text));
	if (close(fd) && !error)
		error = -errno;
	if (!error && renameat(folder, NEW_COUNTS, folder, COUNTS))
		error = -errno;
	if (error)
		unlinkat(folder, NEW_COUNTS, 0);
	return error;
}

int state_save_rarity(const char *folder, struct json_object *counts)
{
	int fd, error;

	if (mkdir(folder, 0700) && errno != EEXIST)
		return -errno;
	fd = open_folder(folder);
	if (fd < 0)
		return -errno;
	error = write_counts(fd, counts);
	close(fd);
	return error;
}

int state_load_rarity(const char *folder, struct json_object **counts)
{
	int fd = open_folder(folder);
	int file;

	if (fd < 0)
		return -errno;
	file = openat(fd, COUNTS, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	close(fd);
	if (file < 0)
		return -errno;
	*counts = json_object_from_fd(file);
	close(file);
	return *counts ? 0 : -EBADMSG;
}

void state_set_aside_rarity(const char *folder)
{
	int fd = open_folder(folder);

	if (fd < 0)
		return;
	/* If even this fails, the next save replaces the file. */
	(void)renameat(fd, COUNTS, fd, BAD_COUNTS);
	close(fd);
}
