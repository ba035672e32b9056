/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with the configuration and the rule files, collected: a reader reports everything it
 * finds and goes on, the caller decides what a mistake means and where it is shown.
 */
#ifndef AUSPAWN_BASE_MISTAKES_H
#define AUSPAWN_BASE_MISTAKES_H

#include <stddef.h>

struct place {
	const char *file;
	int line;   /* from 1; 0 where the file as a whole is meant */
	int column; /* from 1, in bytes; 0 where the line as a whole is meant */
};

struct mistakes {
	char **message; /* "FILE:LINE:COLUMN: what is wrong", in the order found */
	size_t count;
};

/* Adds one mistake. `place->file` is copied. */
void mistakes_add(struct mistakes *mistakes, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Releases the messages; `mistakes` is empty and usable again afterwards. */
void mistakes_clear(struct mistakes *mistakes);

#endif
