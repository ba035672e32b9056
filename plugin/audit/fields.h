/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The name=value fields of an audit record, and the two ways in which the kernel writes strings that
 * a process chose (kernel/audit.c: audit_log_n_untrustedstring).
 */
#ifndef AUSPAWN_AUDIT_FIELDS_H
#define AUSPAWN_AUDIT_FIELDS_H

#include <stdint.h>

#include "base/span.h"

/* Takes the next field off the front of `rest`. `value` keeps its quotes. Words without '=' are passed
 * over. Returns false when there is no further field. */
bool fields_next(struct span *rest, struct span *name, struct span *value);

/* Length in bytes of the string that `value` stands for, or -1 if it stands for none: (null), (none)
 * and ?. */
ptrdiff_t fields_string_length(struct span value);

/* Writes those bytes to `out`: "text" is literal, an even number of hexadecimal digits is bytes,
 * anything else stands for itself. */
void fields_string(struct span value, char *out);

/* Reads a whole number of the given base; returns false and leaves `*number` alone if `value` is not
 * one. Decimal numbers may have a minus. */
bool fields_number(struct span value, int base, int64_t *number);

#endif
