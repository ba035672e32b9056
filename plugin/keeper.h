/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps what the pipeline has counted in the state directory: loads it at the start, saves what has changed now
 * and then and at the end, all that is due in one transaction: after a crash, what is kept is of one moment. Where
 * that fails, all stays noted as changed and the pipeline goes on from memory; the keeper says so once, tries again
 * now and then, and tells when it has succeeded.
 */
#ifndef AUSPAWN_KEEPER_H
#define AUSPAWN_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "messages.h"
#include "pipeline.h"
#include "store/state.h"

#define KEEPER_SOON_MS	 1000  /* at most so often what has changed is saved, ... */
#define KEEPER_MANY_ROWS 512   /* ... but at once if so much has: no save, nor the end, shall take long */
#define KEEPER_AGAIN_MS	 5000  /* so long after a failure it is tried again */
#define KEEPER_MAX_PARTS 4

/* Writes a message. */
typedef void (*keeper_log)(void *user, enum message_number number, const char *text);

struct keeper;
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

/* The pipeline must outlive the keeper. keeper_free() releases it and saves nothing. */
struct keeper *keeper_new(const char *folder, struct pipeline *pipeline, keeper_log log,
			  void *user);
void keeper_free(struct keeper *keeper);

/* Whatever is saved from now on, the part is saved with it. It must be there until keeper_free() has returned. At
 * most KEEPER_MAX_PARTS, before anything is loaded. */
void keeper_add_part(struct keeper *keeper, const struct keeper_part *part);

/* Shall every transaction wait until the disk has it? */
void keeper_synchronise(struct keeper *keeper, bool fully);

/* Goes on in another folder, if it is another. What is kept there is added to what is counted, unless it is a copy of
 * what was read before, or that itself: what is counted, which comprises it, takes its place. */
void keeper_set_folder(struct keeper *keeper, const char *folder);

/* Takes over what is kept. If it can't be read now, keeper_look_after() tries again, and adds it to what was
 * counted meanwhile; until then nothing is saved, for it would take the place of what is there. Returns
 * whether the state can be used. `now` is here and below a monotonic clock in ms. */
bool keeper_load(struct keeper *keeper, int64_t now);

/* Saves what is due at `now`. */
void keeper_look_after(struct keeper *keeper, int64_t now);

/* When the next is due; -1 if nothing is. */
int64_t keeper_deadline(const struct keeper *keeper);

/* Saves now all that has changed, and the parts: for what can't wait. Returns whether that worked; after a failure it
 * does not, without a trial, for KEEPER_AGAIN_MS. */
bool keeper_commit(struct keeper *keeper, int64_t now);

/* Opens the state, if it is closed after a failure. Returns whether parts can read what they keep there. */
bool keeper_reopen(struct keeper *keeper, int64_t now);

/* A part could not read what it keeps in the state, for that reason, a negative errno. A damaged state is set aside,
 * another is closed: in both cases it is opened again when it is needed. */
void keeper_found(struct keeper *keeper, int error, int64_t now);

/* Saves all that has changed at the end, if what was kept could be loaded: what can wait until the next start does. With
 * `exactly` nothing does, and it is also saved when terms that are seen over and over were seen last, which can take
 * longer than the end of a plugin may. Returns whether that worked. */
bool keeper_save(struct keeper *keeper, bool exactly, int64_t now);

/* How the state is doing, in a few words: "kept", or why not. */
const char *keeper_health(const struct keeper *keeper);

#endif
