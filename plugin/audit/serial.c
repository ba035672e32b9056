/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/serial.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#include <utlist.h>

struct gap {
	uint64_t first, last;
	int64_t from, until; /* time stamps of the events before and after */
	int64_t opened;	     /* in the caller's clock */
};

struct serial_node {
	const char *name;
	bool known;	  /* that the next serial is highest + 1 */
	uint64_t highest; /* of the events seen */
	int64_t time;	  /* that one's */
	int64_t latest;	  /* of all events seen, in ms since 1970 */
	int64_t ended;	  /* when auditd said that it ends; 0: it did not */
	unsigned int strays;
	unsigned int gaps;
	struct gap *gap; /* by serial; NULL before the first */
	struct serial_stats stats;
	struct serial_node *next;
};

struct serials {
	serial_handler handle;
	void *user;
	struct serial_node *nodes;
	size_t open; /* gaps of all nodes */
	struct serial_stats stats;
};

struct serials *serials_new(serial_handler handle, void *user)
{
	struct serials *serials = mem_zalloc(sizeof(*serials));

	serials->handle = handle;
	serials->user = user;
	return serials;
}

void serials_free(struct serials *serials)
{
	struct serial_node *node, *next;

	if (!serials)
		return;
	LL_FOREACH_SAFE(serials->nodes, node, next) {
		free(node->gap);
		free(node);
	}
	free(serials);
}

struct serial_node *serials_add(struct serials *serials, const char *name)
{
	struct serial_node *node = mem_zalloc(sizeof(*node));

	node->name = name;
	LL_PREPEND(serials->nodes, node);
	return node;
}

/* --- gaps --- */

static void remove_gap(struct serials *serials, struct serial_node *node, unsigned int index)
{
	node->gaps--;
	serials->open--;
	memmove(&node->gap[index], &node->gap[index + 1], (node->gaps - index) * sizeof(*node->gap));
}

static struct serial_loss loss_of(const struct serial_node *node, const struct gap *gap)
{
	return (struct serial_loss){
		.reason = LOSS_GAP,
		.node = node->name,
		.first = gap->first,
		.last = gap->last,
		.count = gap->last - gap->first + 1,
		.from = gap->from,
		.until = gap->until,
	};
}

static void settle(struct serials *serials, struct serial_node *node, unsigned int index)
{
	const struct serial_loss loss = loss_of(node, &node->gap[index]);

	remove_gap(serials, node, index);
	node->stats.lost += loss.count;
	node->stats.gaps++;
	serials->stats.lost += loss.count;
	serials->stats.gaps++;
	serials->handle(serials->user, &loss);
}

static unsigned int oldest_gap(const struct serial_node *node)
{
	unsigned int oldest = 0;

	for (unsigned int i = 1; i < node->gaps; i++) {
		if (node->gap[i].opened < node->gap[oldest].opened)
			oldest = i;
	}
	return oldest;
}

static void insert_gap(struct serials *serials, struct serial_node *node, const struct gap *gap)
{
	unsigned int index;

	if (node->gaps == SERIAL_MAX_GAPS)
		settle(serials, node, oldest_gap(node));
	if (!node->gap)
		node->gap = mem_resize(NULL, SERIAL_MAX_GAPS, sizeof(*node->gap));
	for (index = node->gaps; index && node->gap[index - 1].first > gap->first; index--)
		;
	memmove(&node->gap[index + 1], &node->gap[index], (node->gaps - index) * sizeof(*node->gap));
	node->gap[index] = *gap;
	node->gaps++;
	serials->open++;
}

/* Takes a serial that came after all out of the gap that it was missing in. */
static void fill(struct serials *serials, struct serial_node *node, unsigned int index,
		 const struct stamp *stamp)
{
	struct gap *gap = &node->gap[index];
	struct gap rest = *gap;

	if (gap->first == stamp->serial && gap->last == stamp->serial) {
		remove_gap(serials, node, index);
	} else if (gap->first == stamp->serial) {
		gap->first++;
		gap->from = stamp_ms(stamp);
	} else if (gap->last == stamp->serial) {
		gap->last--;
		gap->until = stamp_ms(stamp);
	} else {
		gap->last = stamp->serial - 1;
		gap->until = stamp_ms(stamp);
		rest.first = stamp->serial + 1;
		rest.from = stamp_ms(stamp);
		insert_gap(serials, node, &rest);
	}
}

void serial_age(struct serials *serials, struct serial_node *node, int64_t now)
{
	unsigned int i = 0;

	while (i < node->gaps) {
		if (node->gap[i].opened + SERIAL_GRACE_MS <= now)
			settle(serials, node, i);
		else
			i++;
	}
}

void serials_age(struct serials *serials, int64_t now)
{
	struct serial_node *node;

	if (!serials->open)
		return;
	LL_FOREACH(serials->nodes, node)
		serial_age(serials, node, now);
}

static void flush(struct serials *serials, struct serial_node *node)
{
	while (node->gaps)
		settle(serials, node, 0);
}

void serials_flush(struct serials *serials)
{
	struct serial_node *node;

	LL_FOREACH(serials->nodes, node)
		flush(serials, node);
}

int64_t serials_deadline(const struct serials *serials)
{
	const struct serial_node *node;
	int64_t deadline = -1;

	if (!serials->open)
		return -1;
	LL_FOREACH(serials->nodes, node) {
		int64_t due = node->gaps ? node->gap[oldest_gap(node)].opened + SERIAL_GRACE_MS : -1;

		if (due >= 0 && (deadline < 0 || due < deadline))
			deadline = due;
	}
	return deadline;
}

