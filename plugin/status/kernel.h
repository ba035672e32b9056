/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own figures about auditing, over its audit socket: for root (CAP_AUDIT_CONTROL) alone. */
#ifndef AUSPAWN_STATUS_KERNEL_H
#define AUSPAWN_STATUS_KERNEL_H

#include <sys/types.h>

#include "status/figures.h"

#define KERNEL_ANY_USER ((uid_t)-1)

/* Fills in `figures`; of rules that record execs only those count whose conditions on user ids `user` satisfies.
 * Returns 0 or a negative errno. */
int kernel_read(struct kernel_figures *figures, uid_t user);

#endif
