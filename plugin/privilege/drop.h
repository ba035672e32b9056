/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities and user: what the plugin gives up, for good. */
#ifndef AUSPAWN_PRIVILEGE_DROP_H
#define AUSPAWN_PRIVILEGE_DROP_H

#include <stdbool.h>

#include "privilege/account.h"

/* Keeps of all capabilities these two, if the process has them:
 *   CAP_SYS_PTRACE		the links of /proc/PID, such as exe and cwd, and all of /proc under
 * hidepid CAP_DAC_READ_SEARCH	/proc/PID/environ, auditd's logs, and the configuration at a reload
 */
enum drop_keep {
	DROP_KEEP_NONE,
	DROP_KEEP_READING,
};

/*
 * Becomes the account, with its group and no other, or stays who it is if `account` is NULL; loses
 * all capabilities but those of `keep`, also from the bounding set, and the way to win any:
 * securebits are locked, no_new_privs is set, the process can't be traced by its like. Returns 0,
 * or -errno if anything of that is not so afterwards. Children have it all too; PR_SET_PDEATHSIG is
 * gone.
 */
int drop_to(const struct account *account, enum drop_keep keep);

#endif
