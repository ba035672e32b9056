/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that came from strangers, made fit for documents and terminals. */
#ifndef AUSPAWN_BASE_UTF8_H
#define AUSPAWN_BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/span.h"

#include <utstring.h>

/* Length in bytes of the well-formed UTF-8 sequence (RFC 3629: no overlong forms, no surrogates) at
 * the start of `text`, its code point in `*code`; 0 if there is none. */
size_t utf8_sequence(struct span text, uint32_t *code);

/* Is all of `text` well-formed? */
bool utf8_valid(struct span text);

/* Appends `text` with every byte that is not part of a well-formed sequence made U+FFFD. */
void utf8_append(UT_string *out, struct span text);

/* Does `code` steer a terminal or the order of text: C0, DEL, C1, line and paragraph separators,
 * bidirectional controls? */
bool utf8_is_control(uint32_t code);

/* Appends `text` for a reader on a terminal or in a plain log: controls become \n, \t, \xHH or
 * \u{HHHH}, a backslash is doubled, bytes that are not UTF-8 become \xHH. */
void utf8_append_escaped(UT_string *out, struct span text);

/* Appends `text` to be looked at as it stands, one column for each character: a tab becomes a blank, other
 * controls and bytes that are not UTF-8 become ?. Returns the number of columns. */
int utf8_append_shown(UT_string *out, struct span text);

/* Prints the same, as a line. */
void utf8_print_shown(FILE *out, struct span text);

#endif
