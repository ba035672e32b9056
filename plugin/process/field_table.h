/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the field table; everybody but field.c finds them through process/field.h. */
#ifndef AUSPAWN_PROCESS_FIELD_TABLE_H
#define AUSPAWN_PROCESS_FIELD_TABLE_H

#include "process/field.h"

/* In the order of documents. */
extern const struct field field_of_event[];
extern const size_t field_event_count;
extern const struct field field_of_process[];
extern const size_t field_process_count;

#endif
