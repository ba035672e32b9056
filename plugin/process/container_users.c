/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/container_users.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "process/container_names.h"

#include <uthash.h>
#include <utlist.h>

#define IDENTITIES 6		/* that are the container's to name */
#define STACK_SIZE (256 * 1024) /* bytes of a thread */
#define SECOND_MS  1000

struct name_key {
	struct namespaces namespaces;
	uint32_t id;
	uint32_t is_group;
};

struct name {
	struct name_key key;
	char *text;    /* NULL: the container has none */
	int64_t asked; /* ms, as monotonic_ms() counts */
	UT_hash_handle hh;
};

/* What a thread is to find out; it has a descriptor of its own, and touches nothing once `done` is set. */
struct question {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool done;
	int procfs;
	unsigned int count;
	struct container_names_question ask[IDENTITIES];
	int result[IDENTITIES];
	char name[IDENTITIES][CONTAINER_NAMES_MAX];
	struct question *prev, *next; /* among those that nobody waits for any more */
};

struct container_users {
	int procfs;
	struct name *names;
	struct question *stuck;
	int64_t second; /* when the present second began, ms */
	int64_t waited; /* ms, in that second */
};

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct container_users *container_users_new(int procfs)
{
	struct container_users *users = mem_zalloc(sizeof(*users));

	users->procfs = procfs;
	return users;
}

/* --- what is remembered --- */

static void forget_all(struct container_users *users)
{
	struct name *name, *next;

	HASH_ITER(hh, users->names, name, next) {
		HASH_DEL(users->names, name);
		free(name->text);
		free(name);
	}
}

static const struct name *recall(const struct container_users *users, const struct name_key *key,
				 int64_t now)
{
	struct name *name;

	HASH_FIND(hh, users->names, key, sizeof(*key), name);
	return name && name->asked + CONTAINER_USERS_KEEP_S * 1000LL > now ? name : NULL;
}

static void remember(struct container_users *users, const struct name_key *key, const char *text,
		     int64_t now)
{
	struct name *name;

	HASH_FIND(hh, users->names, key, sizeof(*key), name);
	if (!name) {
		name = mem_zalloc(sizeof(*name));
		name->key = *key;
		HASH_ADD(hh, users->names, key, sizeof(name->key), name);
	}
	free(name->text);
	name->text = text ? mem_strdup(text) : NULL;
	name->asked = now;
}

/* --- threads --- */

static void question_free(struct question *question)
{
	if (question->procfs >= 0)
		close(question->procfs);
	pthread_cond_destroy(&question->answered);
	pthread_mutex_destroy(&question->lock);
	free(question);
}

static struct question *question_new(int procfs)
{
	struct question *question = mem_zalloc(sizeof(*question));
	pthread_condattr_t clock;

	pthread_mutex_init(&question->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&question->answered, &clock);
	pthread_condattr_destroy(&clock);
	question->procfs = fcntl(procfs, F_DUPFD_CLOEXEC, 0);
	return question;
}

static void *answer(void *argument)
{
	struct question *question = argument;

	for (unsigned int i = 0; i < question->count; i++)
		question->result[i] = container_names_ask(question->procfs, &question->ask[i],
							  question->name[i]);
	pthread_mutex_lock(&question->lock);
	question->done = true;
	pthread_cond_signal(&question->answered);
	pthread_mutex_unlock(&question->lock);
	return NULL;
}

/* Signals are for the thread that was there first. */
static bool start_thread(struct question *question)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	bool started;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = !pthread_create(&thread, &attributes, answer, question);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return started;
}

static bool is_done(struct question *question)
{
	bool done;

	pthread_mutex_lock(&question->lock);
	done = question->done;
	pthread_mutex_unlock(&question->lock);
	return done;
}

/* Waits until the question is answered, or `ms` are over. */
static bool await(struct question *question, int64_t ms)
{
	struct timespec end;
	bool done;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += ms * 1000000;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	pthread_mutex_lock(&question->lock);
	while (!question->done &&
	       !pthread_cond_timedwait(&question->answered, &question->lock, &end))
		;
	done = question->done;
	pthread_mutex_unlock(&question->lock);
	return done;
}

/* Returns how many are still stuck. */
static unsigned int release_answered(struct container_users *users)
{
	struct question *question, *next;
	unsigned int stuck = 0;

	DL_FOREACH_SAFE(users->stuck, question, next) {
		if (is_done(question)) {
			DL_DELETE(users->stuck, question);
			question_free(question);
		} else {
			stuck++;
		}
	}
	return stuck;
}

