/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that grows by whole lines, each by one write, so that several writers do not mix theirs. */
#ifndef AUSPAWN_ALERT_FILE_H
#define AUSPAWN_ALERT_FILE_H

#include "base/span.h"

struct file_sink;

/* The file is made, readable by its owner and group only, when the first line is written. */
struct file_sink *file_new(const char *path);
void file_free(struct file_sink *sink);

/* Appends `line`, which ends in its newline. Returns 0 or a negative errno: then it can be given again, and what was
 * written of it is ended by a newline first. */
int file_append(struct file_sink *sink, struct span line);

/* The next line goes to whatever has the path then: the file was rotated. */
void file_reopen(struct file_sink *sink);

/* The same if the path is no longer that of the file: whoever rotates it need not tell. */
void file_follow(struct file_sink *sink);

#endif
