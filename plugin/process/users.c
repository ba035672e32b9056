/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/users.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

#include <uthash.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct name_key {
	uint32_t id;
	uint32_t is_group;
	struct namespaces namespaces; /* zeroes for the machine, as is ... */
	uint64_t container;	      /* ... the hash of its id */
};

struct name {
	struct name_key key;
	char *text; /* NULL: none, or none known as of yet */
	bool nameless;
	uint64_t ticket; /* of the answer that is to come; 0: none is */
	time_t due;	 /* when to ask again */
	UT_hash_handle hh;
};

struct users {
	struct users_source source;
	struct name *names;
};

struct users *users_new(const struct users_source *source)
{
	struct users *users = mem_zalloc(sizeof(*users));

	if (source)
		users->source = *source;
	return users;
}

static void forget_all(struct users *users)
{
	struct name *name, *next;

	HASH_ITER (hh, users->names, name, next) {
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

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Until an answer comes, the old one stands. */
static void learn(struct name *name, enum users_answer answer, const char *text, time_t now)
{
	name->due = now + (answer == USERS_NAMED      ? USERS_KEEP_S
			   : answer == USERS_NAMELESS ? USERS_KEEP_NONE_S
			   : name->ticket	      ? USERS_ASK_AGAIN_S
						      : USERS_FAILED_S);
	if (answer == USERS_LATER)
		return;
	free(name->text);
	name->text = answer == USERS_NAMED ? mem_strdup(text) : NULL;
	name->nameless = answer == USERS_NAMELESS;
}

static void take_late_answers(struct users *users, time_t now)
{
	enum users_answer answer;
	char text[USERS_MAX_NAME];
	uint64_t ticket;

	while (users->source.take &&
	       (ticket = users->source.take(users->source.from, &answer, text))) {
		struct name *name = users->names;

		while (name && name->ticket != ticket)
			name = name->hh.next;
		if (!name)
			continue;
		name->ticket = 0;
		learn(name, answer, text, now);
	}
}

static struct name *find(struct users *users, const struct name_key *key)
{
	struct name *name;

	HASH_FIND(hh, users->names, key, sizeof(*key), name);
	if (name)
		return name;
	name = mem_zalloc(sizeof(*name));
	name->key = *key;
	HASH_ADD(hh, users->names, key, sizeof(name->key), name);
	return name;
}

/* `place` is NULL for the machine. The name's text is NULL if there is none (`nameless`), or none
 * as of yet. */
static const struct name *name_of(struct users *users, uint32_t id, bool is_group,
				  const struct users_place *place, time_t now)
{
	struct users_question question = { .id = id, .is_group = is_group };
	struct name_key key;
	enum users_answer answer;
	char text[USERS_MAX_NAME];
	struct name *name;

	memset(&key, 0, sizeof(key));
	key.id = id;
	key.is_group = is_group;
	if (place) {
		question.pid = place->pid;
		question.ticks = place->ticks;
		key.namespaces = place->namespaces;
		key.container = XXH3_64bits(place->container, strlen(place->container));
	}
	name = find(users, &key);
	if (name->due > now || !users->source.ask || (place && !place->pid))
		return name;
	name->ticket = 0;
	answer = users->source.ask(users->source.from, &question, &name->ticket, text);
	learn(name, answer, text, now);
	return name;
}

static void complete(struct users *users, struct identity *identity, bool is_group,
		     const struct users_place *place, time_t now)
{
	const struct name *inside = NULL;

	if (identity->id == ID_UNSET)
		return;
	if (place)
		inside = name_of(users, identity->id, is_group, place, now);
	if (inside && inside->text)
		identity->name = inside->text;
	/* What the container will say is not known yet: better no name than one that changes. */
	else if (!identity->name && (!inside || inside->nameless || !place->pid))
		identity->name = name_of(users, identity->id, is_group, NULL, now)->text;
}

void users_complete(struct users *users, struct credentials *credentials,
		    const struct users_place *place)
{
	/* One time for all: no name may expire while another's is being asked for. */
	time_t now = now_s();

	if (HASH_COUNT(users->names) >= USERS_MAX_CACHED)
		forget_all(users);
	take_late_answers(users, now);
	if (!credentials->known)
		return;
	complete(users, &credentials->user, false, place, now);
	complete(users, &credentials->real_user, false, place, now);
	complete(users, &credentials->saved_user, false, place, now);
	complete(users, &credentials->login_user, false, NULL, now);
	complete(users, &credentials->group, true, place, now);
	complete(users, &credentials->real_group, true, place, now);
	complete(users, &credentials->saved_group, true, place, now);
}
