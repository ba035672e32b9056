/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

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

void file_follow(struct file_sink *sink)
{
	struct stat there, ours;

	if (sink->fd < 0)
		return;
	if (fstat(sink->fd, &ours) || stat(sink->path, &there) || there.st_dev != ours.st_dev ||
	    there.st_ino != ours.st_ino)
		file_reopen(sink);
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

/* Whoever wrote before us may have been ended in the middle of a line. */
static bool ends_in_a_line(const struct file_sink *sink)
{
	struct stat status;
	char last = '\n';
	int fd;

	if (fstat(sink->fd, &status) || !S_ISREG(status.st_mode) || !status.st_size)
		return false;
	fd = open(sink->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	if (pread(fd, &last, 1, status.st_size - 1) != 1)
		last = '\n';
	close(fd);
	return last != '\n';
}

static bool open_file(struct file_sink *sink)
{
	if (sink->fd >= 0)
		return true;
	/* A FIFO without a reader must not hold up the plugin. */
	sink->fd = open(sink->path,
			O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	if (sink->fd < 0)
		return false;
	sink->torn = ends_in_a_line(sink);
	return true;
}

int file_append(struct file_sink *sink, struct span line)
{
	ssize_t written;

	if (!open_file(sink) || !mend(sink))
		return -errno;
	written = write(sink->fd, line.start, line.length);
	if (written < 0)
		return -errno;
	sink->torn = (size_t)written != line.length;
	return sink->torn ? -ENOSPC : 0;
}
