/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privilege/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#define OUTPUT_FOLDER_MODE 0750
#define OUTPUT_MODE	   0640

static int open_folder(const char *path, struct stat *status)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, status))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* A plain file of root's that has no other name becomes the account's. Opening a FIFO or a device
 * could wait or act, so what it is is looked at first, and again. */
static int give_file(int folder, const char *name, const struct account *account)
{
	struct stat before, status;
	int fd, error = 0;

	if (fstatat(folder, name, &before, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (!S_ISREG(before.st_mode) || before.st_nlink != 1)
		return -EPERM;
	if (before.st_uid == account->uid)
		return 0;
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) || status.st_ino != before.st_ino ||
	    status.st_dev != before.st_dev || status.st_nlink != 1 || status.st_uid != 0)
		error = -EPERM;
	else if (fchown(fd, account->uid, account->gid))
		error = -errno;
	close(fd);
	return error;
}

static int give_files(int folder, const struct account *account)
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *files = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!files) {
		if (copy >= 0)
			close(copy);
		return -errno;
	}
	/* What is not given fails when it is used, and that is told then. */
	while ((entry = readdir(files)))
		give_file(folder, entry->d_name, account);
	closedir(files);
	return 0;
}

int folder_give(const char *path, mode_t mode, const struct account *account)
{
	bool made = !mkdir(path, mode);
	struct stat status;
	int fd, error = 0;

	if (!made && errno != EEXIST)
		return -errno;
	fd = open_folder(path, &status);
	if (fd < 0)
		return fd;
	if (status.st_uid != account->uid &&
	    (status.st_uid != 0 || (status.st_mode & 0777 & ~mode)))
		error = -EPERM;
	if (!error)
		error = give_files(fd, account);
	/* Only now: before, nobody else could change what is in it. */
	if (!error && status.st_uid != account->uid && fchown(fd, account->uid, account->gid))
		error = -errno;
	close(fd);
	return error;
}

static int give_file_in(const char *path, const char *name, const struct account *account)
{
	struct stat status;
	int file, error = 0;
	int folder = open_folder(path, &status);

	if (folder < 0)
		return folder;
	if (status.st_uid == 0 && !(status.st_mode & (S_IWGRP | S_IWOTH))) {
		file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			      OUTPUT_MODE);
		if (file >= 0)
			close(file);
		error = give_file(folder, name, account);
	}
	close(folder);
	return error;
}

int folder_give_file(const char *path, const struct account *account)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	int error;

	if (!slash || slash == path || !slash[1])
		return -EINVAL;
	folder = mem_strdup(path);
	folder[slash - path] = '\0';
	if (access(folder, F_OK))
		error = folder_give(folder, OUTPUT_FOLDER_MODE, account);
	else
		error = give_file_in(folder, slash + 1, account);
	free(folder);
	return error;
}
