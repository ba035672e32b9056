/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/once.h"
#include "audit/ranges.h"
#include "base/memory.h"

#define REMEMBERED 8192 /* events that are known to have been judged */
#define MAX_TIME (1LL << 50) /* ms since 1970 that may be saved */

struct recovery {
	struct recovery_handlers handlers;
	struct gather *gather;
	enum gather_clock clock;
	struct serials *serials;
	struct losses *losses;
	struct readback *readback; /* NULL: nothing is read back */
	uint64_t lost;		   /* events */
	struct serial_loss last;   /* of them */
	struct once *once;	   /* what was judged; with it */
	int64_t now;
	unsigned int busy; /* calls in a stream that did not rest */
	uint64_t saved; /* events seen by then, and found */
	int64_t row;	/* that the position is kept in; 0: in none */
	char boot[40];	/* which boot this is; "" if nobody knows */
};

static void read_boot_id(struct recovery *recovery)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!file)
		return;
	if (fgets(recovery->boot, sizeof(recovery->boot), file))
		recovery->boot[strcspn(recovery->boot, "\n")] = '\0';
	fclose(file);
}

/* A recording in which most is missing was made of a part of the records: nothing was lost. */
static bool is_selection(const struct recovery *recovery)
{
	const struct serial_stats *stats = serials_stats(recovery->serials);

	return recovery->clock == GATHER_BY_EVENTS && stats->lost > stats->seen;
}

static void on_lost(void *user, const struct serial_loss *loss)
{
	struct recovery *recovery = user;
	struct host host = recovery->handlers.host(recovery->handlers.user, loss->node);
	bool by_events = recovery->clock == GATHER_BY_EVENTS;

	/* Nobody knows where a boot ended, so nothing is missing there. */
	if (loss->reason == LOSS_GAP && loss->last == INT64_MAX)
		return;
	if (loss->reason == LOSS_GAP) {
		recovery->lost += loss->count;
		recovery->last = *loss;
	}
	losses_add(recovery->losses, loss, &host, by_events ? loss->until : recovery->now);
	if (by_events)
		losses_age(recovery->losses, loss->until);
}

static void on_missing(void *user, const struct serial_loss *loss)
{
	struct recovery *recovery = user;

	if (is_selection(recovery))
		return;
	if (recovery->readback && loss->reason == LOSS_GAP)
		readback_want(recovery->readback, loss);
	else
		on_lost(recovery, loss);
}

/* Nodes are told apart by the address of the name that the gatherer of the stream has. */
static void on_found(void *user, const struct gathered *found)
{
	struct recovery *recovery = user;
	struct gathered event = *found;

	event.node = gather_node_name(recovery->gather, span_of(found->node));
	if (once_knows(recovery->once, event.node, &event.stamp, ONCE_STREAM | ONCE_LOG))
		return;
	once_note(recovery->once, event.node, &event.stamp, ONCE_LOG);
	recovery->handlers.found(recovery->handlers.user, &event);
}

struct recovery *recovery_new(const struct recovery_options *options, struct gather *gather, enum gather_clock clock,
			      const struct syscalls *syscalls, const struct recovery_handlers *handlers)
{
	struct recovery *recovery = mem_zalloc(sizeof(*recovery));
	const struct readback_settings settings = { options->auditd_conf, options->read_back_ms };
	const struct readback_handlers found = { on_found, on_lost, recovery };

	recovery->handlers = *handlers;
	recovery->gather = gather;
	recovery->clock = clock;
	recovery->serials = serials_new(on_missing, recovery);
	recovery->losses = losses_new(handlers->alert, handlers->user);
	if (options->read_back_ms) {
		recovery->readback = readback_new(&settings, syscalls, &found);
		recovery->once = once_new(REMEMBERED);
	}
	gather_watch(gather, recovery->serials);
	read_boot_id(recovery);
	return recovery;
}

void recovery_free(struct recovery *recovery)
{
	if (!recovery)
		return;
	readback_free(recovery->readback);
	once_free(recovery->once);
	losses_free(recovery->losses);
	serials_free(recovery->serials);
	free(recovery);
}

void recovery_set_now(struct recovery *recovery, int64_t now)
{
	recovery->now = now;
}

bool recovery_admit(struct recovery *recovery, const struct gathered *event)
{
	if (!recovery->readback)
		return true;
	if (once_knows(recovery->once, event->node, &event->stamp, ONCE_LOG))
		return false;
	if (!event->whole && readback_complete(recovery->readback, event))
		return false;
	once_note(recovery->once, event->node, &event->stamp, ONCE_STREAM);
	return true;
}

void recovery_age(struct recovery *recovery, int64_t now, bool drained)
{
	recovery->now = now;
	serials_age(recovery->serials, drained ? now : now - RECOVERY_BUSY_MS);
	losses_age(recovery->losses, now);
}

void recovery_step(struct recovery *recovery, int64_t now, int64_t wall, bool drained)
{
	if (recovery->readback && (drained || ++recovery->busy % RECOVERY_EVERY == 0))
		readback_step(recovery->readback, now, wall);
}

