/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define MAX_TIME (1LL << 50) /* ms since 1970 that may be saved */

struct recovery {
	struct recovery_handlers handlers;
	struct gather *gather;
	enum gather_clock clock;
	struct serials *serials;
	struct losses *losses;
	char *auditd_conf; /* the configuration that it came from is freed by a reload */
	struct readback *readback; /* NULL: nothing is read back */
	int64_t now;
	unsigned int busy; /* calls in a stream that did not rest */
	uint64_t saved; /* events seen by then, and found */
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

static void on_found(void *user, const struct gathered *event)
{
	struct recovery *recovery = user;

	recovery->handlers.found(recovery->handlers.user, event);
}

struct recovery *recovery_new(const struct recovery_options *options, struct gather *gather, enum gather_clock clock,
			      const struct syscalls *syscalls, const struct recovery_handlers *handlers)
{
	struct recovery *recovery = mem_zalloc(sizeof(*recovery));
	struct readback_settings settings = { .max_age_ms = options->read_back_ms };
	const struct readback_handlers found = { on_found, on_lost, recovery };

	recovery->handlers = *handlers;
	recovery->gather = gather;
	recovery->clock = clock;
	recovery->serials = serials_new(on_missing, recovery);
	recovery->losses = losses_new(handlers->alert, handlers->user);
	if (options->auditd_conf)
		recovery->auditd_conf = mem_strdup(options->auditd_conf);
	settings.auditd_conf = recovery->auditd_conf;
	if (options->read_back_ms)
		recovery->readback = readback_new(&settings, syscalls, &found);
	gather_watch(gather, recovery->serials);
	read_boot_id(recovery);
	return recovery;
}

void recovery_free(struct recovery *recovery)
{
	if (!recovery)
		return;
	readback_free(recovery->readback);
	free(recovery->auditd_conf);
	losses_free(recovery->losses);
	serials_free(recovery->serials);
	free(recovery);
}

void recovery_set_now(struct recovery *recovery, int64_t now)
{
	recovery->now = now;
}

bool recovery_complete(struct recovery *recovery, const struct gathered *part)
{
	return recovery->readback && readback_complete(recovery->readback, part);
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

struct saver {
	const struct recovery *recovery;
	struct json_object *nodes;
};

/* All before the position was judged, or told of as lost: not so what is still searched, and what still waits for its
 * end. */
static void save_node(void *user, const char *name, const struct serial_node *node)
{
	const struct saver *saver = user;
	const struct recovery *recovery = saver->recovery;
	struct serial_position position;
	struct json_object *pair;

	if (!serial_position(node, &position))
		return;
	gather_bound_position(recovery->gather, span_of(name), &position);
	if (recovery->readback)
		readback_bound_position(recovery->readback, span_of(name), &position);
	pair = json_object_new_array();
	json_object_array_add(pair, json_object_new_int64((int64_t)position.serial));
	json_object_array_add(pair, json_object_new_int64(position.time));
	json_object_object_add(saver->nodes, name ? name : "", pair);
}

struct json_object *recovery_save(const struct recovery *recovery)
{
	struct saver saver = { recovery, json_object_new_object() };
	struct json_object *saved = json_object_new_object();
	struct json_object *position = json_object_new_object();

	/* A recording is of another time, and where it ends nothing goes on. */
	if (recovery->clock == GATHER_BY_EVENTS) {
		json_object_put(position);
		json_object_put(saver.nodes);
		return saved;
	}
	serials_visit(recovery->serials, save_node, &saver);
	json_object_object_add(position, "boot", json_object_new_string(recovery->boot));
	json_object_object_add(position, "nodes", saver.nodes);
	json_object_object_add(saved, LOSSES_RULE_ID, position);
	return saved;
}

static uint64_t progress(const struct recovery *recovery)
{
	uint64_t found = recovery->readback ? readback_stats(recovery->readback)->found : 0;

	return serials_stats(recovery->serials)->seen + found;
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

	serial_end(node, position->time);
	if (recovery->readback)
		readback_want(recovery->readback, &rest);
}

static bool restore_node(struct recovery *recovery, const char *name, struct json_object *pair, bool same_boot,
			 int64_t wall)
{
	struct serial_position position;
	struct serial_node *node;
	struct span span = name[0] ? span_of(name) : SPAN_NONE;
	int64_t serial;

	if (!json_object_is_type(pair, json_type_array) || json_object_array_length(pair) != 2)
		return false;
	serial = json_object_get_int64(json_object_array_get_idx(pair, 0));
	position.time = json_object_get_int64(json_object_array_get_idx(pair, 1));
	if (serial < 0 || serial == INT64_MAX || position.time < 0 || position.time > MAX_TIME ||
	    span.length > TRIAGE_MAX_NODE)
		return false;
	position.serial = (uint64_t)serial;
	node = gather_node_serials(recovery->gather, span);
	if (!node)
		return false;
	name = serial_node_name(node);
	if (same_boot || !recovery->handlers.is_local(recovery->handlers.user, name))
		serial_start(node, &position);
	else
		want_rest_of_boot(recovery, node, name, &position, wall);
	return true;
}

bool recovery_restore(struct recovery *recovery, struct json_object *saved, int64_t wall)
{
	struct json_object *position = NULL, *boot = NULL, *nodes = NULL;
	bool good = true, same_boot;

	if (recovery->clock == GATHER_BY_EVENTS)
		return true;
	if (!json_object_object_get_ex(saved, LOSSES_RULE_ID, &position))
		return true;
	if (!json_object_object_get_ex(position, "boot", &boot) || !json_object_is_type(boot, json_type_string) ||
	    !json_object_object_get_ex(position, "nodes", &nodes) || !json_object_is_type(nodes, json_type_object))
		return false;
	same_boot = !strcmp(json_object_get_string(boot), recovery->boot);
	json_object_object_foreach(nodes, name, pair)
		good &= restore_node(recovery, name, pair, same_boot, wall);
	return good;
}

struct recovery_stats recovery_stats(const struct recovery *recovery)
{
	struct recovery_stats stats = { .serials = *serials_stats(recovery->serials) };

	if (recovery->readback)
		stats.read_back = *readback_stats(recovery->readback);
	return stats;
}
