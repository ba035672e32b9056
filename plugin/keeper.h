/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps what the pipeline has counted in the state directory: loads it at the start, saves it now
 * and then and at the end. Where that fails the pipeline goes on from memory; the keeper says so
 * once, tries again now and then, and tells when it has succeeded.
 */
#ifndef AUSPAWN_KEEPER_H
#define AUSPAWN_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "messages.h"
#include "pipeline.h"
#include "store/state.h"

#define KEEPER_SOON_MS	 1000  /* at most so often terms and folded alerts are saved, ... */
#define KEEPER_COUNTS_MS 60000 /* all else, and after a failure everything */
#define KEEPER_LOAD_MS	 5000  /* so often what could not be loaded is tried again */
#define KEEPER_MAX_PARTS 4

/* Writes a message. */
typedef void (*keeper_log)(void *user, enum message_number number, const char *text);

/* Someone else who keeps something in the state, in the same transactions. */
struct keeper_part {
	/* The state was opened, perhaps another one than before. Returns 0 or a negative errno. */
	int (*opened)(void *user, struct state *state);
	void (*save)(void *user);    /* between state_begin() and state_commit() */
	void (*saved)(void *user);   /* that was committed */
	void (*failed)(void *user);  /* that was not */
	void (*closing)(void *user); /* the state is closed, perhaps instead of either */
	void *user;
};

struct keeper;

/* The pipeline must outlive the keeper. keeper_free() releases it and saves nothing. */
struct keeper *keeper_new(const char *folder, struct pipeline *pipeline, keeper_log log,
			  void *user);
void keeper_free(struct keeper *keeper);

/* Whatever is saved from now on, the part is saved with it. It must be there until keeper_free() has returned. At
 * most KEEPER_MAX_PARTS, before anything is loaded. */
void keeper_add_part(struct keeper *keeper, const struct keeper_part *part);

/* Shall every transaction wait until the disk has it? */
void keeper_synchronise(struct keeper *keeper, bool fully);

/* Goes on in another folder, if it is another. What is kept there is added to what is counted. */
void keeper_set_folder(struct keeper *keeper, const char *folder);

/* Takes over what is kept. If it can't be read now, keeper_look_after() tries again, and adds it to what was
 * counted meanwhile; until then nothing is saved, for it would take the place of what is there. Returns
 * whether the state can be used. `now` is here and below a monotonic clock in ms. */
bool keeper_load(struct keeper *keeper, int64_t now);

/* Saves the parts now, and what else is due. Returns whether that worked; after a failure it does not, without a
 * trial, for KEEPER_LOAD_MS. */
bool keeper_commit(struct keeper *keeper, int64_t now);

/* Opens the state, if it is closed after a failure. Returns whether parts can read what they keep there. */
bool keeper_reopen(struct keeper *keeper, int64_t now);

/* Saves what is due at `now`. */
void keeper_look_after(struct keeper *keeper, int64_t now);

/* When the next is due; -1 if nothing is. */
int64_t keeper_deadline(const struct keeper *keeper);

/* Saves everything that has changed, if what was kept could be loaded; with `exactly` also when terms that
 * are seen over and over were seen last, which can take longer than the end of a plugin may. Returns whether
 * that worked. */
bool keeper_save(struct keeper *keeper, bool exactly, int64_t now);

/* How the state is doing, in a few words: "kept", or why not. */
const char *keeper_health(const struct keeper *keeper);

#endif
