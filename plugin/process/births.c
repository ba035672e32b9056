/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/births.h"

#include <stdlib.h>

#include "process/identity.h"

#include <utlist.h>

static void forget(struct births_list *list, struct birth *birth)
{
	image_unref(birth->creator_image);
	DL_DELETE(list->first, birth);
	list->count--;
	free(birth);
}

static void append(struct births_list *list, struct birth *birth)
{
	if (list->count >= BIRTHS_MAX)
		forget(list, list->first);
	DL_APPEND(list->first, birth);
	list->count++;
}

static void take_out(struct births_list *list, struct birth *birth)
{
	DL_DELETE(list->first, birth);
	list->count--;
}

static void add(struct births_list *list, const struct entry *creator, pid_t number, int64_t time)
{
	struct birth *birth = mem_zalloc(sizeof(*birth));

	birth->creator = creator->key;
	birth->creator_birth = creator->birth;
	birth->creator_start = creator->start;
	birth->creator_image = image_ref(creator->image);
	birth->number = number;
	birth->time = time;
	append(list, birth);
}

void births_clear(struct births *births)
{
	while (births->unmet.first)
		forget(&births->unmet, births->unmet.first);
	while (births->early.first)
		forget(&births->early, births->early.first);
	while (births->guessed.first)
		forget(&births->guessed, births->guessed.first);
}

void births_add(struct births *births, const struct entry *creator, pid_t number, int64_t time)
{
	struct birth *early;

	DL_FOREACH (births->early.first, early) {
		if (early->creator_birth == creator->birth && early->time >= time &&
		    (!early->number || early->number == number)) {
			forget(&births->early, early);
			return;
		}
	}
	add(&births->unmet, creator, number, time);
}

void births_met(struct births *births, const struct entry *parent, pid_t number, int64_t now)
{
	add(&births->early, parent, number, now);
}

/* The creator's entry, if it is still the same process; else NULL. */
static const struct entry *creator_of(const struct process_table *table, const struct birth *birth)
{
	const struct entry *creator =
		table_find(table, birth->creator.node, (pid_t)birth->creator.pid);

	return creator && creator->birth == birth->creator_birth ? creator : NULL;
}

/* Can it be that birth, as far as the number that the process has in its namespace tells? */
static bool fits(const struct birth *birth, const struct births_query *query)
{
	return birth->creator.node == query->parent->key.node &&
	       (!query->number ||
		(birth->number == query->number && identity_fits(birth->time, query->start)));
}

/* A child of the process that is the parent now: the oldest, or by its number the latest. */
static struct birth *find_own(const struct births *births, const struct births_query *query)
{
	struct birth *birth, *found = NULL;

	DL_FOREACH (births->unmet.first, birth) {
		if (birth->creator_birth == query->parent->birth && fits(birth, query) &&
		    (!found || query->number))
			found = birth;
	}
	return found;
}

/* A child of the process that is the parent now, whose birth another was given that came without a number.
 * That one then is another child of the same parent: it gets the birth of one who has not been met. */
static struct birth *swap_guess(struct births *births, const struct births_query *query)
{
	struct births_query other = *query;
	struct birth *guess, *birth;

	DL_FOREACH (births->guessed.first, guess) {
		if (guess->creator_birth == query->parent->birth && fits(guess, query))
			break;
	}
	if (!guess)
		return NULL;
	take_out(&births->guessed, guess);
	other.number = 0;
	birth = find_own(births, &other);
	if (birth) {
		take_out(&births->unmet, birth);
		append(&births->guessed, birth);
	}
	append(&births->unmet, guess);
	return guess;
}

/* A child of one of its descendants, of whom only one may have children that nobody has met. */
static struct birth *find_adopted(const struct births *births, const struct process_table *table,
				  const struct births_query *query, bool *doubtful)
{
	struct birth *birth, *found = NULL;

	DL_FOREACH (births->unmet.first, birth) {
		const struct entry *creator = creator_of(table, birth);

		if (!creator || !fits(birth, query) ||
		    !identity_descends(table, creator, (pid_t)query->parent->key.pid))
			continue;
		*doubtful = *doubtful || (found && found->creator_birth != birth->creator_birth);
		found = found ? found : birth;
	}
	return *doubtful ? NULL : found;
}

enum births_answer births_take(struct births *births, const struct process_table *table,
			       const struct births_query *query, struct birth *birth)
{
	struct birth *found = find_own(births, query);
	bool doubtful = false;

	if (!found && query->number)
		found = swap_guess(births, query);
	if (!found && query->parent->state != ENTRY_DEAD)
		found = find_adopted(births, table, query, &doubtful);
	if (!found && !doubtful)
		births_met(births, query->parent, query->number, query->now);
	if (!found)
		return doubtful ? BIRTHS_DOUBTFUL : BIRTHS_NONE;
	*birth = *found;
	image_ref(birth->creator_image);
	if (query->number) {
		forget(&births->unmet, found);
	} else {
		take_out(&births->unmet, found);
		append(&births->guessed, found);
	}
	return BIRTHS_FOUND;
}
