/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name service and the clock are made up here, so that no machine's own users matter. */
#include "audit_process_support.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <time.h>

static struct {
	time_t now;
	bool broken;
	unsigned int asked; /* questions so far */
	char name[32];
} service;

#define NAMELESS 4000

static int fake_getpwuid_r(uid_t uid, struct passwd *passwd, char *buffer, size_t size,
			   struct passwd **found)
{
	service.asked++;
	*found = NULL;
	if (service.broken)
		return EIO;
	if (uid == NAMELESS)
		return 0;
	snprintf(buffer, size, "user-%u%s", (unsigned int)uid, service.name);
	passwd->pw_name = buffer;
	*found = passwd;
	return 0;
}

static int fake_getgrgid_r(gid_t gid, struct group *group, char *buffer, size_t size,
			   struct group **found)
{
	service.asked++;
	*found = NULL;
	if (service.broken)
		return ERANGE;
	if (gid == NAMELESS)
		return 0;
	snprintf(buffer, size, "group-%u%s", (unsigned int)gid, service.name);
	group->gr_name = buffer;
	*found = group;
	return 0;
}

static int fake_clock_gettime(clockid_t clock, struct timespec *now)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	*now = (struct timespec){ service.now, 0 };
	return 0;
}

#define getpwuid_r    fake_getpwuid_r
#define getgrgid_r    fake_getgrgid_r
#define clock_gettime fake_clock_gettime
#include "process/users.c"

static int setup(void **state)
{
	memset(&service, 0, sizeof(service));
	service.now = 1000000;
	*state = users_new();
	return 0;
}

static int teardown(void **state)
{
	users_free(*state);
	return 0;
}

static struct credentials only_user(uint32_t id)
{
	struct credentials credentials = { .known = true, .user = { .id = id } };
	struct identity done = { 0, "-" };

	credentials.real_user = credentials.saved_user = credentials.login_user = done;
	credentials.group = credentials.real_group = credentials.saved_group = done;
	return credentials;
}

/* Returns the name of a user, as told now. */
static const char *name_of_user(struct users *users, uint32_t id)
{
	struct credentials credentials = only_user(id);

	users_complete(users, &credentials);
	return credentials.user.name;
}

static void test_every_id_gets_its_name(void **state)
{
	struct credentials credentials = {
		.known = true,
		.user = { .id = 1 }, .real_user = { .id = 2 }, .saved_user = { .id = 3 },
		.group = { .id = 4 }, .real_group = { .id = 5 }, .saved_group = { .id = 6 },
		.login_user = { .id = 7 },
	};

	users_complete(*state, &credentials);
	assert_text(credentials.user.name, "user-1");
	assert_text(credentials.real_user.name, "user-2");
	assert_text(credentials.saved_user.name, "user-3");
	assert_text(credentials.group.name, "group-4");
	assert_text(credentials.real_group.name, "group-5");
	assert_text(credentials.saved_group.name, "group-6");
	assert_text(credentials.login_user.name, "user-7");
}

static void test_user_and_group_of_one_id_are_two(void **state)
{
	struct credentials credentials = only_user(33);

	credentials.group = (struct identity){ .id = 33 };
	users_complete(*state, &credentials);
	assert_text(credentials.user.name, "user-33");
	assert_text(credentials.group.name, "group-33");
}

static void test_name_of_the_record_is_kept(void **state)
{
	struct credentials credentials = only_user(33);

	credentials.user.name = "www-data";
	users_complete(*state, &credentials);
	assert_text(credentials.user.name, "www-data");
	assert_int_equal(service.asked, 0);
}

static void test_unset_and_unknown_ids_are_not_asked_for(void **state)
{
	struct credentials unset = only_user(ID_UNSET);
	struct credentials unknown = only_user(33);

	users_complete(*state, &unset);
	assert_null(unset.user.name);
	unknown.known = false;
	users_complete(*state, &unknown);
	assert_null(unknown.user.name);
	assert_int_equal(service.asked, 0);
}

static void test_answer_is_remembered_for_a_while(void **state)
{
	assert_text(name_of_user(*state, 33), "user-33");
	snprintf(service.name, sizeof(service.name), "-renamed");
	service.now += USERS_KEEP_S - 1;
	assert_text(name_of_user(*state, 33), "user-33");
	assert_int_equal(service.asked, 1);
	service.now++;
	assert_text(name_of_user(*state, 33), "user-33-renamed");
	assert_int_equal(service.asked, 2);
}

static void test_that_there_is_no_name_is_remembered_too(void **state)
{
	assert_null(name_of_user(*state, NAMELESS));
	assert_null(name_of_user(*state, NAMELESS));
	assert_int_equal(service.asked, 1);
	service.now += USERS_KEEP_S;
	assert_null(name_of_user(*state, NAMELESS));
	assert_int_equal(service.asked, 2);
}

static void test_service_that_fails_names_nobody(void **state)
{
	struct credentials credentials = only_user(33);

	service.broken = true;
	credentials.group = (struct identity){ .id = 33 };
	users_complete(*state, &credentials);
	assert_null(credentials.user.name);
	assert_null(credentials.group.name);
	service.broken = false;
	service.now += USERS_KEEP_S;
	assert_text(name_of_user(*state, 33), "user-33");
}

static void test_memory_is_bounded(void **state)
{
	struct users *users = *state;

	for (uint32_t id = 10000; id < 10000 + USERS_MAX_CACHED; id++)
		name_of_user(users, id);
	assert_int_equal(HASH_COUNT(users->names), USERS_MAX_CACHED);
	assert_int_equal(service.asked, USERS_MAX_CACHED);
	assert_text(name_of_user(users, 9), "user-9");
	assert_int_equal(HASH_COUNT(users->names), 1);
	/* Forgotten, and asked for again. */
	assert_text(name_of_user(users, 10000), "user-10000");
	assert_int_equal(service.asked, USERS_MAX_CACHED + 2);
}

static void test_nothing_can_be_released(void **state)
{
	(void)state;
	users_free(NULL);
}

#define USERS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		USERS_TEST(test_every_id_gets_its_name),
		USERS_TEST(test_user_and_group_of_one_id_are_two),
		USERS_TEST(test_name_of_the_record_is_kept),
		USERS_TEST(test_unset_and_unknown_ids_are_not_asked_for),
		USERS_TEST(test_answer_is_remembered_for_a_while),
		USERS_TEST(test_that_there_is_no_name_is_remembered_too),
		USERS_TEST(test_service_that_fails_names_nobody),
		USERS_TEST(test_memory_is_bounded),
		cmocka_unit_test(test_nothing_can_be_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