int64_t recovery_deadline(const struct recovery *recovery)
{
	const int64_t deadlines[] = {
		serials_deadline(recovery->serials),
		losses_deadline(recovery->losses),
		recovery->readback ? readback_deadline(recovery->readback) : -1,
	};
	int64_t first = -1;

	for (size_t i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++) {
		if (deadlines[i] >= 0 && (first < 0 || deadlines[i] < first))
			first = deadlines[i];
	}
	return first;
}

void recovery_cut(struct recovery *recovery)
{
	serials_cut(recovery->serials);
}

void recovery_end(struct recovery *recovery)
{
	/* What is open in a stream is read back at the next start. */
	if (recovery->clock == GATHER_BY_EVENTS)
		serials_flush(recovery->serials);
	losses_flush(recovery->losses);
}

/* --- from one start to the next --- */

/* What is missing is kept one by one, and so not judged again what came behind it; unless that is too much. */
struct saver {
	const struct recovery *recovery;
	struct json_object *nodes;
	struct json_object *missing; /* NULL: nothing may be missing before a position */
};

static void save_missing(void *user, const struct serial_loss *loss)
{
	struct saver *saver = user;
	struct json_object *row;

	/* The rest of a boot is looked for once. */
	if (!saver->missing || loss->last == INT64_MAX)
		return;
	if (json_object_array_length(saver->missing) >= RANGES_MAX) {
		json_object_put(saver->missing);
		saver->missing = NULL;
		return;
	}
	row = json_object_new_array();
	json_object_array_add(row, json_object_new_string(loss->node ? loss->node : ""));
	json_object_array_add(row, json_object_new_int64((int64_t)loss->first));
	json_object_array_add(row, json_object_new_int64((int64_t)loss->last));
	json_object_array_add(row, json_object_new_int64(loss->from));
	json_object_array_add(row, json_object_new_int64(loss->until));
	json_object_array_add(saver->missing, row);
}

/* All before the position was judged, or told of as lost, or is missing: not so what still waits for its end. */
static void save_node(void *user, const char *name, const struct serial_node *node)
{
	const struct saver *saver = user;
	const struct recovery *recovery = saver->recovery;
	struct serial_position position;
	struct json_object *row;

	if (!(saver->missing ? serial_highest : serial_position)(node, &position))
		return;
	gather_bound_position(recovery->gather, span_of(name), &position);
	if (!saver->missing && recovery->readback)
		readback_bound_position(recovery->readback, span_of(name), &position);
	row = json_object_new_array();
	json_object_array_add(row, json_object_new_int64((int64_t)position.serial));
	json_object_array_add(row, json_object_new_int64(position.time));
	if (position.ended)
		json_object_array_add(row, json_object_new_int64(position.ended));
	json_object_object_add(saver->nodes, name ? name : "", row);
}

struct json_object *recovery_save(const struct recovery *recovery)
{
	struct saver saver = { recovery, json_object_new_object(), json_object_new_array() };
	struct json_object *position = json_object_new_object();

	/* A recording is of another time, and where it ends nothing goes on. */
	if (recovery->clock == GATHER_BY_EVENTS) {
		json_object_put(position);
		json_object_put(saver.nodes);
		json_object_put(saver.missing);
		return NULL;
	}
	serials_tell_open(recovery->serials, save_missing, &saver);
	if (recovery->readback)
		readback_tell_open(recovery->readback, save_missing, &saver);
	serials_visit(recovery->serials, save_node, &saver);
	json_object_object_add(position, "boot", json_object_new_string(recovery->boot));
	json_object_object_add(position, "nodes", saver.nodes);
	if (saver.missing)
		json_object_object_add(position, "missing", saver.missing);
	return position;
}

static uint64_t progress(const struct recovery *recovery)
{
	const struct serial_stats *serials = serials_stats(recovery->serials);
	uint64_t read_back = 0;

	if (recovery->readback)
		read_back = readback_stats(recovery->readback)->found + readback_stats(recovery->readback)->lost;
	return serials->seen + serials->ends + serials->gaps + read_back;
}

bool recovery_changed(const struct recovery *recovery)
{
	return recovery->clock != GATHER_BY_EVENTS && recovery->saved != progress(recovery);
}

void recovery_saved(struct recovery *recovery)
{
	recovery->saved = progress(recovery);
}

/* The counter began anew with the boot: what the last one had beyond its position may be in the log. */
static void want_rest_of_boot(struct recovery *recovery, struct serial_node *node, const char *name,
			      const struct serial_position *position, int64_t wall)
{
	const struct serial_loss rest = {
		.reason = LOSS_GAP,
		.node = name,
		.first = position->serial + 1,
		.last = INT64_MAX,
		.from = position->time,
		.until = wall,
	};

	serial_end(node, position->ended ? position->ended : position->time);
	if (recovery->readback)
		readback_want(recovery->readback, &rest);
}

/* Returns a number of an array, from 0 to INT64_MAX - 1; -1 if it is none. */
static int64_t number_at(struct json_object *array, size_t index)
{
	struct json_object *number = json_object_array_get_idx(array, index);
	int64_t value = json_object_get_int64(number);

	return json_object_is_type(number, json_type_int) && value >= 0 && value < INT64_MAX ? value : -1;
}

