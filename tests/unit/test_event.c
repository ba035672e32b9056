/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

/* Two letters of text for each of the strings of an image. */
static char pool[12][3];

static const char *pooled(size_t i)
{
	pool[i][0] = 's';
	pool[i][1] = (char)('a' + i);
	return pool[i];
}

static struct image full_image(void)
{
	struct image image = { .interactive = KNOWN_TRUE, .container_known = true };
	struct credentials *credentials = &image.credentials;
	size_t n = 0;

	image.executable = pooled(n++);
	image.comm = pooled(n++);
	image.working_directory = pooled(n++);
	image.container_id = pooled(n++);
	image.container_runtime = pooled(n++);
	credentials->known = true;
	credentials->user = (struct identity){ 1, pooled(n++) };
	credentials->real_user = (struct identity){ 2, pooled(n++) };
	credentials->saved_user = (struct identity){ 3, pooled(n++) };
	credentials->group = (struct identity){ 4, pooled(n++) };
	credentials->real_group = (struct identity){ 5, pooled(n++) };
	credentials->saved_group = (struct identity){ 6, pooled(n++) };
	credentials->login_user = (struct identity){ 7, pooled(n++) };
	credentials->session = 8;
	assert_int_equal(n, ARRAY_SIZE(pool));
	return image;
}

static void assert_identity(const struct identity *identity, uint32_t id, const char *name)
{
	assert_int_equal(identity->id, id);
	assert_text(identity->name, name);
}

static void test_copy_has_memory_of_its_own(void **state)
{
	struct image original = full_image();
	const struct image *copy = image_copy(&original, SIZE_MAX);
	const struct credentials *credentials = &copy->credentials;

	(void)state;
	memset(pool, '#', sizeof(pool));
	assert_text(copy->executable, "sa");
	assert_text(copy->comm, "sb");
	assert_text(copy->working_directory, "sc");
	assert_text(copy->container_id, "sd");
	assert_text(copy->container_runtime, "se");
	assert_identity(&credentials->user, 1, "sf");
	assert_identity(&credentials->real_user, 2, "sg");
	assert_identity(&credentials->saved_user, 3, "sh");
	assert_identity(&credentials->group, 4, "si");
	assert_identity(&credentials->real_group, 5, "sj");
	assert_identity(&credentials->saved_group, 6, "sk");
	assert_identity(&credentials->login_user, 7, "sl");
	assert_int_equal(credentials->session, 8);
	assert_true(credentials->known);
	assert_true(copy->container_known);
	assert_int_equal(copy->interactive, KNOWN_TRUE);
	assert_int_equal(copy->refs, 1);
	image_unref(copy);
}

static void test_absent_stays_absent(void **state)
{
	const struct image nothing = { .interactive = UNKNOWN };
	const struct image *copy = image_copy(&nothing, SIZE_MAX);

	(void)state;
	assert_null(copy->executable);
	assert_null(copy->comm);
	assert_null(copy->container_id);
	assert_null(copy->credentials.user.name);
	assert_null(copy->args.text);
	assert_int_equal(copy->interactive, UNKNOWN);
	image_unref(copy);
}

static void test_empty_is_not_absent(void **state)
{
	const struct image empty = { .executable = "", .args = { .text = "" } };
	const struct image *copy = image_copy(&empty, 0);

	(void)state;
	assert_text(copy->executable, "");
	assert_non_null(copy->args.text);
	assert_int_equal(copy->args.text_length, 0);
	image_unref(copy);
}

static void test_arguments_are_copied_with_their_gaps(void **state)
{
	const struct image *image =
		new_image(&(struct image){ 0 }, ARGV("sh", missing_arg, "", "-c"));
	const struct image *copy = image_copy(image, SIZE_MAX);

	(void)state;
	image_unref(image);
	assert_int_equal(copy->args.known, 4);
	assert_int_equal(copy->args.count, 4);
	assert_span(args_get(&copy->args, 0), "sh");
	assert_null(args_get(&copy->args, 1).start);
	assert_span(args_get(&copy->args, 2), "");
	assert_span(args_get(&copy->args, 3), "-c");
	assert_span(((struct span){ copy->args.text, copy->args.text_length }), "sh  -c");
	assert_int_equal(copy->args.text[copy->args.text_length], '\0');
	image_unref(copy);
}

