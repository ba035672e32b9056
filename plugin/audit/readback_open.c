/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is still searched, for whoever keeps where the stream stands. */
#include "audit/readback_inside.h"

#include <utlist.h>

static void bound(struct serial_position *position, uint64_t serial, int64_t time)
{
	if (!serial || serial > position->serial)
		return;
	position->serial = serial - 1;
	position->time = time;
}

static void bound_by_parts(const struct part *parts, struct span node, struct serial_position *position)
{
	const struct part *part;

	DL_FOREACH(parts, part) {
		if (span_equal(span_of(part->node), node))
			bound(position, part->stamp.serial, stamp_ms(&part->stamp));
	}
}

static void bound_by_ranges(const struct ranges *ranges, struct span node, struct serial_position *position)
{
	for (size_t i = 0; i < ranges->count; i++) {
		const struct serial_loss *range = &ranges->range[i];

		if (span_equal(span_of(range->node), node) && range->last != INT64_MAX)
			bound(position, range->first, range->from);
	}
}

void readback_bound_position(const struct readback *readback, struct span node, struct serial_position *position)
{
	bound_by_ranges(&readback->coming, node, position);
	bound_by_ranges(&readback->wanted, node, position);
	bound_by_parts(readback->coming_parts, node, position);
	bound_by_parts(readback->parts, node, position);
	gather_bound_position(readback->gather, node, position);
}

static void tell_ranges(const struct ranges *ranges, serial_handler tell, void *user)
{
	for (size_t i = 0; i < ranges->count; i++)
		tell(user, &ranges->range[i]);
}

static void tell_parts(const struct part *parts, serial_handler tell, void *user)
{
	const struct part *part;

	DL_FOREACH(parts, part) {
		const struct serial_loss loss = {
			.reason = LOSS_GAP,
			.node = part->node,
			.first = part->stamp.serial,
			.last = part->stamp.serial,
			.count = 1,
			.from = stamp_ms(&part->stamp),
			.until = stamp_ms(&part->stamp),
		};

		tell(user, &loss);
	}
}

void readback_tell_open(const struct readback *readback, serial_handler tell, void *user)
{
	tell_ranges(&readback->coming, tell, user);
	tell_ranges(&readback->wanted, tell, user);
	tell_parts(readback->coming_parts, tell, user);
	tell_parts(readback->parts, tell, user);
}
