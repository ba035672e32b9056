/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/tail.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 65536

/* Pieces overlap by what could be the text's begin. */
static bool is_in(int fd, off_t from, const char *text)
{
	size_t length = strlen(text), kept = 0, looked_at = 0;
	char data[TAIL_MAX_TEXT + PIECE];
	ssize_t n;

	while (looked_at < TAIL_MAX_BYTES && (n = pread(fd, data + kept, PIECE, from)) > 0) {
		size_t have = kept + (size_t)n;

		if (memmem(data, have, text, length))
			return true;
		kept = have < length - 1 ? have : length - 1;
		memmove(data, data + have - kept, kept);
		looked_at += (size_t)n;
		from += n;
	}
	return false;
}

bool tail_has(const char *path, off_t from, const char *text)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	bool found = false;

	if (fd < 0)
		return false;
	if (!fstat(fd, &status) && S_ISREG(status.st_mode))
		found = is_in(fd, status.st_size >= from ? from : 0, text);
	close(fd);
	return found;
}
