/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct file_sink {
	char *path;
	int fd; /* -1 until the first line */
};

struct file_sink *file_new(const char *path)
{
	struct file_sink *sink = mem_zalloc(sizeof(*sink));

	sink->path = mem_strdup(path);
	sink->fd = -1;
	return sink;
}

void file_reopen(struct file_sink *sink)
{
	if (sink->fd >= 0)
		close(sink->fd);
	sink->fd = -1;
}

void file_free(struct file_sink *sink)
{
	if (!sink)
		return;
	file_reopen(sink);
	free(sink->path);
	free(sink);
}

int file_append(struct file_sink *sink, UT_string *line)
{
	ssize_t written;

	if (sink->fd < 0)
		sink->fd = open(sink->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
				0640);
	if (sink->fd < 0)
		return -errno;
	utstring_bincpy(line, "\n", 1);
	written = write(sink->fd, utstring_body(line), utstring_len(line));
	if (written < 0)
		return -errno;
	return (size_t)written == utstring_len(line) ? 0 : -ENOSPC;
}
