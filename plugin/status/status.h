/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running plugin tells of itself: STATE_DIR/status.json and, where they are wanted, metrics; on demand
 * STATE_DIR/rare.json too. Figures are gathered here from whoever has them, and only when they are written.
 */
#ifndef AUSPAWN_STATUS_STATUS_H
#define AUSPAWN_STATUS_STATUS_H

#include <stdint.h>

#include "base/mistakes.h"
#include "config.h"
#include "delivery.h"
#include "feed.h"
#include "keeper.h"
#include "pipeline.h"
#include "sinks.h"

#define STATUS_FILE	"status.json"
#define STATUS_RARE	"rare.json"
#define STATUS_SOON_MS	10000 /* at most so often the files are written while something changes, ... */
#define STATUS_ALIVE_MS 60000 /* ... and at least so often, for whoever looks whether they are stale */
#define STATUS_MAX_FILE (128u << 20) /* there can be 60,000 groups of rarity rules */

/* The command line of a self-test's shell holds this, and behind it what is its own. */
#define STATUS_SELF_TEST "auspawn selftest "

/* Who has the figures. All must outlive the status. */
struct status_sources {
	const struct pipeline *pipeline;
	struct sinks *sinks; /* gets messages of files that can't be written, too */
	const struct keeper *keeper;
	const struct delivery *delivery;
};

struct status;

/* status_free() releases it, writes nothing, and accepts NULL. */
struct status *status_new(const struct status_sources *sources);
void status_free(struct status *status);

/* A configuration and rules were loaded, with so many mistakes. If they are in force, `config` is, until the next
 * call; else they changed nothing, and `config` is still the old one. `now` is here and below a monotonic clock in
 * ms. */
void status_loaded(struct status *status, const struct config *config, size_t mistakes, bool in_force,
		   int64_t now);

/* The stream is read by this from now on; it must outlive the status. */
void status_watch(struct status *status, struct feed *feed);

/* An event is judged now. */
void status_event(struct status *status, const struct process_event *event, int64_t now);

/* An alert was made. */
void status_alert(struct status *status, const struct rule *rule, struct json_object *document);

/* Writes what is due. */
void status_look_after(struct status *status, int64_t now);

/* When something is due. */
int64_t status_deadline(const struct status *status);

/* Somebody asks: writes everything now. */
void status_ask(struct status *status, int64_t now);

/* Writes the figures a last time: the plugin ends. */
void status_end(struct status *status, int64_t now);

#endif
