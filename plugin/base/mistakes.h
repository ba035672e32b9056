/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with the configuration and the rule files, collected: a reader reports everything
 * it finds and goes on, the caller decides what a mistake means and where it is shown.
 */
#ifndef AUSPAWN_BASE_MISTAKES_H
#define AUSPAWN_BASE_MISTAKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define MISTAKES_MAX 1000 /* of one file; past that one more says that there are others, and of
			   warnings half of that are told */

struct place {
	const char *file;
	int line;   /* from 1; 0 where the file as a whole is meant */
	int column; /* from 1, in bytes; 0 where the line as a whole is meant */
};

struct mistake {
	struct place place; /* `file` is the mistake's own */
	bool warning;	    /* it is suspicious, and nothing is refused because of it */
	char *text;	    /* "FILE:LINE:COLUMN: what is wrong" */
};

struct mistakes {
	struct mistake *all; /* in the order found */
	size_t total;
	size_t count; /* of those that are no warnings */
};

/* Both add one; `place->file` is copied. */
void mistakes_add(struct mistakes *mistakes, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void mistakes_warn(struct mistakes *mistakes, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Moves all of `from` behind those of `mistakes`; `from` is empty afterwards. */
void mistakes_move(struct mistakes *mistakes, struct mistakes *from);

enum mistakes_shown { MISTAKES_ALL, MISTAKES_WITHOUT_WARNINGS };

/* Prints each, and below it the line that has it, where that can be read, with a caret at the place. */
void mistakes_print(const struct mistakes *mistakes, enum mistakes_shown shown, FILE *out);

/* Releases them; `mistakes` is empty and usable again afterwards. */
void mistakes_clear(struct mistakes *mistakes);

#endif
