/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "process/table.h"

static int setup(void **state)
{
	struct process_table *table = mem_zalloc(sizeof(*table));

	table_init(table, 4);
	*state = table;
	return 0;
}

static int teardown(void **state)
{
	table_clear(*state);
	free(*state);
	return 0;
}

static const struct image *named(const char *comm)
{
	return image_copy(&(struct image){ .comm = comm }, SIZE_MAX);
}

/* Which of pids 1 to 9 of this machine are known. */
static void check_known(const struct process_table *table, const char *expected, const char *file,
			int line)
{
	char known[10] = "";
	size_t n = 0;

	for (pid_t pid = 1; pid <= 9; pid++) {
		if (table_find(table, NULL, pid))
			known[n++] = (char)('0' + pid);
	}
	check_text(known, expected, file, line);
	assert_int_equal(HASH_COUNT(table->entries), n);
}
#define assert_known(table, expected) check_known(table, expected, __FILE__, __LINE__)

static void test_entry_is_found_by_node_and_pid(void **state)
{
	static const char web1[] = "web1", web2[] = "web2";
	struct process_table *table = *state;
	struct entry *here = table_add(table, NULL, 5, ENTRY_LIVE);
	struct entry *there = table_add(table, web1, 5, ENTRY_TENTATIVE);

	assert_ptr_equal(table_find(table, NULL, 5), here);
	assert_ptr_equal(table_find(table, web1, 5), there);
	assert_null(table_find(table, web2, 5));
	assert_null(table_find(table, NULL, 6));
	assert_int_equal(here->state, ENTRY_LIVE);
	assert_int_equal(there->state, ENTRY_TENTATIVE);
	assert_int_equal(there->key.pid, 5);
	assert_null(here->image);
	assert_false(here->execed);
}

static void test_new_entry_replaces_the_one_with_its_pid(void **state)
{
	struct process_table *table = *state;
	struct entry *old = table_add(table, NULL, 5, ENTRY_LIVE);
	uint64_t birth = old->birth;
	const struct image *image = named("old");
	struct entry *fresh;

	table_set_image(old, image);
	image_unref(image);
	old->start = 1;
	fresh = table_add(table, NULL, 5, ENTRY_DEAD);
	assert_true(fresh->birth > birth);
	assert_int_equal(fresh->start, 0);
	assert_null(fresh->image);
	assert_int_equal(fresh->state, ENTRY_DEAD);
	assert_known(table, "5");
}

static void test_replacing_needs_no_room(void **state)
{
	struct process_table *table = *state;

	for (pid_t pid = 1; pid <= 4; pid++)
		table_add(table, NULL, pid, ENTRY_LIVE);
	table_add(table, NULL, 3, ENTRY_LIVE);
	assert_known(table, "1234");
}

static void test_dead_go_first_then_tentative_then_longest_unheard(void **state)
{
	struct process_table *table = *state;

	table_add(table, NULL, 1, ENTRY_LIVE);
	table_add(table, NULL, 2, ENTRY_TENTATIVE);
	table_add(table, NULL, 3, ENTRY_LIVE);
	table_add(table, NULL, 4, ENTRY_DEAD);
	table_add(table, NULL, 5, ENTRY_LIVE);
	assert_known(table, "1235");
	table_add(table, NULL, 6, ENTRY_LIVE);
	assert_known(table, "1356");
	table_add(table, NULL, 7, ENTRY_LIVE);
	assert_known(table, "3567");
	table_add(table, NULL, 8, ENTRY_TENTATIVE);
	assert_known(table, "5678");
	table_add(table, NULL, 9, ENTRY_LIVE);
	assert_known(table, "5679");
}

static void test_being_heard_of_postpones_the_end(void **state)
{
	struct process_table *table = *state;

	for (pid_t pid = 1; pid <= 4; pid++)
		table_add(table, NULL, pid, ENTRY_LIVE);
	table_touch(table, table_find(table, NULL, 1), ENTRY_LIVE, 10);
	table_add(table, NULL, 5, ENTRY_LIVE);
	assert_known(table, "1345");
	table_touch(table, table_find(table, NULL, 4), ENTRY_DEAD, 10);
	table_add(table, NULL, 6, ENTRY_LIVE);
	assert_known(table, "1356");
}

