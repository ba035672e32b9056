/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of translators share. */
#ifndef IMPORT_SUPPORT_H
#define IMPORT_SUPPORT_H

#include "rules_alert_support.h"

/* A query, and what is made of it: a condition, or the first mistake as "OFFSET: message". */
struct translation_case {
	const char *query;
	const char *condition;
	const char *mistake;
};

struct translation_mistakes {
	size_t count;
	char first[300];
};

static inline void translation_report(void *user, enum parser_finding finding, size_t offset,
				      const char *message)
{
	struct translation_mistakes *mistakes = user;

	assert_int_equal(finding, PARSER_MISTAKE);
	if (!mistakes->count++)
		snprintf(mistakes->first, sizeof(mistakes->first), "%zu: %s", offset, message);
}

/* `condition` is what was made. */
static inline void translation_check(const struct translation_case *expected, const char *condition,
				     const struct translation_mistakes *mistakes)
{
	if (expected->condition) {
		assert_string_equal(mistakes->first, "");
		assert_non_null(condition);
		assert_string_equal(condition, expected->condition);
	} else {
		assert_null(condition);
		assert_string_equal(mistakes->first, expected->mistake);
	}
}

/* `before`, then `part` so many times, then `after`; free() releases it. */
static inline char *repeat_text(const char *before, const char *part, size_t times,
				const char *after)
{
	UT_string text;

	utstring_init(&text);
	utstring_printf(&text, "%s", before);
	for (size_t i = 0; i < times; i++)
		utstring_printf(&text, "%s", part);
	utstring_printf(&text, "%s", after);
	return utstring_body(&text);
}

#endif
