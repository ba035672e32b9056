/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/gather.h"

#include <stdlib.h>

#include "base/memory.h"

#include <uthash.h>
#include <utlist.h>
#include <utstring.h>

struct node {
	char *name;        /* NULL for records without node= */
	struct open *open; /* its unfinished events, by their last record, oldest first */
	struct serial_node *serials;
	bool ends;	/* its events have end records, ... */
	bool arguments; /* ... and its execs EXECVE records: audit rules can exclude both */
	UT_hash_handle hh;
};

struct open_key {
	const struct node *node;
	int64_t sec;
	uint64_t serial;
	unsigned int ms;
	unsigned int padding; /* hashed too, so always zero */
};

struct open {
	struct open_key key;
	enum syscall_kind kind;
	bool arguments;	 /* an EXECVE record came */
	int64_t touched; /* when its last record came, in the clock in use */
	UT_string lines;
	struct open *prev, *next; /* in its node's list */
	UT_hash_handle hh;
};

struct gather {
	const struct syscalls *syscalls;
	enum gather_clock clock;
	gather_handler handle;
	void *user;
	struct serials *serials; /* NULL: nobody watches */
	struct node *nodes;   /* hash by name */
	struct node anonymous;
	struct open *open;    /* hash by key, of all nodes */
	size_t bytes;         /* of all open events */
	UT_string single;     /* lines of an event that is whole with its first record */
	struct gather_stats stats;
};

struct gather *gather_new(const struct syscalls *syscalls, enum gather_clock clock,
			  gather_handler handle, void *user)
{
	struct gather *gather = mem_zalloc(sizeof(*gather));

	gather->syscalls = syscalls;
	gather->clock = clock;
	gather->handle = handle;
	gather->user = user;
	utstring_init(&gather->single);
	return gather;
}

static void close_event(struct gather *gather, struct open *open)
{
	struct node *node = (struct node *)open->key.node;

	HASH_DEL(gather->open, open);
	DL_DELETE(node->open, open);
	gather->bytes -= utstring_len(&open->lines);
	utstring_done(&open->lines);
	free(open);
}

void gather_free(struct gather *gather)
{
	struct open *open, *next_open;
	struct node *node, *next_node;

	if (!gather)
		return;
	HASH_ITER(hh, gather->open, open, next_open)
		close_event(gather, open);
	HASH_ITER(hh, gather->nodes, node, next_node) {
		HASH_DEL(gather->nodes, node);
		free(node->name);
		free(node);
	}
	utstring_done(&gather->single);
	free(gather);
}

/* Returns the node of that name, made if need be; NULL if there are too many. */
static struct node *find_node(struct gather *gather, struct span name)
{
	struct node *node;

	if (!name.start)
		return &gather->anonymous;
	HASH_FIND(hh, gather->nodes, name.start, name.length, node);
	if (node || HASH_COUNT(gather->nodes) >= GATHER_MAX_NODES)
		return node;
	node = mem_zalloc(sizeof(*node));
	node->name = mem_strndup(name.start, name.length);
	HASH_ADD_KEYPTR(hh, gather->nodes, node->name, name.length, node);
	return node;
}

static struct serial_node *serials_of(struct gather *gather, struct node *node)
{
	if (!node->serials)
		node->serials = serials_add(gather->serials, node->name);
	return node->serials;
}

static void pass_on(struct gather *gather, struct open *open, bool ended)
{
	const struct gathered event = {
		.node = open->key.node->name,
		.stamp = { open->key.sec, open->key.ms, open->key.serial },
		.kind = open->kind,
		.whole = (open->arguments || !open->key.node->arguments) &&
			 (ended || !open->key.node->ends),
		.lines = utstring_body(&open->lines),
	};

	gather->handle(gather->user, &event);
	close_event(gather, open);
}

static void end_unended(struct gather *gather, struct open *open)
{
	gather->stats.unended++;
	pass_on(gather, open, false);
}

static struct open_key key_of(const struct node *node, const struct stamp *stamp)
{
	struct open_key key;

	memset(&key, 0, sizeof(key));
	key.node = node;
	key.sec = stamp->sec;
	key.ms = stamp->ms;
	key.serial = stamp->serial;
	return key;
}

/* The event that has waited longest, of any node; NULL if none is open. */
static struct open *longest_waiting(const struct gather *gather)
{
	struct open *oldest = gather->anonymous.open;

	for (struct node *node = gather->nodes; node; node = node->hh.next) {
		if (node->open && (!oldest || node->open->touched < oldest->touched))
			oldest = node->open;
	}
	return oldest;
}

/* Room grows by a half: utstring's own growth by what is needed would copy all of a long event for each record. */
static void append_line(UT_string *lines, struct span line)
{
	size_t needed = line.length + 2;

	if (lines->n - lines->i < needed)
		utstring_reserve(lines, needed + lines->n / 2);
	utstring_bincpy(lines, line.start, line.length);
	utstring_bincpy(lines, "\n", 1);
}

/* Takes a line into an open event, which may be ended by that: past a limit those that waited longest are,
 * and when all wait equally long it may be this one. */
static void take_line(struct gather *gather, struct open *open, struct span line)
{
	size_t before = utstring_len(&open->lines);

	append_line(&open->lines, line);
	gather->bytes += utstring_len(&open->lines) - before;
	while (gather->bytes > GATHER_MAX_TOTAL && HASH_COUNT(gather->open) > 1)
		end_unended(gather, longest_waiting(gather));
}

static void open_event(struct gather *gather, struct node *node, const struct record *record,
		       struct span line, int64_t now)
{
	struct open_key key = key_of(node, &record->stamp);
	struct open *open;

