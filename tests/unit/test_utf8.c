/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "base/utf8.h"

#define NOT_ONE 0 /* length of what is no sequence */

static const struct {
	const char *name;
	struct span text;
	size_t length;
	uint32_t code;
} sequences[] = {
	{ "nothing", { "", 0 }, NOT_ONE, 0 },
	{ "NUL", { "\0", 1 }, 1, 0 },
	{ "ASCII", { "az", 2 }, 1, 'a' },
	{ "last of one byte", { "\x7f", 1 }, 1, 0x7f },
	{ "first of two bytes", { "\xc2\x80z", 3 }, 2, 0x80 },
	{ "last of two bytes", { "\xdf\xbf", 2 }, 2, 0x7ff },
	{ "first of three bytes", { "\xe0\xa0\x80", 3 }, 3, 0x800 },
	{ "before the surrogates", { "\xed\x9f\xbf", 3 }, 3, 0xd7ff },
	{ "behind the surrogates", { "\xee\x80\x80", 3 }, 3, 0xe000 },
	{ "last of three bytes", { "\xef\xbf\xbf", 3 }, 3, 0xffff },
	{ "first of four bytes", { "\xf0\x90\x80\x80", 4 }, 4, 0x10000 },
	{ "last of all", { "\xf4\x8f\xbf\xbf", 4 }, 4, 0x10ffff },
	{ "overlong NUL", { "\xc0\x80", 2 }, NOT_ONE, 0 },
	{ "overlong, two bytes", { "\xc1\xbf", 2 }, NOT_ONE, 0 },
	{ "overlong, three bytes", { "\xe0\x9f\xbf", 3 }, NOT_ONE, 0 },
	{ "overlong, four bytes", { "\xf0\x8f\xbf\xbf", 4 }, NOT_ONE, 0 },
	{ "first surrogate", { "\xed\xa0\x80", 3 }, NOT_ONE, 0 },
	{ "last surrogate", { "\xed\xbf\xbf", 3 }, NOT_ONE, 0 },
	{ "past the last of all", { "\xf4\x90\x80\x80", 4 }, NOT_ONE, 0 },
	{ "0xf5", { "\xf5\x80\x80\x80", 4 }, NOT_ONE, 0 },
	{ "five bytes", { "\xf8\x88\x80\x80\x80", 5 }, NOT_ONE, 0 },
	{ "0xfe", { "\xfe", 1 }, NOT_ONE, 0 },
	{ "0xff", { "\xff\xbf\xbf\xbf", 4 }, NOT_ONE, 0 },
	{ "continuation alone", { "\x80", 1 }, NOT_ONE, 0 },
	{ "cut after one of two", { "\xc3\xa9", 1 }, NOT_ONE, 0 },
	{ "cut after two of three", { "\xe2\x82\xac", 2 }, NOT_ONE, 0 },
	{ "cut after three of four", { "\xf0\x9f\x98\x80", 3 }, NOT_ONE, 0 },
	{ "second byte wrong", { "\xe2(\xa1", 3 }, NOT_ONE, 0 },
	{ "third byte wrong", { "\xe2\x82(", 3 }, NOT_ONE, 0 },
	{ "a start where a continuation belongs", { "\xc3\xc3", 2 }, NOT_ONE, 0 },
};

static void test_sequence_is_found_as_rfc_3629_defines_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++) {
		uint32_t code = 0xdead;
		size_t length = utf8_sequence(sequences[i].text, &code);

		if (length != sequences[i].length || (length && code != sequences[i].code))
			fail_msg("%s: length %zu, code %x", sequences[i].name, length, code);
	}
}

static void test_text_with_one_bad_byte_anywhere_is_not_valid(void **state)
{
	static const char good[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
	char text[sizeof(good)];

	(void)state;
	assert_true(utf8_valid(SPAN("")));
	assert_true(utf8_valid(span_of(good)));
	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		memcpy(text, good, sizeof(good));
		text[i] = '\xff';
		assert_false(utf8_valid(span_of(text)));
	}
}

static void check_append(void (*append)(UT_string *out, struct span text), struct span text,
			 const char *expected)
{
	UT_string out;

	utstring_init(&out);
	utstring_printf(&out, "before ");
	append(&out, text);
	assert_memory_equal(utstring_body(&out), "before ", 7);
	assert_span(((struct span){ utstring_body(&out) + 7, utstring_len(&out) - 7 }), expected);
	utstring_done(&out);
}

#define FFFD "\xef\xbf\xbd"