static void test_longest_dead_of_the_dead_goes_first(void **state)
{
	struct process_table *table = *state;

	for (pid_t pid = 1; pid <= 4; pid++)
		table_add(table, NULL, pid, ENTRY_LIVE);
	table_touch(table, table_find(table, NULL, 3), ENTRY_DEAD, 10);
	table_touch(table, table_find(table, NULL, 2), ENTRY_DEAD, 11);
	table_add(table, NULL, 5, ENTRY_LIVE);
	assert_known(table, "1245");
	table_add(table, NULL, 6, ENTRY_LIVE);
	assert_known(table, "1456");
}

static void test_time_it_was_seen_does_not_go_back(void **state)
{
	struct process_table *table = *state;
	struct entry *entry = table_add(table, NULL, 1, ENTRY_TENTATIVE);

	table_touch(table, entry, ENTRY_LIVE, 1000);
	assert_int_equal(entry->seen, 1000);
	assert_int_equal(entry->state, ENTRY_LIVE);
	table_touch(table, entry, ENTRY_LIVE, 999);
	assert_int_equal(entry->seen, 1000);
	table_touch(table, entry, ENTRY_LIVE, 1001);
	assert_int_equal(entry->seen, 1001);
}

/* Whoever adds a process and then its creator can rely on the first. */
static void test_there_is_always_room_for_two(void **state)
{
	static const enum entry_state others[] = { ENTRY_DEAD, ENTRY_TENTATIVE, ENTRY_LIVE };
	struct process_table table;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		table_init(&table, 0);
		table_add(&table, NULL, 1, others[i]);
		table_add(&table, NULL, 2, ENTRY_LIVE);
		assert_known(&table, "12");
		table_add(&table, NULL, 3, others[i]);
		assert_known(&table, "23");
		table_clear(&table);
		assert_known(&table, "");
	}
}

static void test_image_is_shared_until_it_is_replaced(void **state)
{
	struct process_table *table = *state;
	struct entry *entry = table_add(table, NULL, 1, ENTRY_LIVE);
	const struct image *old = named("old"), *fresh = named("new");

	table_set_image(entry, old);
	assert_ptr_equal(entry->image, old);
	assert_int_equal(old->refs, 2);
	table_set_image(entry, old);
	assert_int_equal(old->refs, 2);
	table_set_image(entry, fresh);
	assert_int_equal(old->refs, 1);
	assert_text(entry->image->comm, "new");
	table_set_image(entry, NULL);
	assert_null(entry->image);
	assert_int_equal(fresh->refs, 1);
	image_unref(old);
	image_unref(fresh);
}

static void test_long_arguments_are_not_kept(void **state)
{
	struct process_table *table = *state;
	struct entry *entry = table_add(table, NULL, 1, ENTRY_LIVE);
	char *longest = mem_resize(NULL, TABLE_MAX_ARGS + 1, 1);
	const struct image *image;

	memset(longest, 'x', TABLE_MAX_ARGS);
	longest[TABLE_MAX_ARGS] = '\0';
	image = new_image(&(struct image){ .comm = "sh" }, ARGV("sh", "-c", longest, "end"));
	free(longest);
	table_set_image(entry, image);
	assert_text(entry->image->comm, "sh");
	assert_int_equal(entry->image->args.known, 2);
	assert_int_equal(entry->image->args.count, 4);
	assert_text(entry->image->args.text, "sh -c");
	/* Others' image has them still. */
	assert_int_equal(image->args.known, 4);
	assert_int_equal(image->refs, 1);
	image_unref(image);
}

static void test_creator_is_kept_as_it_was(void **state)
{
	struct process_table *table = *state;
	struct entry *parent = table_add(table, NULL, 1, ENTRY_LIVE);
	struct entry *child = table_add(table, NULL, 2, ENTRY_LIVE);
	const struct image *before = named("before"), *after = named("after");

	parent->start = 77;
	table_set_image(parent, before);
	table_set_parent(child, parent);
	table_set_image(parent, after);
	assert_text(child->parent_image->comm, "before");
	assert_int_equal(child->parent_pid, 1);
	assert_int_equal(child->parent_start, 77);
	assert_ptr_equal(table_parent(table, child), parent);

	table_set_parent(child, parent);
	assert_text(child->parent_image->comm, "after");
	assert_int_equal(before->refs, 1);
	image_unref(before);
	image_unref(after);
}

