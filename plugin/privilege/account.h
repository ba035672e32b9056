/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who the plugin becomes. Only /etc/passwd is asked: at boot the name services are not there yet.
 */
#ifndef AUSPAWN_PRIVILEGE_ACCOUNT_H
#define AUSPAWN_PRIVILEGE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct account {
	uid_t uid;
	gid_t gid;
};

/* Finds the account `name` in the file `passwd`. Returns 0, -ENOENT if it has none of that name, or
 * why it can't be read. */
int account_find(const char *passwd, const char *name, struct account *account);

/* Writes the name of the account with that uid into `name`, or the number if there is none. */
void account_name(const char *passwd, uid_t uid, char *name, size_t size);

#endif
