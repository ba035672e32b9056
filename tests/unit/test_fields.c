/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "audit/fields.h"

static void test_fields_are_taken_off_the_front(void **state)
{
	static const struct {
		const char *text;
		const char *fields; /* NAME|VALUE; for each */
	} cases[] = {
		{ "", "" },
		{ "   ", "" },
		{ "pid=1", "pid|1;" },
		{ "ppid=1 pid=29436 auid=4294967295", "ppid|1;pid|29436;auid|4294967295;" },
		{ " a1[1]=4141", "a1[1]|4141;" },
		{ "a=1  b=2 ", "a|1;b|2;" },
		{ "comm=\"a b=c\" d=1", "comm|\"a b=c\";d|1;" },
		{ "a0=\"\" a1=\"x\"", "a0|\"\";a1|\"x\";" },
		{ "a0=\"x\"\"y\"", "a0|\"x\";" },
		{ "key= next=1", "key|;next|1;" },
		{ "key=", "key|;" },
		{ "a=b=c", "a|b=c;" },
		{ "word pid=1 other word", "pid|1;" },
		{ "=1 pid=2", "pid|2;" },
		{ "= pid=2", "pid|2;" },
		{ "comm=\"cut", "comm|\"cut;" },
		{ "comm=\"", "comm|\";" },
		{ "msg=audit(1.002:3): arch=c0", "msg|audit(1.002:3):;arch|c0;" },
		{ "tty=(none) key=(null)", "tty|(none);key|(null);" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct span rest = span_of(cases[i].text);
		struct span name, value;
		UT_string fields;

		utstring_init(&fields);
		while (fields_next(&rest, &name, &value))
			utstring_printf(&fields, "%.*s|%.*s;", (int)name.length, name.start,
					(int)value.length, value.start);
		assert_text(utstring_body(&fields), cases[i].fields);
		assert_int_equal(rest.length, 0);
		utstring_done(&fields);
	}
}

/* A span has an end and no NUL behind it. */
static void test_nothing_is_read_past_the_end(void **state)
{
	static const char *const texts[] = { "a", "a=", "a=\"", "a=\"b", "a=b ", "=", "\"" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		size_t length = strlen(texts[i]);
		char *exact = mem_resize(NULL, length, 1);
		struct span rest = { exact, length };
		struct span name, value;

		memcpy(exact, texts[i], length);
		while (fields_next(&rest, &name, &value)) {
			char out[8];

			assert_true(fields_string_length(value) <= (ptrdiff_t)sizeof(out));
			fields_string(value, out);
		}
		free(exact);
	}
}

static void test_strings_are_what_the_kernel_meant(void **state)
{
	static const struct {
		const char *value;
		struct span string; /* SPAN_NONE for none */
	} cases[] = {
		{ "\"text\"", { "text", 4 } },
		{ "\"\"", { "", 0 } },
		{ "68692074", { "hi t", 4 } },
		{ "c3A9", { "\xc3\xa9", 2 } },
		{ "00FF0a", { "\0\xff\n", 3 } },
		{ "\"68692074\"", { "68692074", 8 } }, /* only looks like hexadecimal */
		{ "686", { "686", 3 } },
		{ "6g", { "6g", 2 } },
		{ "pts0", { "pts0", 4 } },
		{ "(null)", { NULL, 0 } },
		{ "(none)", { NULL, 0 } },
		{ "?", { NULL, 0 } },
		{ "\"(null)\"", { "(null)", 6 } }, /* a process may call itself so */
		{ "\"(none)\"", { "(none)", 6 } },
		{ "\"?\"", { "?", 1 } },
		{ "286E756C6C29", { "(null)", 6 } },
		{ "", { "", 0 } },
		{ "\"", { "\"", 1 } },
		{ "\"cut", { "\"cut", 4 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct span expected = cases[i].string;
		ptrdiff_t length = fields_string_length(span_of(cases[i].value));
		char out[32];

		memset(out, '#', sizeof(out));
		if (length != (expected.start ? (ptrdiff_t)expected.length : -1))
			fail_msg("%s has length %td", cases[i].value, length);
		if (length < 0)
			continue;
		fields_string(span_of(cases[i].value), out);
		assert_memory_equal(out, expected.start ? expected.start : "", expected.length);
		assert_int_equal(out[length], '#');
	}
}

static void test_numbers_are_read_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *value;
		int base;
		bool is_number;
		int64_t number;
	} cases[] = {
		{ "0", 10, true, 0 },
		{ "4294967295", 10, true, 4294967295 },
		{ "-13", 10, true, -13 },
		{ "9223372036854775807", 10, true, INT64_MAX },
		{ "c000003e", 16, true, 0xc000003e },
		{ "1200011", 16, true, 0x1200011 },
		{ "7FFF", 16, true, 0x7fff },
		{ "ffffffffffffffff", 16, true, -1 }, /* a register */
		{ "", 10, false, 0 },
		{ "-", 10, false, 0 },
		{ "--1", 10, false, 0 },
		{ "+1", 10, false, 0 },
		{ "1 ", 10, false, 0 },
		{ " 1", 10, false, 0 },
		{ "1f", 10, false, 0 },
		{ "0x1f", 16, false, 0 },
		{ "-1f", 16, false, 0 },
		{ "9223372036854775808", 10, false, 0 },
		{ "99999999999999999999", 10, false, 0 },
		{ "10000000000000000", 16, false, 0 },
		{ "\"1\"", 10, false, 0 },
		{ "(null)", 10, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t number = 4711;

		if (fields_number(span_of(cases[i].value), cases[i].base, &number) !=
		    cases[i].is_number)
			fail_msg("\"%s\" to base %d", cases[i].value, cases[i].base);
		assert_int_equal(number, cases[i].is_number ? cases[i].number : 4711);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_are_taken_off_the_front),
		cmocka_unit_test(test_nothing_is_read_past_the_end),
		cmocka_unit_test(test_strings_are_what_the_kernel_meant),
		cmocka_unit_test(test_numbers_are_read_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
