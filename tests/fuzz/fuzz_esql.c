/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ES|QL, translated: either there is a condition, which the parser takes, or a reason. */
#include <stdint.h>
#include <stdlib.h>

#include "import/esql.h"
#include "rules/condition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct mistake_check {
	size_t length;
	size_t count;
};

static void on_mistake(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	struct mistake_check *check = user;

	if (offset > check->length || !*message)
		abort();
	check->count += finding == PARSER_MISTAKE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct process_event event;
	struct mistake_check check = { size, 0 };
	struct condition *condition;
	struct esql esql;
	bool good = esql_translate((struct span){ (const char *)data, size }, &esql, on_mistake,
				   &check);

	if (good != (check.count == 0) || good != (esql.condition != NULL))
		abort();
	if (esql.counts && good && (!esql.by.fields || esql.fewer_than < 2 || esql.max_hosts < 1))
		abort();
	if (good) {
		check.length = strlen(esql.condition);
		condition = parser_parse(span_of(esql.condition), NULL, on_mistake, &check);
		if (!condition)
			abort();
		condition_holds(condition, &event);
		condition_free(condition);
	}
	esql_clear(&esql);
	return 0;
}
