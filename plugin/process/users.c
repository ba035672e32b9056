/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/users.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"

#include <uthash.h>

#define LOOKUP_BUFFER 16384 /* a group with very many members does not fit and has no name */

struct name_key {
	uint32_t id;
	uint32_t is_group;
};

struct name {
	struct name_key key;
	char *text; /* NULL: the name service knows none */
	time_t asked;
	UT_hash_handle hh;
};

struct users {
	struct name *names;
	char buffer[LOOKUP_BUFFER];
};

struct users *users_new(void)
{
	return mem_zalloc(sizeof(struct users));
}

static void forget_all(struct users *users)
{
	struct name *name, *next;

	HASH_ITER(hh, users->names, name, next) {
		HASH_DEL(users->names, name);
		free(name->text);
		free(name);
	}
}

void users_free(struct users *users)
{
	if (!users)
		return;
	forget_all(users);
	free(users);
}

static char *ask(struct users *users, const struct name_key *key)
{
	const char *text = NULL;

	if (key->is_group) {
		struct group group, *found = NULL;

		if (!getgrgid_r(key->id, &group, users->buffer, sizeof(users->buffer), &found) &&
		    found)
			text = group.gr_name;
	} else {
		struct passwd passwd, *found = NULL;

		if (!getpwuid_r(key->id, &passwd, users->buffer, sizeof(users->buffer), &found) &&
		    found)
			text = passwd.pw_name;
	}
	return text ? mem_strdup(text) : NULL;
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static const char *name_of(struct users *users, uint32_t id, bool is_group, time_t now)
{
	struct name_key key = { id, is_group };
	struct name *name;

	HASH_FIND(hh, users->names, &key, sizeof(key), name);
	if (name && name->asked + USERS_KEEP_S > now)
		return name->text;
	if (!name) {
		name = mem_zalloc(sizeof(*name));
		name->key = key;
		HASH_ADD(hh, users->names, key, sizeof(name->key), name);
	}
	free(name->text);
	name->text = ask(users, &key);
	name->asked = now;
	return name->text;
}

static void complete(struct users *users, struct identity *identity, bool is_group, time_t now)
{
	if (!identity->name && identity->id != ID_UNSET)
		identity->name = name_of(users, identity->id, is_group, now);
}

void users_complete(struct users *users, struct credentials *credentials)
{
	/* One time for all: no name may expire while another's is being asked for. */
	time_t now = now_s();

	if (HASH_COUNT(users->names) >= USERS_MAX_CACHED)
		forget_all(users);
	if (!credentials->known)
		return;
	complete(users, &credentials->user, false, now);
	complete(users, &credentials->real_user, false, now);
	complete(users, &credentials->saved_user, false, now);
	complete(users, &credentials->login_user, false, now);
	complete(users, &credentials->group, true, now);
	complete(users, &credentials->real_group, true, now);
	complete(users, &credentials->saved_group, true, now);
}