/* --- events --- */

static void advance(struct serials *serials, struct serial_node *node, const struct stamp *stamp)
{
	node->known = true;
	node->highest = stamp->serial;
	node->time = stamp_ms(stamp);
	if (node->time > node->latest)
		node->latest = node->time;
	node->strays = 0;
	node->stats.seen++;
	serials->stats.seen++;
}

/* The records of an event come in a fixed order, and what stands behind the first says that the first came,
 * or that it was lost. */
static bool is_first(enum record_type type)
{
	return type == RECORD_SYSCALL || type == RECORD_OTHER;
}

static void see_ahead(struct serials *serials, struct serial_node *node, const struct record *record,
		      int64_t now)
{
	const struct stamp *stamp = &record->stamp;
	const struct gap gap = {
		.first = node->highest + 1,
		.last = is_first(record->type) ? stamp->serial - 1 : stamp->serial,
		.from = node->time,
		.until = stamp_ms(stamp),
		.opened = now,
	};

	advance(serials, node, stamp);
	if (gap.first <= gap.last)
		insert_gap(serials, node, &gap);
	while (node->gaps && node->highest - node->gap[0].last > SERIAL_FAR)
		settle(serials, node, 0);
}

static bool is_restart(struct serial_node *node, const struct stamp *stamp)
{
	int64_t time = stamp_ms(stamp);

	return time > node->latest + SERIAL_REBOOT_MS ||
	       (node->highest - stamp->serial > SERIAL_FAR && time >= node->latest) ||
	       ++node->strays >= SERIAL_STRAYS;
}

static void see_behind(struct serials *serials, struct serial_node *node, const struct stamp *stamp)
{
	for (unsigned int i = node->gaps; i && node->gap[i - 1].last >= stamp->serial; i--) {
		if (node->gap[i - 1].first <= stamp->serial) {
			node->strays = 0;
			node->stats.seen++;
			serials->stats.seen++;
			fill(serials, node, i - 1, stamp);
			return;
		}
	}
	/* Several records of one event are one stray. */
	if (!is_restart(node, stamp))
		return;
	flush(serials, node);
	serials->stats.restarts++;
	node->stats.restarts++;
	node->latest = stamp_ms(stamp);
	advance(serials, node, stamp);
}

/* auditd's own records have a counter of their own. */
static void see_daemon(struct serials *serials, struct serial_node *node, const struct record *record)
{
	int64_t time = stamp_ms(&record->stamp);
	const struct serial_loss loss = {
		.reason = LOSS_DOWN,
		.node = node->name,
		.from = node->ended ? node->ended : node->time,
		.until = time,
	};

	if (record->type == RECORD_DAEMON_END) {
		node->ended = time;
		node->stats.ends++;
		serials->stats.ends++;
	}
	if (record->type != RECORD_DAEMON_START)
		return;
	if (loss.from && (node->known || node->ended))
		serials->handle(serials->user, &loss);
	node->ended = 0;
}

void serial_see(struct serials *serials, struct serial_node *node, const struct record *record, int64_t now)
{
	const struct stamp *stamp = &record->stamp;

	if (record->type >= RECORD_DAEMON) {
		see_daemon(serials, node, record);
		return;
	}
	if (stamp->serial == node->highest && node->known)
		return;
	if (!node->known || (stamp->serial == node->highest + 1 && is_first(record->type)))
		advance(serials, node, stamp);
	else if (stamp->serial > node->highest)
		see_ahead(serials, node, record, now);
	else if (is_first(record->type))
		see_behind(serials, node, stamp);
}

void serials_cut(struct serials *serials)
{
	struct serial_node *node;

	LL_FOREACH(serials->nodes, node) {
		node->known = false;
		node->ended = 0;
	}
}

/* --- where they stand --- */

int64_t serial_latest(const struct serial_node *node)
{
	return node->latest;
}

bool serial_highest(const struct serial_node *node, struct serial_position *position)
{
	if (!node->known)
		return false;
	*position = (struct serial_position){ node->highest, node->time, node->ended };
	return true;
}

bool serial_position(const struct serial_node *node, struct serial_position *position)
{
	if (!serial_highest(node, position))
		return false;
	if (node->gaps) {
		position->serial = node->gap[0].first - 1;
		position->time = node->gap[0].from;
	}
	return true;
}

void serials_tell_open(const struct serials *serials, serial_handler tell, void *user)
{
	const struct serial_node *node;

	LL_FOREACH(serials->nodes, node) {
		for (unsigned int i = 0; i < node->gaps; i++) {
			const struct serial_loss loss = loss_of(node, &node->gap[i]);

			tell(user, &loss);
		}
	}
}

void serial_start(struct serial_node *node, const struct serial_position *position)
{
	if (node->known)
		return;
	node->known = true;
	node->highest = position->serial;
	node->time = position->time;
	node->latest = position->time;
	node->ended = position->ended;
}

void serial_end(struct serial_node *node, int64_t time)
{
	node->ended = time;
}

const char *serial_node_name(const struct serial_node *node)
{
	return node->name;
}

void serials_visit(const struct serials *serials, serial_visitor visit, void *user)
{
	const struct serial_node *node;

	LL_FOREACH(serials->nodes, node)
		visit(user, node->name, node);
}

const struct serial_stats *serials_stats(const struct serials *serials)
{
	return &serials->stats;
}

const struct serial_stats *serial_node_stats(const struct serial_node *node)
{
	return &node->stats;
}
