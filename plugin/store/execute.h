/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For statements that are needed now and then. */
#ifndef AUSPAWN_STORE_EXECUTE_H
#define AUSPAWN_STORE_EXECUTE_H

#include "store/state.h"

/* Executes a statement, between state_begin() and state_commit(), with numbers for its ?1, ?2 ..., all of which it must
 * have. Returns how many rows it has changed; what goes wrong is told by state_commit(). */
int state_execute(struct state *state, const char *text, const int64_t *number, int numbers);

#endif