static void test_creator_outlives_its_entry(void **state)
{
	struct process_table *table = *state;
	struct entry *parent = table_add(table, NULL, 1, ENTRY_DEAD);
	struct entry *child = table_add(table, NULL, 2, ENTRY_LIVE);
	const struct image *image = named("gone");

	table_set_image(parent, image);
	image_unref(image);
	table_set_parent(child, parent);
	for (pid_t pid = 3; pid <= 5; pid++)
		table_add(table, NULL, pid, ENTRY_LIVE);
	assert_known(table, "2345");
	assert_null(table_parent(table, child));
	assert_text(child->parent_image->comm, "gone");
	assert_int_equal(child->parent_pid, 1);
}

static void test_process_with_the_creators_pid_is_not_the_creator(void **state)
{
	static const char web1[] = "web1";
	struct process_table *table = *state;
	struct entry *parent = table_add(table, web1, 1, ENTRY_LIVE);
	struct entry *child = table_add(table, web1, 2, ENTRY_LIVE);

	assert_null(table_parent(table, child));
	table_set_parent(child, parent);
	assert_ptr_equal(table_parent(table, child), parent);
	table_add(table, web1, 1, ENTRY_LIVE);
	assert_null(table_parent(table, child));
}

static void test_creator_is_of_the_same_node(void **state)
{
	static const char web1[] = "web1";
	struct process_table *table = *state;
	struct entry *parent = table_add(table, NULL, 1, ENTRY_LIVE);
	struct entry *child = table_add(table, web1, 2, ENTRY_LIVE);

	table_set_parent(child, parent);
	assert_null(table_parent(table, child));
}

/* --- bytes --- */

/* A process like no other: with arguments and a working directory of so many bytes. */
static const struct image *unlike_others(unsigned int number, size_t args, size_t directory)
{
	char *arg = mem_zalloc(args + 16);
	char *path = mem_zalloc(directory + 16);
	const struct image *image;

	memset(arg, 'a', args);
	memset(path, 'd', directory);
	snprintf(arg + args, 16, "%u", number);
	snprintf(path + directory, 16, "%u", number);
	image = new_image(&(struct image){ .executable = "/usr/bin/python3.11", .comm = "python3.11",
					   .working_directory = path },
			  ARGV("python3", "worker.py", arg));
	free(arg);
	free(path);
	return image;
}

/* The table's own figure against what is in it. */
static void check_count(const struct process_table *table)
{
	size_t bytes = 0;

	for (const struct entry *entry = table->entries; entry; entry = entry->hh.next)
		bytes += sizeof(*entry) + (entry->image ? entry->image->size : 0);
	assert_true(table->bytes <= table->max_bytes);
	assert_true(table->bytes >= bytes);
	/* Of small pieces the allocator takes a tenth more at most. */
	assert_true(table->bytes <= bytes + bytes / 10 + HASH_COUNT(table->entries) * 16);
}

static void test_bytes_are_bounded_whatever_a_process_is(void **state)
{
	static const struct {
		size_t args, directory;
		size_t least; /* processes that are known in the end, of 65,536 */
	} rows[] = {
		{ 20, 20, 65536 },    /* as most are */
		{ 150, 60, 50000 },   /* as long ones are */
		{ 4000, 20, 40000 },  /* past half of the bytes only the first arguments are kept */
		{ 6000, 20, 65536 },  /* so long an argument never is */
		{ 4000, 4000, 7000 }, /* what can't be cut is forgotten */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct process_table table;

		table_init(&table, 65536);
		for (unsigned int pid = 1; pid <= 100000; pid++) {
			const struct image *image = unlike_others(pid, rows[i].args, rows[i].directory);

			table_set_image(table_add(&table, NULL, (pid_t)pid, ENTRY_LIVE), image);
			image_unref(image);
			assert_true(table.bytes <= 65536 * TABLE_BYTES_EACH);
		}
		check_count(&table);
		print_message("%zu + %zu bytes: %u processes in %zu bytes\n", rows[i].args,
			      rows[i].directory, HASH_COUNT(table.entries), table.bytes);
		assert_in_range(HASH_COUNT(table.entries), rows[i].least, 65536);
		assert_non_null(table_find(&table, NULL, 100000));
		table_clear(&table);
		assert_int_equal(table.bytes, 0);
	}
}

