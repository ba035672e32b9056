/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/state.h"

#define DAMAGED "state.db.damaged"

/* The file is made here and not by SQLite, so that it has the right mode and is no symbolic link.
 */
static int make_file(int folder)
{
	static const char *const others[] = { PLACE_DATABASE "-wal", PLACE_DATABASE "-shm" };
	int fd = openat(folder, PLACE_DATABASE, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
			0600);
	struct stat status;
	int error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status))
		error = -errno;
	else if (!S_ISREG(status.st_mode))
		error = -EINVAL;
	close(fd);
	for (size_t i = 0; i < 2 && !error; i++) {
		if (!fstatat(folder, others[i], &status, AT_SYMLINK_NOFOLLOW) &&
		    !S_ISREG(status.st_mode))
			error = S_ISLNK(status.st_mode) ? -ELOOP : -EINVAL;
	}
	return error;
}

int place_make(const char *folder)
{
	int fd, error;

	if (mkdir(folder, 0700) && errno != EEXIST)
		return -errno;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = make_file(fd);
	close(fd);
	return error;
}

int state_set_aside(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (renameat(fd, PLACE_DATABASE, fd, DAMAGED))
		error = -errno;
	/* A log is of use with its database only. */
	if (renameat(fd, PLACE_DATABASE "-wal", fd, DAMAGED "-wal"))
		unlinkat(fd, DAMAGED "-wal", 0);
	unlinkat(fd, PLACE_DATABASE "-shm", 0);
	close(fd);
	return error;
}
