/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share and nobody else sees: the handle behind struct state. */
#ifndef AUSPAWN_STORE_INSIDE_H
#define AUSPAWN_STORE_INSIDE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "store/state.h"

/* Still the state's. */
sqlite3 *state_database(struct state *state);

/* 0 or a negative errno for what SQLite returned. */
int state_error_of(sqlite3 *database, int code);

/* Executes a statement that is needed now and then, between state_begin() and state_commit(), with numbers for its ?1,
 * ?2 ..., all of which it must have. Returns how many rows it has changed; what goes wrong is told by state_commit(). */
int state_execute(struct state *state, const char *text, const int64_t *number, int numbers);

/* Has nothing gone wrong since state_begin()? And: what SQLite returned is to count. */
bool state_is_good(const struct state *state);
void state_note(struct state *state, int code);

#endif
