/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conditions and events at random, the same on every run, and what must hold for each of them. Without
 * cmocka, so that the fuzz target can use it too.
 */
#ifndef RANDOM_CONDITION_H
#define RANDOM_CONDITION_H

#include <stdint.h>

#include "base/memory.h"
#include "process/event.h"
#include "rules/condition.h"
#include "rules/parser.h"

#include <utstring.h>

struct random {
	uint64_t state; /* any number is a seed */
};

/* 0 to `count` - 1. */
size_t random_below(struct random *random, size_t count);

/* Appends a condition that has no mistake. It and random_event() draw from the same strings, so that many
 * comparisons hold. */
void random_condition(struct random *random, UT_string *out);

#define RANDOM_ARGS 6

/* An event with room for what it points to. */
struct random_event {
	struct image image, parent;
	struct arg arg[2][RANDOM_ARGS];
	char text[2][1024];
	struct process_event event;
};

void random_event(struct random *random, struct random_event *event);

/* Whatever the condition is: it prints as text that parses to the same, and folded, compiled or looked up in
 * an index it holds for the same events. Returns what is wrong, or NULL. */
const char *condition_fault(const struct condition *condition, const struct process_event *const *event,
			    size_t events);

#endif
