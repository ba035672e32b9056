/* SPDX-License-Identifier: GPL-2.0-or-later */
/* auditd hands down what it has itself or had at its own start. */
#ifndef AUSPAWN_PRIVILEGE_INHERITANCE_H
#define AUSPAWN_PRIVILEGE_INHERITANCE_H

#include <stddef.h>

/* Undoes what would hurt: the umask, the priority, the protection from the kernel's out-of-memory
 * killer, limits, ignored signals, the environment and descriptors beyond the first three, which
 * are opened if they are not. What can't be undone stays as it is. Blocked signals are the
 * caller's. */
void inheritance_reset(void);

/* Gives every signal its default effect. */
void inheritance_reset_signals(void);

/* Closes all descriptors but the first three and those `count` in `kept`. */
void inheritance_close(const int kept[], size_t count);

#endif
