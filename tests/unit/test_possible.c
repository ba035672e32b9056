/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import_support.h"

#include "import/possible.h"

static void test_possible(void **state)
{
	static const struct {
		const char *condition;
		const char *refusal;
	} cases[] = {
		{ "event.type == 'start'", NULL },
		{ "event.type == 'end'", "event.type" },
		{ "process where event.type in ('end', 'start') and event.action == 'exec'", NULL },
		{ "process where process.name == 'a' and event.action == 'fork'", "event.action" },
		{ "process where process.name == 'a' or event.action == 'fork'", NULL },
		{ "process.name == 'a' and (host.os.type : 'WINDOWS' or event.category == 'file')",
		  "host.os.type" },
		{ "process.name == 'a' and (process.pid > 1 and event.kind == 'alert')", "event.kind" },
		{ "host.os.type : 'Linux' and not event.type == 'end' and event.outcome == 'success'", NULL },
		{ "not host.os.type == 'linux'", "host.os.type" },
		{ "startsWith(event.action, 'x') and process.pid > 1", "event.action" },
		{ "(process.pid == 1 and event.type == 'end') or (event.action == 'fork' and process.pid == 2)",
		  "event.type" },
		{ "not (process.pid > 1 or event.type == 'start')", "event.type" },
		{ "concat(event.kind, ':', event.type) == 'event:end'", "event.kind" },
		{ "event.type == 'start' and length('a') == 2", NULL },
		/* Of what is the event's own, nothing is said. */
		{ "process.name == null and process.pid == 1 and process.pid == 2", NULL },
		{ "?no.field == 'a' and length('a') == 2", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct translation_mistakes mistakes = { 0 };
		struct condition *condition = parser_parse(span_of(cases[i].condition), NULL,
							   translation_report, &mistakes);
		const char *refusal;

		assert_non_null(condition);
		refusal = possible_refusal(condition);
		assert_int_equal(refusal == NULL, cases[i].refusal == NULL);
		if (refusal)
			assert_string_equal(refusal, cases[i].refusal);
		condition_free(condition);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_possible) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
