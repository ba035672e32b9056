/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct file_sink {
	char *path;
	int fd;    /* -1 until the first line */
	bool torn; /* the last line was written in part: the next one needs a beginning of its own */
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
	sink->torn = false;
}

void file_free(struct file_sink *sink)
{
	if (!sink)
		return;
	file_reopen(sink);
	free(sink->path);
	free(sink);
}

/* Ends a line that was written in part. Returns false with errno set if it can't yet. */
static bool mend(struct file_sink *sink)
{
	if (sink->torn && write(sink->fd, "\n", 1) == 1)
		sink->torn = false;
	return !sink->torn;
}

int file_append(struct file_sink *sink, UT_string *line)
{
	ssize_t written;

	/* A FIFO without a reader must not hold up the plugin. */
	if (sink->fd < 0)
		sink->fd = open(sink->path,
				O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
				0640);
	if (sink->fd < 0 || !mend(sink))
		return -errno;
	utstring_bincpy(line, "\n", 1);
	written = write(sink->fd, utstring_body(line), utstring_len(line));
	if (written < 0)
		return -errno;
	sink->torn = (size_t)written != utstring_len(line);
	return sink->torn ? -ENOSPC : 0;
}
