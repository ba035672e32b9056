/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whoever knows the names, and the clock, are made up here. */
#include "audit_process_support.h"

#include <stdbool.h>
#include <time.h>

static struct {
	time_t now;
	bool broken;	    /* no answer will come */
	bool slow;	    /* answers come late */
	unsigned int asked; /* questions so far */
	char name[32];
	uint64_t tickets, answered; /* given out, and answered late */
	uint32_t late[64];	    /* the ids */
} service;

#define NAMELESS 4000

static int fake_clock_gettime(clockid_t clock, struct timespec *now)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	*now = (struct timespec){ service.now, 0 };
	return 0;
}

#define clock_gettime fake_clock_gettime
#include "process/users.c"

static enum users_answer answer(uint32_t id, const char *kind, char name[USERS_MAX_NAME])
{
	if (id == NAMELESS)
		return USERS_NAMELESS;
	snprintf(name, USERS_MAX_NAME, "%s-%u%s", kind, (unsigned int)id, service.name);
	return USERS_NAMED;
}

static enum users_answer fake_ask(void *from, const struct users_question *question,
				  uint64_t *ticket, char name[USERS_MAX_NAME])
{
	assert_ptr_equal(from, &service);
	service.asked++;
	*ticket = 0;
	if (service.broken)
		return USERS_LATER;
	if (service.slow) {
		service.late[service.tickets] = question->id;
		*ticket = ++service.tickets;
		return USERS_LATER;
	}
	if (question->pid)
		return answer(question->id, question->ticks == 5 ? "inside" : "", name);
	return answer(question->id, question->is_group ? "group" : "user", name);
}

static uint64_t fake_take(void *from, enum users_answer *late, char name[USERS_MAX_NAME])
{
	assert_ptr_equal(from, &service);
	if (service.slow || service.answered == service.tickets)
		return 0;
	*late = answer(service.late[service.answered], "late", name);
	return ++service.answered;
}

static const struct users_source source = { fake_ask, fake_take, &service };

static int setup(void **state)
{
	memset(&service, 0, sizeof(service));
	service.now = 1000000;
	*state = users_new(&source);
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
	struct identity done = { ID_UNSET, "-" };

	credentials.real_user = credentials.saved_user = credentials.login_user = done;
	credentials.group = credentials.real_group = credentials.saved_group = done;
	return credentials;
}

/* Returns the name of a user, as told now. */
static const char *name_of_user(struct users *users, uint32_t id)
{
	struct credentials credentials = only_user(id);

	users_complete(users, &credentials, NULL);
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

	users_complete(*state, &credentials, NULL);
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
	users_complete(*state, &credentials, NULL);
	assert_text(credentials.user.name, "user-33");
	assert_text(credentials.group.name, "group-33");
}

static void test_name_of_the_record_is_kept(void **state)
{
	struct credentials credentials = only_user(33);

	credentials.user.name = "www-data";
	users_complete(*state, &credentials, NULL);
	assert_text(credentials.user.name, "www-data");
	assert_int_equal(service.asked, 0);
}

static void test_unset_and_unknown_ids_are_not_asked_for(void **state)
{
	struct credentials unset = only_user(ID_UNSET);
	struct credentials unknown = only_user(33);

	users_complete(*state, &unset, NULL);
	assert_null(unset.user.name);
	unknown.known = false;
	users_complete(*state, &unknown, NULL);
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
	service.now += USERS_KEEP_NONE_S;
	assert_null(name_of_user(*state, NAMELESS));
	assert_int_equal(service.asked, 2);
}

static void test_service_that_fails_names_nobody(void **state)
{
	struct credentials credentials = only_user(33);

	service.broken = true;
	credentials.group = (struct identity){ .id = 33 };
	users_complete(*state, &credentials, NULL);
	assert_null(credentials.user.name);
	assert_null(credentials.group.name);
	service.broken = false;
	assert_null(name_of_user(*state, 33));
	service.now += USERS_FAILED_S;
	assert_text(name_of_user(*state, 33), "user-33");
}

