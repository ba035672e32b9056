/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small file that others read: they see the old one or the new one, and never a part. */
#ifndef AUSPAWN_BASE_WHOLE_FILE_H
#define AUSPAWN_BASE_WHOLE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/span.h"

/* Puts `text` in the place of whatever has the path, by way of PATH.new. Not synchronised: after a power cut it may be
 * gone. Returns 0 or a negative errno; the old file stays then. */
int whole_file_write(const char *path, mode_t mode, struct span text);

/* Returns the whole file as a string, free() releases it; NULL with errno set if it can't be read, is larger than
 * `limit` bytes (EFBIG), is a symbolic link (ELOOP) or no plain file (EBADMSG). Nothing is waited for. */
char *whole_file_read(const char *path, size_t limit);

#endif