#define LISTED sizeof(struct arg)

/* "one", "two", a gap and "three" make the text "one two three" and a list of four. */
static void test_arguments_are_cut_between_each_other(void **state)
{
	static const struct {
		size_t max;
		uint32_t known;
		const char *text;
	} cases[] = {
		{ SIZE_MAX, 4, "one two three" },
		{ 13 + 4 * LISTED, 4, "one two three" },
		{ 12 + 4 * LISTED, 3, "one two" },
		{ 7 + 3 * LISTED, 3, "one two" },
		{ 6 + 3 * LISTED, 2, "one two" },
		{ 7 + 2 * LISTED, 2, "one two" },
		{ 6 + 2 * LISTED, 1, "one" },
		{ 3 + LISTED, 1, "one" },
		{ 2 + LISTED, 0, "" },
		{ 0, 0, "" },
	};
	const struct image *image =
		new_image(&(struct image){ .comm = "x" }, ARGV("one", "two", missing_arg, "three"));

	(void)state;
	assert_int_equal(image_args_size(image), 13 + 4 * LISTED);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct image *copy = image_copy(image, cases[i].max);

		assert_int_equal(copy->args.known, cases[i].known);
		assert_int_equal(copy->args.count, 4);
		assert_text(copy->args.text, cases[i].text);
		assert_int_equal(copy->args.text_length, strlen(cases[i].text));
		assert_text(copy->comm, "x");
		image_unref(copy);
	}
	image_unref(image);
}

/* Empty and missing arguments take room too, if not in the text. */
static void test_number_of_arguments_is_bounded_with_their_text(void **state)
{
	const struct image *image =
		new_image(&(struct image){ 0 }, ARGV(missing_arg, missing_arg, missing_arg, ""));
	const struct image *copy = image_copy(image, 2 * LISTED);

	(void)state;
	assert_int_equal(copy->args.known, 2);
	assert_int_equal(copy->args.count, 4);
	image_unref(copy);
	image_unref(image);
}

static void test_image_lives_as_long_as_anyone_refers_to_it(void **state)
{
	const struct image *image = image_copy(&(struct image){ .comm = "sh" }, SIZE_MAX);

	(void)state;
	assert_true(image_ref(image) == image);
	image_unref(image);
	assert_int_equal(image->refs, 1);
	assert_text(image->comm, "sh");
	image_unref(image);
	assert_null(image_ref(NULL));
	image_unref(NULL);
}

static void test_event_gives_back_every_image_once(void **state)
{
	const struct image *image = image_copy(&(struct image){ .comm = "sh" }, SIZE_MAX);
	struct process_event event = {
		.process = { 4, 0, image_ref(image) },
		.parent = { 3, 0, image_ref(image) },
		.previous = image_ref(image),
		.ancestors = 2,
		.ancestor = { { 2, 0, image_ref(image) }, { 1, 0, NULL } },
	};

	(void)state;
	assert_int_equal(image->refs, 5);
	event_release(&event);
	assert_int_equal(image->refs, 1);
	event_release(&event);
	assert_int_equal(image->refs, 1);
	assert_int_equal(event.process.pid, 4);
	image_unref(image);
}

static void test_stamp_counts_milliseconds(void **state)
{
	const struct stamp stamp = { 1795320845, 7, 99 };

	(void)state;
	assert_int_equal(stamp_ms(&stamp), 1795320845007);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy_has_memory_of_its_own),
		cmocka_unit_test(test_absent_stays_absent),
		cmocka_unit_test(test_empty_is_not_absent),
		cmocka_unit_test(test_arguments_are_copied_with_their_gaps),
		cmocka_unit_test(test_arguments_are_cut_between_each_other),
		cmocka_unit_test(test_number_of_arguments_is_bounded_with_their_text),
		cmocka_unit_test(test_image_lives_as_long_as_anyone_refers_to_it),
		cmocka_unit_test(test_event_gives_back_every_image_once),
		cmocka_unit_test(test_stamp_counts_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