	HASH_FIND(hh, gather->open, &key, sizeof(key), open);
	if (open)
		return;
	if (HASH_COUNT(gather->open) >= GATHER_MAX_OPEN)
		end_unended(gather, longest_waiting(gather));

	open = mem_zalloc(sizeof(*open));
	open->key = key;
	open->kind = SYSCALL_EXEC;
	open->touched = now;
	utstring_init(&open->lines);
	HASH_ADD(hh, gather->open, key, sizeof(open->key), open);
	DL_APPEND(node->open, open);
	take_line(gather, open, line);
}

/* Of a fork or an exit everything stands in the SYSCALL record. */
static void pass_on_single(struct gather *gather, const struct node *node,
			   const struct record *record, enum syscall_kind kind, struct span line)
{
	struct gathered event = {
		.node = node->name,
		.stamp = record->stamp,
		.kind = kind,
		.whole = true,
	};

	utstring_clear(&gather->single);
	append_line(&gather->single, line);
	event.lines = utstring_body(&gather->single);
	gather->handle(gather->user, &event);
}

static void take_syscall(struct gather *gather, struct node *node, const struct record *record,
			 struct span line, int64_t now)
{
	struct call call = triage_call(gather->syscalls, record->body);

	if (call.kind == SYSCALL_OTHER)
		return;
	if (!call.success)
		gather->stats.failed_execs += call.kind == SYSCALL_EXEC;
	else if (call.kind == SYSCALL_EXEC)
		open_event(gather, node, record, line, now);
	else
		pass_on_single(gather, node, record, call.kind, line);
}

static void take_further(struct gather *gather, struct node *node, const struct record *record,
			 struct span line, int64_t now)
{
	struct open_key key = key_of(node, &record->stamp);
	struct open *open;

	HASH_FIND(hh, gather->open, &key, sizeof(key), open);
	if (!open)
		return;
	if (record->type == RECORD_END) {
		node->ends = true;
		pass_on(gather, open, true);
		return;
	}
	if (utstring_len(&open->lines) + line.length >= GATHER_MAX_BYTES) {
		gather->stats.dropped++;
		return;
	}
	open->arguments |= record->type == RECORD_EXECVE;
	node->arguments |= open->arguments;
	open->touched = now;
	DL_DELETE(node->open, open);
	DL_APPEND(node->open, open);
	take_line(gather, open, line);
}

static void age_node(struct gather *gather, struct node *node, int64_t now)
{
	while (node->open && node->open->touched + GATHER_END_MS <= now)
		end_unended(gather, node->open);
}

static void note_serial(struct gather *gather, struct node *node, const struct record *record,
			int64_t now)
{
	struct serial_node *serials = serials_of(gather, node);

	if (gather->clock == GATHER_BY_EVENTS) {
		/* A time stamp is of the begin of a system call, which may have been long ago. */
		if (now < serial_latest(serials))
			now = serial_latest(serials);
		serial_age(gather->serials, serials, now);
	}
	serial_see(gather->serials, serials, record, now);
}

void gather_line(struct gather *gather, struct span line, int64_t now)
{
	struct record record;
	struct node *node;

	gather->stats.records++;
	if (!triage_record(line, &record)) {
		gather->stats.malformed += line.length > 0;
		return;
	}
	node = find_node(gather, record.node);
	if (!node) {
		gather->stats.dropped++;
		return;
	}
	if (gather->clock == GATHER_BY_EVENTS) {
		now = stamp_ms(&record.stamp);
		age_node(gather, node, now);
	}
	if (gather->serials)
		note_serial(gather, node, &record, now);
	if (record.type == RECORD_SYSCALL)
		take_syscall(gather, node, &record, line, now);
	else if (record.type < RECORD_FURTHER && gather->open)
		take_further(gather, node, &record, line, now);
}

void gather_age(struct gather *gather, int64_t now)
{
	struct node *node, *next;

	if (gather->clock == GATHER_BY_EVENTS)
		return;
	age_node(gather, &gather->anonymous, now);
	HASH_ITER(hh, gather->nodes, node, next)
		age_node(gather, node, now);
}

int64_t gather_deadline(const struct gather *gather)
{
	const struct open *open = gather->open ? longest_waiting(gather) : NULL;

	return open ? open->touched + GATHER_END_MS : -1;
}

void gather_flush(struct gather *gather)
{
	while (gather->open)
		end_unended(gather, longest_waiting(gather));
}

void gather_watch(struct gather *gather, struct serials *serials)
{
	gather->serials = serials;
}

struct serial_node *gather_node_serials(struct gather *gather, struct span name)
{
	struct node *node = find_node(gather, name);

	return node && gather->serials ? serials_of(gather, node) : NULL;
}

void gather_bound_position(const struct gather *gather, struct span name, struct serial_position *position)
{
	const struct node *node = &gather->anonymous;
	const struct open *open;

	if (name.start)
		HASH_FIND(hh, gather->nodes, name.start, name.length, node);
	if (!node)
		return;
	DL_FOREACH(node->open, open) {
		const struct stamp stamp = { open->key.sec, open->key.ms, open->key.serial };

		if (stamp.serial && stamp.serial <= position->serial) {
			position->serial = stamp.serial - 1;
			position->time = stamp_ms(&stamp);
		}
	}
}

const char *gather_node_name(struct gather *gather, struct span name)
{
	const struct node *node = find_node(gather, name);

	return node ? node->name : NULL;
}

const struct gather_stats *gather_stats(const struct gather *gather)
{
	return &gather->stats;
}
