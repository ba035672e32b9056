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

#include "pipeline.h"

#define KEEPER_SOON_MS	 1000  /* at most so often what has changed is saved, ... */
#define KEEPER_MANY_ROWS 512   /* ... but at once if so much has: no save, nor the end, shall take long */
#define KEEPER_AGAIN_MS	 60000 /* so long after a failure it is tried again ... */
#define KEEPER_LOAD_MS	 5000  /* ... and so long if it could not be loaded */

/* Writes a message; `severity` is one of syslog.h's. */
typedef void (*keeper_log)(void *user, int severity, const char *text);

struct keeper;
struct state;

/* Something else that is kept in the same transactions. */
struct keeper_part {
	/* Is there anything to save? It will be so soon; keeper_commit() is for what can't wait. */
	bool (*changed)(void *user);
	/* Writes all that has changed, within a transaction that may come to nothing. */
	void (*save)(void *user, struct state *state);
	/* The transaction is committed. */
	void (*saved)(void *user);
	void *user;
};

#define KEEPER_MAX_PARTS 4

/* The pipeline must outlive the keeper. keeper_free() releases it and saves nothing. */
struct keeper *keeper_new(const char *folder, struct pipeline *pipeline, keeper_log log,
			  void *user);
void keeper_free(struct keeper *keeper);

/* Adds a part; what it points to must outlive the keeper. At most KEEPER_MAX_PARTS. */
void keeper_add(struct keeper *keeper, const struct keeper_part *part);

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

/* Commits now all that has changed, if what was kept could be loaded. Returns whether that worked. */
bool keeper_commit(struct keeper *keeper, int64_t now);

/* The same for the end: what can wait until the next start does. With `exactly` nothing does, and it is also saved
 * when terms that are seen over and over were seen last, which can take longer than the end of a plugin may. */
bool keeper_save(struct keeper *keeper, bool exactly, int64_t now);

#endif
