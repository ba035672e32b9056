/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#include <utstring.h>

static int write_all(int fd, struct span text)
{
	while (text.length) {
		ssize_t n = write(fd, text.start, text.length);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			text = (struct span){ text.start + n, text.length - (size_t)n };
	}
	return 0;
}

static int write_new(const char *path, mode_t mode, struct span text)
{
	int fd, error;

	/* The folder may be somebody else's: no link that stands there is followed. */
	if (unlink(path) && errno != ENOENT)
		return -errno;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	error = write_all(fd, text);
	if (!error && fchmod(fd, mode))
		error = -errno;
	if (close(fd) && !error)
		error = -errno;
	return error;
}

int whole_file_write(const char *path, mode_t mode, struct span text)
{
	UT_string new;
	int error;

	utstring_init(&new);
	utstring_printf(&new, "%s.new", path);
	error = write_new(utstring_body(&new), mode, text);
	if (!error && rename(utstring_body(&new), path))
		error = -errno;
	if (error)
		unlink(utstring_body(&new));
	utstring_done(&new);
	return error;
}

/* Reads until the end or until there is more than `limit`. */
static char *read_all(int fd, size_t limit)
{
	char *text = mem_resize(NULL, limit + 1, 1);
	size_t length = 0;

	for (;;) {
		ssize_t n = read(fd, text + length, limit + 1 - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0 && (length += (size_t)n) > limit) {
			errno = EFBIG;
			n = -1;
		}
		if (n < 0) {
			free(text);
			return NULL;
		}
		if (n == 0)
			break;
	}
	text[length] = '\0';
	return text;
}

char *whole_file_read(const char *path, size_t limit)
{
	/* Where a FIFO, or a file with a lease, stands instead, nothing may be waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	char *text = NULL;
	int error;

	if (fd < 0)
		return NULL;
	errno = EBADMSG;
	if (!fstat(fd, &status) && S_ISREG(status.st_mode))
		text = read_all(fd, limit);
	error = errno;
	close(fd);
	errno = error;
	return text;
}
