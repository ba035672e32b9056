/* SPDX-License-Identifier: GPL-2.0-or-later */
/* KQL, translated: either there is a condition, which the parser takes, or a reason. */
#include <stdint.h>
#include <stdlib.h>

#include "import/kql.h"
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
	char *text = kql_translate((struct span){ (const char *)data, size }, on_mistake, &check);

	if (!text != (check.count > 0))
		abort();
	if (!text)
		return 0;
	check.length = strlen(text);
	condition = parser_parse(span_of(text), NULL, on_mistake, &check);
	if (!condition)
		abort();
	condition_holds(condition, &event);
	condition_free(condition);
	free(text);
	return 0;
}
