/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The containers are made up here: what they say, and how long they take to say it. */
#include "audit_process_support.h"

#include <fcntl.h>
#include <pthread.h>

#include "process/container_names.h"

#define NAMELESS 4000
#define GONE	 4001
#define CHOOSY	 4002

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool blocked;
	unsigned int asked; /* questions so far */
	unsigned int waiting;
	const char *suffix;
} world = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static int fake_container_names_ask(int procfs, const struct container_names_question *question,
				    char name[CONTAINER_NAMES_MAX])
{
	int result = 0;

	pthread_mutex_lock(&world.lock);
	world.asked++;
	world.waiting++;
	pthread_cond_broadcast(&world.changed);
	while (world.blocked)
		pthread_cond_wait(&world.changed, &world.lock);
	world.waiting--;
	pthread_cond_broadcast(&world.changed);
	if (fcntl(procfs, F_GETFD) < 0 || question->pid != 60 || question->ticks != 100)
		result = -EINVAL;
	else if (question->id == NAMELESS)
		result = -ENOENT;
	else if (question->id == GONE)
		result = -ESRCH;
	else if (question->id == CHOOSY)
		result = -EXDEV;
	else
		snprintf(name, CONTAINER_NAMES_MAX, "%s-%u%s", question->group ? "g" : "u",
			 question->id, world.suffix);
	pthread_mutex_unlock(&world.lock);
	return result;
}

#define container_names_ask fake_container_names_ask
#include "process/container_users.c"

static const struct container_user living = { 60, 100, { 1, 2 } };
static const struct container_user dead = { 0, 0, { 1, 2 } };

