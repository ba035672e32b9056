/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void ranges_clear(struct ranges *ranges)
{
	free(ranges->range);
	*ranges = (struct ranges){ 0 };
}

/* No name comes before any name. */
static int compare_nodes(struct span a, struct span b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order;

	if (!a.start || !b.start)
		return !!a.start - !!b.start;
	order = memcmp(a.start, b.start, shorter);
	if (order)
		return order;
	return (a.length > b.length) - (a.length < b.length);
}

/* Returns the first range that ends at `serial` of that node or behind it. */
static size_t search(const struct ranges *ranges, struct span node, uint64_t serial)
{
	size_t low = 0, high = ranges->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_nodes(span_of(ranges->range[middle].node), node);

		if (order < 0 || (!order && ranges->range[middle].last < serial))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void insert(struct ranges *ranges, size_t index, const struct serial_loss *range)
{
	memmove(&ranges->range[index + 1], &ranges->range[index],
		(ranges->count - index) * sizeof(*ranges->range));
	ranges->range[index] = *range;
	ranges->count++;
}

bool ranges_add(struct ranges *ranges, const struct serial_loss *range)
{
	if (ranges->count == RANGES_MAX)
		return false;
	if (!ranges->range)
		ranges->range = mem_resize(NULL, RANGES_MAX, sizeof(*ranges->range));
	insert(ranges, search(ranges, span_of(range->node), range->first), range);
	return true;
}

static void remove_range(struct ranges *ranges, size_t index)
{
	ranges->count--;
	memmove(&ranges->range[index], &ranges->range[index + 1],
		(ranges->count - index) * sizeof(*ranges->range));
}

static void set_bounds(struct serial_loss *range, uint64_t first, uint64_t last)
{
	range->first = first;
	range->last = last;
	range->count = last - first + 1;
}

bool ranges_take(struct ranges *ranges, struct span node, uint64_t serial)
{
	size_t index = search(ranges, node, serial);
	struct serial_loss *range;
	struct serial_loss rest;

	if (index == ranges->count)
		return false;
	range = &ranges->range[index];
	if (compare_nodes(span_of(range->node), node) || range->first > serial)
		return false;
	if (range->first == serial && range->last == serial) {
		remove_range(ranges, index);
	} else if (range->first == serial) {
		set_bounds(range, serial + 1, range->last);
	} else if (range->last == serial) {
		set_bounds(range, range->first, serial - 1);
	} else if (ranges->count == RANGES_MAX) {
		return false;
	} else {
		rest = *range;
		set_bounds(&rest, range->first, serial - 1);
		set_bounds(range, serial + 1, range->last);
		insert(ranges, index, &rest);
	}
	return true;
}