/* The children of a fork bomb are all the same, and so are their children's parents. */
static void test_a_fork_bomb_takes_entries_and_no_images(void **state)
{
	const struct image *image = named("bomb");
	struct process_table table;
	struct entry *parent;

	(void)state;
	table_init(&table, 65536);
	table_set_image(table_add(&table, NULL, 1, ENTRY_LIVE), image);
	for (pid_t pid = 2; pid <= 50000; pid++) {
		struct entry *child = table_add(&table, NULL, pid, ENTRY_TENTATIVE);

		parent = table_find(&table, NULL, pid / 2);
		table_set_parent(child, parent);
		table_set_image(child, parent->image);
	}
	assert_int_equal(HASH_COUNT(table.entries), 50000);
	assert_in_range(table.bytes, 50000 * sizeof(struct entry), 50000 * 256);
	image_unref(image);
	table_clear(&table);
	assert_int_equal(table.bytes, 0);
}

static void test_processes_that_are_equal_share_what_they_are(void **state)
{
	struct process_table *table = *state;
	struct entry *first = table_add(table, NULL, 1, ENTRY_LIVE);
	struct entry *second = table_add(table, NULL, 2, ENTRY_LIVE);
	struct entry *third = table_add(table, NULL, 3, ENTRY_LIVE);
	const struct image *image = named("sh"), *equal = named("sh"), *other = named("bash");
	size_t bytes;

	table_set_image(first, image);
	bytes = table->bytes;
	table_set_image(second, equal);
	assert_ptr_equal(second->image, image);
	assert_int_equal(table->bytes, bytes);
	table_set_image(third, other);
	assert_ptr_equal(third->image, other);
	assert_true(table->bytes > bytes);

	/* The last that has it takes it along. */
	image_unref(image);
	table_set_image(first, NULL);
	table_set_image(second, NULL);
	table_set_image(second, equal);
	assert_ptr_equal(second->image, equal);
	image_unref(equal);
	image_unref(other);
}

/* Whoever sets what a process is goes on with its entry. */
static void test_making_room_for_an_image_spares_its_process(void **state)
{
	struct process_table *table = *state;
	struct entry *oldest = table_add(table, NULL, 1, ENTRY_LIVE);
	const struct image *image;

	for (unsigned int i = 0; i < 2; i++) {
		image = unlike_others(i, 10, TABLE_MIN_BYTES / 3);
		table_set_image(table_add(table, NULL, (pid_t)(2 + i), ENTRY_LIVE), image);
		image_unref(image);
	}
	assert_known(table, "123");
	image = unlike_others(9, 10, TABLE_MIN_BYTES / 3);
	table_set_image(oldest, image);
	image_unref(image);
	assert_known(table, "13");
	assert_ptr_equal(table_find(table, NULL, 1), oldest);
	check_count(table);
}

#define TABLE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TABLE_TEST(test_entry_is_found_by_node_and_pid),
		TABLE_TEST(test_new_entry_replaces_the_one_with_its_pid),
		TABLE_TEST(test_replacing_needs_no_room),
		TABLE_TEST(test_dead_go_first_then_tentative_then_longest_unheard),
		TABLE_TEST(test_being_heard_of_postpones_the_end),
		TABLE_TEST(test_longest_dead_of_the_dead_goes_first),
		TABLE_TEST(test_time_it_was_seen_does_not_go_back),
		cmocka_unit_test(test_there_is_always_room_for_two),
		TABLE_TEST(test_image_is_shared_until_it_is_replaced),
		TABLE_TEST(test_long_arguments_are_not_kept),
		TABLE_TEST(test_creator_is_kept_as_it_was),
		TABLE_TEST(test_creator_outlives_its_entry),
		TABLE_TEST(test_process_with_the_creators_pid_is_not_the_creator),
		TABLE_TEST(test_creator_is_of_the_same_node),
		cmocka_unit_test(test_bytes_are_bounded_whatever_a_process_is),
		cmocka_unit_test(test_a_fork_bomb_takes_entries_and_no_images),
		TABLE_TEST(test_processes_that_are_equal_share_what_they_are),
		TABLE_TEST(test_making_room_for_an_image_spares_its_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
