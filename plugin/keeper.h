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

#define KEEPER_SOON_MS	 1000  /* at most so often terms and folded alerts are saved, ... */
#define KEEPER_COUNTS_MS 60000 /* all else, and after a failure everything */
#define KEEPER_LOAD_MS	 5000  /* so often what could not be loaded is tried again */

/* Writes a message. */
typedef void (*keeper_log)(void *user, enum message_number number, const char *text);

struct keeper;

/* The pipeline must outlive the keeper. keeper_free() releases it and saves nothing. */
struct keeper *keeper_new(const char *folder, struct pipeline *pipeline, keeper_log log,
			  void *user);
void keeper_free(struct keeper *keeper);

/* Goes on in another folder, if it is another. What is kept there is added to what is counted. */
void keeper_set_folder(struct keeper *keeper, const char *folder);

/* Takes over what is kept. If it can't be read now, keeper_look_after() tries again, and adds it to what was
 * counted meanwhile; until then nothing is saved, for it would take the place of what is there. Returns
 * whether the state can be used. `now` is here and below a monotonic clock in ms. */
bool keeper_load(struct keeper *keeper, int64_t now);

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
