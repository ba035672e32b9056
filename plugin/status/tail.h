/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was lately written to a file in a folder of somebody else's. */
#ifndef AUSPAWN_STATUS_TAIL_H
#define AUSPAWN_STATUS_TAIL_H

#include <stdbool.h>
#include <sys/types.h>

#define TAIL_MAX_BYTES (64u << 20) /* that are looked through */
#define TAIL_MAX_TEXT  256

/* Is `text`, not empty and shorter than TAIL_MAX_TEXT, in what the plain file has behind its first `from` bytes? If
 * it is shorter than that it is another one by now, and all of it counts. No link is followed and nothing waited
 * for. */
bool tail_has(const char *path, off_t from, const char *text);

#endif
