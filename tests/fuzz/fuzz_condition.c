/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions, parsed and, if they are good, evaluated on an event that has most fields, on one that has none
 * and on some at random; printed, folded, compiled and looked up in an index they must stay the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/random_condition.h"
#include "rules/condition.h"
#include "rules/parser.h"

#define RANDOM_EVENTS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct arg args[] = { { 0, 2 }, { 3, 2 }, { 0, ARG_MISSING }, { 6, 8 } };

static const struct image image = {
	.refs = 1,
	.executable = "/usr/bin/dash",
	.comm = "sh",
	.working_directory = "/var/www/html",
	.args = { "sh -c 10.1.2.3", 14, 4, 5, args },
	.credentials = { .known = true, .user = { 33, "www-data" }, .session = ID_UNSET },
	.interactive = KNOWN_TRUE,
};

static struct process_event full = {
	.id = "1.000:1",
	.key = "a\x01" "b",
	.process = { 100, 1000, &image },
	.parent = { 99, 0, &image },
};

struct mistake_check {
	size_t length;
	size_t count;
};

static void on_mistake(void *user, enum parser_finding finding, size_t offset,
		       const char *message)
{
	struct mistake_check *check = user;

	if (offset > check->length || !*message)
		abort();
	check->count += finding == PARSER_MISTAKE;
}

static void check_condition(const struct condition *condition)
{
	static const struct process_event empty;
	static struct random_event random[RANDOM_EVENTS];
	static const struct process_event *event[RANDOM_EVENTS + 2];
	struct random seed = { 1 };
	const char *fault;

	for (size_t i = 0; !event[0] && i < RANDOM_EVENTS; i++) {
		random_event(&seed, &random[i]);
		event[i + 2] = &random[i].event;
	}
	event[0] = &full;
	event[1] = &empty;
	fault = condition_fault(condition, event, RANDOM_EVENTS + 2);
	if (!fault)
		return;
	fprintf(stderr, "%s\n", fault);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char item[] = "sh*";
	static char *items[] = { item };
	static struct string_list list = { .name = item, .item = items, .items = 1 };
	static struct string_list *lists;

	struct mistake_check check = { size, 0 };
	struct string_list *added = &list;
	struct condition *condition;

	if (!lists)
		HASH_ADD_KEYPTR(hh, lists, "l", 1, added);
	condition = parser_parse((struct span){ (const char *)data, size }, lists, on_mistake,
				 &check);
	/* Either a condition or a reason. */
	if (!condition != (check.count > 0))
		abort();
	if (condition)
		check_condition(condition);
	condition_free(condition);
	return 0;
}
