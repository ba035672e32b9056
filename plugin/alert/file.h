/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that grows by whole lines, each by one write, so that several writers do not mix theirs. */
#ifndef AUSPAWN_ALERT_FILE_H
#define AUSPAWN_ALERT_FILE_H

#include <stdint.h>

#include "base/memory.h"

#include <utstring.h>

struct file_sink;

/* The file is made, readable by its owner and group only, when the first line is written. */
struct file_sink *file_new(const char *path);
void file_free(struct file_sink *sink);

/* Appends `line`, which gets its newline here. Returns 0 or a negative errno; the line is lost then. */
int file_append(struct file_sink *sink, UT_string *line);

/* The next line goes to whatever has the path then: the file was rotated. */
void file_reopen(struct file_sink *sink);

#endif
