/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places that the plugin writes to, made by root for the account that it then becomes. */
#ifndef AUSPAWN_PRIVILEGE_FOLDER_H
#define AUSPAWN_PRIVILEGE_FOLDER_H

#include "privilege/account.h"

/*
 * Makes the folder, with `mode`, if it is not there, and gives it and the plain files in it to the
 * account. One that is there must be the account's already, or root's with no more rights for
 * others than `mode` has: a folder of the system, named by mistake, is not given away. Symbolic
 * links are never followed in the last part of the path nor below it, and files with other names
 * elsewhere are left alone. Returns 0; -EPERM if it is another's; else why it can't be had.
 */
int folder_give(const char *path, mode_t mode, const struct account *account);

/*
 * Sees to it that the account can write the file `path`. If its folder is not there it is made and
 * given. In a folder that only root can write the file alone is made and given, not the folder.
 * Anything else stays as it is. Returns 0, or why it can't be done.
 */
int folder_give_file(const char *path, const struct account *account);

#endif