/* A thread that is stuck cannot be ended: what it needs is left to it. */
void container_users_free(struct container_users *users)
{
	if (!users)
		return;
	release_answered(users);
	forget_all(users);
	free(users);
}

/* --- asking --- */

/* How long may be waited now, in ms? */
static int64_t patience(struct container_users *users, int64_t now)
{
	if (now >= users->second + SECOND_MS) {
		users->second = now;
		users->waited = 0;
	}
	return CONTAINER_USERS_WAIT_MS - users->waited;
}

static struct name_key key_of(const struct container_user *who, uint32_t id, bool is_group)
{
	struct name_key key;

	memset(&key, 0, sizeof(key));
	key.namespaces = who->namespaces;
	key.id = id;
	key.is_group = is_group;
	return key;
}

static void add(struct question *question, const struct container_user *who, uint32_t id,
		bool is_group)
{
	for (unsigned int i = 0; i < question->count; i++) {
		if (question->ask[i].id == id && question->ask[i].group == is_group)
			return;
	}
	question->ask[question->count++] =
		(struct container_names_question){ who->pid, who->ticks, id, is_group };
}

/* What only this process or this moment is to blame for is asked again. */
static bool is_lasting(int result)
{
	return result != -ESRCH && result != -EXDEV && result != -EMFILE && result != -ENFILE &&
	       result != -ENOMEM && result != -EINTR;
}

static void learn(struct container_users *users, const struct container_user *who,
		  const struct question *question, int64_t now)
{
	for (unsigned int i = 0; i < question->count; i++) {
		struct name_key key = key_of(who, question->ask[i].id, question->ask[i].group);

		if (is_lasting(question->result[i]))
			remember(users, &key, question->result[i] ? NULL : question->name[i], now);
	}
}

/* Takes over the question. */
static void ask(struct container_users *users, const struct container_user *who,
		struct question *question, int64_t now)
{
	int64_t wait = patience(users, now);
	bool done;

	if (wait <= 0 || release_answered(users) >= CONTAINER_USERS_STUCK || question->procfs < 0 ||
	    !start_thread(question)) {
		question_free(question);
		return;
	}
	done = await(question, wait);
	users->waited += monotonic_ms() - now;
	if (!done) {
		DL_APPEND(users->stuck, question);
		return;
	}
	learn(users, who, question, now);
	question_free(question);
}

/* The identities that are the container's to name; groups follow users. */
static void list(struct credentials *credentials, struct identity *identities[IDENTITIES])
{
	identities[0] = &credentials->user;
	identities[1] = &credentials->real_user;
	identities[2] = &credentials->saved_user;
	identities[3] = &credentials->group;
	identities[4] = &credentials->real_group;
	identities[5] = &credentials->saved_group;
}

static bool is_group(unsigned int index)
{
	return index >= IDENTITIES / 2;
}

static void ask_for_unknown(struct container_users *users, const struct container_user *who,
			    struct identity *const identities[IDENTITIES], int64_t now)
{
	struct question *question = NULL;

	for (unsigned int i = 0; i < IDENTITIES; i++) {
		struct name_key key = key_of(who, identities[i]->id, is_group(i));

		if (identities[i]->id == ID_UNSET || recall(users, &key, now))
			continue;
		if (!question)
			question = question_new(users->procfs);
		add(question, who, identities[i]->id, is_group(i));
	}
	if (question)
		ask(users, who, question, now);
}

void container_users_complete(struct container_users *users, const struct container_user *who,
			      struct credentials *credentials)
{
	int64_t now = monotonic_ms();
	struct identity *identities[IDENTITIES];

	if (!users || !credentials->known || !who->namespaces.mount || !who->namespaces.user)
		return;
	if (HASH_COUNT(users->names) + IDENTITIES > CONTAINER_USERS_CACHED)
		forget_all(users);
	list(credentials, identities);
	if (who->pid)
		ask_for_unknown(users, who, identities, now);
	for (unsigned int i = 0; i < IDENTITIES; i++) {
		struct name_key key = key_of(who, identities[i]->id, is_group(i));
		const struct name *name = recall(users, &key, now);

		if (name && name->text)
			identities[i]->name = name->text;
	}
}
