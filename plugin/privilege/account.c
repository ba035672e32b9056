/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privilege/account.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

int account_find(const char *passwd, const char *name, struct account *account)
{
	FILE *file = fopen(passwd, "re");
	struct passwd *entry;

	if (!file)
		return -errno;
	do {
		entry = fgetpwent(file);
	} while (entry && strcmp(entry->pw_name, name) != 0);
	if (entry)
		*account = (struct account){ entry->pw_uid, entry->pw_gid };
	fclose(file);
	return entry ? 0 : -ENOENT;
}

void account_name(const char *passwd, uid_t uid, char *name, size_t size)
{
	FILE *file = fopen(passwd, "re");
	struct passwd *entry = NULL;

	do {
		entry = file ? fgetpwent(file) : NULL;
	} while (entry && entry->pw_uid != uid);
	if (entry)
		snprintf(name, size, "%s", entry->pw_name);
	else
		snprintf(name, size, "%u", (unsigned int)uid);
	if (file)
		fclose(file);
}