static void test_late_answer_is_for_those_after_it(void **state)
{
	service.slow = true;
	assert_null(name_of_user(*state, 33));
	assert_null(name_of_user(*state, 34));
	assert_null(name_of_user(*state, NAMELESS));
	assert_int_equal(service.asked, 3);
	service.slow = false;
	assert_text(name_of_user(*state, 34), "late-34");
	assert_text(name_of_user(*state, 33), "late-33");
	assert_null(name_of_user(*state, NAMELESS));
	assert_int_equal(service.asked, 3);
}

static void test_old_name_stands_until_the_new_one_comes(void **state)
{
	assert_text(name_of_user(*state, 33), "user-33");
	service.now += USERS_KEEP_S;
	service.slow = true;
	assert_text(name_of_user(*state, 33), "user-33");
	service.slow = false;
	assert_text(name_of_user(*state, 33), "late-33");
}

static void test_nobody_can_be_asked(void **state)
{
	struct credentials credentials = only_user(33);
	struct users *users = users_new(NULL);

	(void)state;
	users_complete(users, &credentials, NULL);
	assert_null(credentials.user.name);
	users_free(users);
}

/* Returns the name of a user in a container; its record has `name`. */
static const char *name_inside(struct users *users, uint32_t id, const char *name,
			       const struct users_place *place)
{
	struct credentials credentials = only_user(id);

	credentials.user.name = name;
	users_complete(users, &credentials, place);
	return credentials.user.name;
}

static void test_container_names_its_own(void **state)
{
	const struct users_place place = { { 1, 2 }, "a", 7, 5 }, other = { { 3, 2 }, "a", 8, 6 }, gone = { { 1, 2 }, "a", 0, 0 },
				 unheard = { { 1, 3 }, "a", 0, 0 };

	assert_text(name_inside(*state, 33, "www-data", &place), "inside-33");
	assert_text(name_inside(*state, 33, "www-data", &other), "-33");
	/* Nobody is there to be asked, but the container is known. */
	assert_text(name_inside(*state, 33, NULL, &gone), "inside-33");
	assert_text(name_inside(*state, 33, NULL, &unheard), "user-33");
	assert_text(name_of_user(*state, 33), "user-33");
	assert_int_equal(service.asked, 3);
}

static void test_container_that_has_the_namespaces_of_one_that_is_gone_is_asked(void **state)
{
	const struct users_place place = { { 1, 2 }, "a", 7, 5 }, later = { { 1, 2 }, "b", 8, 6 };

	assert_text(name_inside(*state, 33, NULL, &place), "inside-33");
	assert_text(name_inside(*state, 33, NULL, &later), "-33");
	assert_int_equal(service.asked, 2);
}

static void test_what_a_container_does_not_name_the_machine_does(void **state)
{
	const struct users_place place = { { 1, 2 }, "a", 7, 5 };

	assert_text(name_inside(*state, NAMELESS, "games", &place), "games");
	assert_null(name_inside(*state, NAMELESS, NULL, &place));
	/* An answer that is to come may be another than the machine's. */
	service.slow = true;
	assert_null(name_inside(*state, 34, NULL, &place));
	assert_text(name_inside(*state, 35, "operator", &place), "operator");
}

static void test_login_user_is_the_machines(void **state)
{
	const struct users_place place = { { 1, 2 }, "a", 7, 5 };
	struct credentials credentials = only_user(1);

	credentials.login_user = (struct identity){ .id = 2 };
	users_complete(*state, &credentials, &place);
	assert_text(credentials.user.name, "inside-1");
	assert_text(credentials.login_user.name, "user-2");
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
		USERS_TEST(test_late_answer_is_for_those_after_it),
		USERS_TEST(test_old_name_stands_until_the_new_one_comes),
		USERS_TEST(test_container_names_its_own),
		USERS_TEST(test_container_that_has_the_namespaces_of_one_that_is_gone_is_asked),
		USERS_TEST(test_what_a_container_does_not_name_the_machine_does),
		USERS_TEST(test_login_user_is_the_machines),
		USERS_TEST(test_memory_is_bounded),
		cmocka_unit_test(test_nobody_can_be_asked),
		cmocka_unit_test(test_nothing_can_be_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