static int setup(void **state)
{
	world.blocked = false;
	world.asked = 0;
	world.suffix = "";
	*state = container_users_new(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	return 0;
}

static int teardown(void **state)
{
	struct container_users *users = *state;

	close(users->procfs);
	container_users_free(users);
	return 0;
}

static void block(bool blocked)
{
	pthread_mutex_lock(&world.lock);
	world.blocked = blocked;
	pthread_cond_broadcast(&world.changed);
	pthread_mutex_unlock(&world.lock);
}

static void await_waiting(unsigned int count)
{
	pthread_mutex_lock(&world.lock);
	while (world.waiting != count)
		pthread_cond_wait(&world.changed, &world.lock);
	pthread_mutex_unlock(&world.lock);
}

/* Everybody is `id`, and the host says that this is "host". */
static struct credentials all_of(uint32_t id)
{
	const struct identity host = { id, "host" };

	return (struct credentials){ .known = true, .user = host, .real_user = host,
				     .saved_user = host, .group = host, .real_group = host,
				     .saved_group = host, .login_user = host };
}

/* The user's name, as told now. */
static const char *name_of(struct container_users *users, const struct container_user *who,
			   uint32_t id)
{
	struct credentials credentials = all_of(id);

	container_users_complete(users, who, &credentials);
	return credentials.user.name;
}

static void test_every_name_is_the_containers_but_of_who_logged_in(void **state)
{
	struct credentials credentials = {
		.known = true,
		.user = { 1, "host" }, .real_user = { 2, NULL }, .saved_user = { 3, NULL },
		.group = { 4, "host" }, .real_group = { 5, NULL }, .saved_group = { 6, NULL },
		.login_user = { 7, "host" },
	};

	container_users_complete(*state, &living, &credentials);
	assert_text(credentials.user.name, "u-1");
	assert_text(credentials.real_user.name, "u-2");
	assert_text(credentials.saved_user.name, "u-3");
	assert_text(credentials.group.name, "g-4");
	assert_text(credentials.real_group.name, "g-5");
	assert_text(credentials.saved_group.name, "g-6");
	assert_text(credentials.login_user.name, "host");
	assert_int_equal(world.asked, 6);
}

static void test_each_id_is_asked_for_once(void **state)
{
	assert_text(name_of(*state, &living, 33), "u-33");
	assert_int_equal(world.asked, 2);
	assert_text(name_of(*state, &living, 33), "u-33");
	assert_int_equal(world.asked, 2);
}

static void test_host_names_whom_the_container_does_not(void **state)
{
	assert_text(name_of(*state, &living, NAMELESS), "host");
	assert_text(name_of(*state, &living, NAMELESS), "host");
	assert_int_equal(world.asked, 2);
}

/* What is known of one process is true of the others in the same place, and of no other place. */
static void test_namespaces_tell_containers_apart(void **state)
{
	const struct container_user elsewhere = { 60, 100, { 9, 2 } };
	const struct container_user mapped = { 60, 100, { 1, 9 } };
	const struct container_user nowhere = { 60, 100, { 0, 0 } };

	assert_text(name_of(*state, &dead, 33), "host");
	assert_text(name_of(*state, &living, 33), "u-33");
	assert_text(name_of(*state, &dead, 33), "u-33");
	world.suffix = "-else";
	assert_text(name_of(*state, &living, 33), "u-33");
	assert_text(name_of(*state, &elsewhere, 33), "u-33-else");
	assert_text(name_of(*state, &mapped, 33), "u-33-else");
	assert_text(name_of(*state, &nowhere, 33), "host");
}

static void test_what_the_process_is_to_blame_for_is_not_remembered(void **state)
{
	assert_text(name_of(*state, &living, GONE), "host");
	assert_text(name_of(*state, &living, GONE), "host");
	assert_int_equal(world.asked, 4);
	assert_text(name_of(*state, &living, CHOOSY), "host");
	assert_text(name_of(*state, &living, CHOOSY), "host");
	assert_int_equal(world.asked, 8);
}

static void test_answers_grow_old(void **state)
{
	struct container_users *users = *state;

	assert_text(name_of(users, &living, 33), "u-33");
	world.suffix = "-renamed";
	for (struct name *name = users->names; name; name = name->hh.next)
		name->asked -= CONTAINER_USERS_KEEP_S * 1000LL;
	assert_text(name_of(users, &living, 33), "u-33-renamed");
}

static void test_memory_is_bounded(void **state)
{
	struct container_users *users = *state;

	for (uint32_t id = 0; HASH_COUNT(users->names) + IDENTITIES <= CONTAINER_USERS_CACHED; id++) {
		struct name_key key = key_of(&living, id, false);

		remember(users, &key, "x", monotonic_ms());
	}
	assert_text(name_of(users, &living, 33), "u-33");
	assert_int_equal(HASH_COUNT(users->names), 2);
}

static void test_unset_and_unknown_ids_are_not_asked_for(void **state)
{
	struct credentials credentials = all_of(33);

	assert_text(name_of(*state, &living, ID_UNSET), "host");
	credentials.known = false;
	container_users_complete(*state, &living, &credentials);
	assert_text(credentials.user.name, "host");
	container_users_complete(NULL, &living, &credentials);
	assert_int_equal(world.asked, 0);
}

/* A file system can take as long as it likes. */
static void test_nobody_waits_long(void **state)
{
	struct container_users *users = *state;
	int64_t start = monotonic_ms();

	block(true);
	assert_text(name_of(users, &living, 33), "host");
	assert_in_range(monotonic_ms() - start, CONTAINER_USERS_WAIT_MS - 10, 1000);
	/* That was all the patience of this second. */
	users->second = monotonic_ms();
	start = monotonic_ms();
	for (uint32_t id = 100; id < 200; id++)
		assert_text(name_of(users, &living, id), "host");
	assert_in_range(monotonic_ms() - start, 0, 50);
	await_waiting(1);

	/* Nor is there one thread after another. */
	for (uint32_t id = 200; id < 210; id++) {
		users->waited = CONTAINER_USERS_WAIT_MS - 1;
		users->second = monotonic_ms();
		assert_text(name_of(users, &living, id), "host");
	}
	await_waiting(CONTAINER_USERS_STUCK);

	block(false);
	await_waiting(0);
	while (release_answered(users))
		usleep(1000);
	users->second = 0;
	assert_text(name_of(users, &living, 33), "u-33");
}

#define USERS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		USERS_TEST(test_every_name_is_the_containers_but_of_who_logged_in),
		USERS_TEST(test_each_id_is_asked_for_once),
		USERS_TEST(test_host_names_whom_the_container_does_not),
		USERS_TEST(test_namespaces_tell_containers_apart),
		USERS_TEST(test_what_the_process_is_to_blame_for_is_not_remembered),
		USERS_TEST(test_answers_grow_old),
		USERS_TEST(test_memory_is_bounded),
		USERS_TEST(test_unset_and_unknown_ids_are_not_asked_for),
		USERS_TEST(test_nobody_waits_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