static bool is_time(int64_t time)
{
	return time >= 0 && time <= MAX_TIME;
}

static struct serial_node *node_of(struct recovery *recovery, const char *name)
{
	struct span span = name[0] ? span_of(name) : SPAN_NONE;

	return span.length <= TRIAGE_MAX_NODE ? gather_node_serials(recovery->gather, span) : NULL;
}

static bool restore_node(struct recovery *recovery, const char *name, struct json_object *row, bool same_boot,
			 int64_t wall)
{
	struct serial_position position = { 0 };
	struct serial_node *node;
	size_t length = json_object_is_type(row, json_type_array) ? json_object_array_length(row) : 0;

	if (length != 2 && length != 3)
		return false;
	position.time = number_at(row, 1);
	if (length == 3)
		position.ended = number_at(row, 2);
	if (number_at(row, 0) < 0 || !is_time(position.time) || !is_time(position.ended))
		return false;
	position.serial = (uint64_t)number_at(row, 0);
	node = node_of(recovery, name);
	if (!node)
		return false;
	name = serial_node_name(node);
	if (same_boot || !recovery->handlers.is_local(recovery->handlers.user, name))
		serial_start(node, &position);
	else
		want_rest_of_boot(recovery, node, name, &position, wall);
	return true;
}

/* What is behind the node's position will be found missing anyway. */
static bool restore_missing(struct recovery *recovery, struct json_object *row, struct json_object *nodes)
{
	struct serial_loss loss = { .reason = LOSS_GAP };
	struct json_object *name, *reached = NULL;
	struct serial_node *node;
	int64_t first, last;

	if (!json_object_is_type(row, json_type_array) || json_object_array_length(row) != 5)
		return false;
	name = json_object_array_get_idx(row, 0);
	first = number_at(row, 1);
	last = number_at(row, 2);
	loss.from = number_at(row, 3);
	loss.until = number_at(row, 4);
	if (!json_object_is_type(name, json_type_string) || first < 0 || last < first || !is_time(loss.from) ||
	    !is_time(loss.until) ||
	    !json_object_object_get_ex(nodes, json_object_get_string(name), &reached) ||
	    !json_object_is_type(reached, json_type_array))
		return false;
	if (last > number_at(reached, 0))
		last = number_at(reached, 0);
	node = node_of(recovery, json_object_get_string(name));
	if (!node || last < first)
		return node;
	loss.node = serial_node_name(node);
	loss.first = (uint64_t)first;
	loss.last = (uint64_t)last;
	loss.count = (uint64_t)(last - first) + 1;
	on_missing(recovery, &loss);
	return true;
}

bool recovery_restore(struct recovery *recovery, struct json_object *saved, int64_t wall)
{
	struct json_object *boot = NULL, *nodes = NULL, *missing = NULL;
	bool good = true, same_boot;

	if (recovery->clock == GATHER_BY_EVENTS)
		return true;
	if (!json_object_is_type(saved, json_type_object) || !json_object_object_get_ex(saved, "boot", &boot) ||
	    !json_object_is_type(boot, json_type_string) || !json_object_object_get_ex(saved, "nodes", &nodes) ||
	    !json_object_is_type(nodes, json_type_object))
		return false;
	same_boot = !strcmp(json_object_get_string(boot), recovery->boot);
	json_object_object_foreach(nodes, name, pair)
		good &= restore_node(recovery, name, pair, same_boot, wall);
	if (json_object_object_get_ex(saved, "missing", &missing) && json_object_is_type(missing, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(missing); i++)
			good &= restore_missing(recovery, json_object_array_get_idx(missing, i), nodes);
	}
	return good;
}

void recovery_changes(struct recovery *recovery, const struct rows_keeper *keeper)
{
	struct json_object *position = recovery_changed(recovery) ? recovery_save(recovery) : NULL;
	struct kept_row row = { .id = recovery->row, .kind = RECOVERY_KIND, .rule = LOSSES_RULE_ID };

	if (!position)
		return;
	row.value = json_object_to_json_string_ext(position, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	recovery->row = keeper->save(keeper->user, &row);
	json_object_put(position);
}

void recovery_forget_row(struct recovery *recovery)
{
	recovery->row = 0;
	recovery->saved = UINT64_MAX;
}

bool recovery_restore_row(struct recovery *recovery, const struct kept_row *row, int64_t wall)
{
	struct json_object *position = json_tokener_parse(row->value);
	bool good = !recovery->row && recovery_restore(recovery, position, wall);

	/* One that makes no sense is replaced. */
	recovery->row = recovery->row ? recovery->row : row->id;
	json_object_put(position);
	return good;
}

struct recovery_stats recovery_stats(const struct recovery *recovery)
{
	struct recovery_stats stats = {
		.serials = *serials_stats(recovery->serials),
		.lost = recovery->lost,
		.last = recovery->last,
	};

	if (recovery->readback)
		stats.read_back = *readback_stats(recovery->readback);
	return stats;
}
