/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What records and /proc tell of a process that is known already. */
#ifndef AUSPAWN_PROCESS_LEARN_H
#define AUSPAWN_PROCESS_LEARN_H

#include <stdbool.h>

#include "audit/assemble.h"
#include "process/procfs.h"
#include "process/table.h"

/* Takes over what /proc shows, which is what the process is by now. A program that is known stays,
 * for it may have become another since the record that is being read, and of a process that has
 * ended /proc knows but its name. */
void learn_from_proc(struct entry *entry, const struct procfs_process *process);

/* Takes over what the record of a call shows of its caller: `seen`, the ids and the program that it
 * has by now. */
void learn_from_record(struct entry *caller, const struct image *seen);

/* Does a fork's record name the child by a number that means nothing out here? Such a number is
 * below those that are given again out here, and below its creator's: a namespace counts from 1. */
bool learn_is_inner(const struct audit_event *fork);

/* Is a fork by `caller` at `now` (ms since 1970) the one by which `child`, known already, came to
 * be? Its record may come after the child's first exec. */
bool learn_is_own(const struct entry *child, const struct entry *caller, int64_t now);

/* Takes over what that record tells. */
void learn_own(struct entry *child, const struct entry *caller, const struct audit_event *fork);

/* Does a fork that is not its own mean that `child` is gone and another process has its pid? If the
 * record may mean another pid, that of a namespace, `child` stays, and is only marked as claimed.
 */
bool learn_is_new(struct entry *child, const struct entry *caller, int64_t now);

#endif
