/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serials of events that are wanted, of several nodes: ranges from which one after the other is taken. */
#ifndef AUSPAWN_AUDIT_RANGES_H
#define AUSPAWN_AUDIT_RANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "audit/serial.h"
#include "base/span.h"

#define RANGES_MAX 4096

struct ranges {
	struct serial_loss *range; /* by node and serial; NULL before the first */
	size_t count;
};

void ranges_clear(struct ranges *ranges);

/* Adds serials that are not in it. Returns false if there is no room for another range. */
bool ranges_add(struct ranges *ranges, const struct serial_loss *range);

/* Takes one serial out. Returns false if it was not in it, or if what is left of its range would need room that is
 * not there. `node` is SPAN_NONE for records without node=. */
bool ranges_take(struct ranges *ranges, struct span node, uint64_t serial);

#endif