static void test_each_byte_outside_a_sequence_becomes_one_replacement(void **state)
{
	static const struct {
		struct span text;
		const char *expected;
	} cases[] = {
		{ { "", 0 }, "" },
		{ { "caf\xc3\xa9", 5 }, "caf\xc3\xa9" },
		{ { "a\xff" "b", 3 }, "a" FFFD "b" },
		{ { "\xe2\x82", 2 }, FFFD FFFD },
		{ { "\xe2\x82" "A", 3 }, FFFD FFFD "A" },
		{ { "\xed\xa0\x80", 3 }, FFFD FFFD FFFD },
		{ { "\xc3\xc3\xa9", 3 }, FFFD "\xc3\xa9" },
		{ { "\x80\xe2\x82\xac\xfe", 5 }, FFFD "\xe2\x82\xac" FFFD },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_append(utf8_append, cases[i].text, cases[i].expected);
}

static void test_controls_are_what_steers_terminals_and_the_order_of_text(void **state)
{
	static const struct {
		uint32_t first, last; /* and the neighbours on both sides are none */
	} controls[] = {
		{ 0x7f, 0x9f },     { 0x61c, 0x61c },   { 0x200e, 0x200f },
		{ 0x2028, 0x202e }, { 0x2066, 0x2069 },
	};

	(void)state;
	for (uint32_t code = 0; code < 0x20; code++)
		assert_true(utf8_is_control(code));
	assert_false(utf8_is_control(' '));
	for (size_t i = 0; i < ARRAY_SIZE(controls); i++) {
		assert_false(utf8_is_control(controls[i].first - 1));
		for (uint32_t code = controls[i].first; code <= controls[i].last; code++)
			assert_true(utf8_is_control(code));
		assert_false(utf8_is_control(controls[i].last + 1));
	}
	assert_false(utf8_is_control(0x1f600));
}

static void test_controls_and_bad_bytes_are_escaped_for_readers(void **state)
{
	static const struct {
		struct span text;
		const char *expected;
	} cases[] = {
		{ { "", 0 }, "" },
		{ { "sh -c id", 8 }, "sh -c id" },
		{ { "a\nb\tc\rd", 7 }, "a\\nb\\tc\\x0dd" },
		{ { "\x1b[31m", 5 }, "\\x1b[31m" },
		{ { "\0", 1 }, "\\x00" },
		{ { "\x7f", 1 }, "\\x7f" },
		{ { "a\\nb", 4 }, "a\\\\nb" },
		{ { "\xc2\x9b", 2 }, "\\u{9b}" },
		{ { "\xe2\x80\xae", 3 }, "\\u{202e}" },
		{ { "\xd8\x9c", 2 }, "\\u{61c}" },
		{ { "\xff\xc3\xa9\xe2", 4 }, "\\xff\xc3\xa9\\xe2" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_append(utf8_append_escaped, cases[i].text, cases[i].expected);
}

static struct span written(const UT_string *text)
{
	return (struct span){ utstring_body(text), utstring_len(text) };
}

static bool has_control(struct span text)
{
	uint32_t code;

	for (size_t length; text.length; text.start += length, text.length -= length) {
		length = utf8_sequence(text, &code);
		if (!length || utf8_is_control(code))
			return true;
	}
	return false;
}

/* Neither function lets through what it is there to stop, whatever two bytes it is given. */
static void test_what_is_shown_has_a_column_for_each_character(void **state)
{
	static const struct {
		const char *text, *shown;
		int columns;
	} cases[] = {
		{ "", "", 0 },
		{ "plain \\ text", "plain \\ text", 12 },
		{ "a\tb", "a b", 3 },
		{ "\x1b[2J\x7f", "?[2J?", 5 },
		{ "gr\xc3\xbc\xc3\x9f""e", "gr\xc3\xbc\xc3\x9f""e", 5 },
		{ "\xff\xc3", "??", 2 },
		{ "\xe2\x80\xae", "?", 1 },
	};
	UT_string out;

	(void)state;
	utstring_init(&out);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		utstring_clear(&out);
		assert_int_equal(utf8_append_shown(&out, span_of(cases[i].text)), cases[i].columns);
		assert_string_equal(utstring_body(&out), cases[i].shown);
	}
	utstring_done(&out);
}

static void test_no_pair_of_bytes_gets_through_unclean(void **state)
{
	UT_string clean, escaped, shown;

	(void)state;
	utstring_init(&clean);
	utstring_init(&escaped);
	utstring_init(&shown);
	for (unsigned int pair = 0; pair < 0x10000; pair++) {
		const char bytes[2] = { (char)(pair >> 8), (char)pair };

		utstring_clear(&clean);
		utstring_clear(&escaped);
		utf8_append(&clean, (struct span){ bytes, 2 });
		utf8_append_escaped(&escaped, (struct span){ bytes, 2 });
		utstring_clear(&shown);
		utf8_append_shown(&shown, (struct span){ bytes, 2 });
		assert_true(utf8_valid(written(&clean)));
		assert_true(utf8_valid(written(&shown)));
		assert_false(has_control(written(&shown)));
		assert_false(has_control(written(&escaped)));
		assert_true(utstring_len(&clean) >= 2 && utstring_len(&escaped) >= 2);
	}
	utstring_done(&clean);
	utstring_done(&escaped);
	utstring_done(&shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence_is_found_as_rfc_3629_defines_it),
		cmocka_unit_test(test_text_with_one_bad_byte_anywhere_is_not_valid),
		cmocka_unit_test(test_each_byte_outside_a_sequence_becomes_one_replacement),
		cmocka_unit_test(test_controls_are_what_steers_terminals_and_the_order_of_text),
		cmocka_unit_test(test_controls_and_bad_bytes_are_escaped_for_readers),
		cmocka_unit_test(test_what_is_shown_has_a_column_for_each_character),
		cmocka_unit_test(test_no_pair_of_bytes_gets_through_unclean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
