/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/field.h"

#include <stdio.h>

#include "process/ecs.h"
#include "process/field_table.h"

/* What stands before the name of a process's field. */
static const char *const prefixes[OWNERS] = {
	[OWNER_PROCESS] = "process.",
	[OWNER_PARENT] = "process.parent.",
	[OWNER_GRANDPARENT] = "process.parent.parent.",
	[OWNER_SESSION_LEADER] = "process.session_leader.",
	[OWNER_GROUP_LEADER] = "process.group_leader.",
	[OWNER_ENTRY_LEADER] = "process.entry_leader.",
	[OWNER_ANCESTORS] = "auspawn.ancestor.",
};

struct span field_base_name(struct span path)
{
	const char *slash = path.length ? memrchr(path.start, '/', path.length) : NULL;

	if (!slash)
		return path;
	return (struct span){ slash + 1, path.length - (size_t)(slash + 1 - path.start) };
}

struct span field_program_name(const char *executable)
{
	static const char mark[] = " (deleted)";
	struct span name = field_base_name(span_of(executable));
	size_t length = sizeof(mark) - 1;

	if (name.length > length && !memcmp(name.start + name.length - length, mark, length))
		name.length -= length;
	return name;
}

/* Is there the field, a process's, of this owner? */
static bool exists(const struct field *field, enum field_owner owner)
{
	return owner != OWNER_ANCESTORS || field->of_ancestors;
}

static bool find_of_event(struct span name, struct field_ref *ref)
{
	for (size_t i = 0; i < field_event_count; i++) {
		if (span_is(name, field_of_event[i].name)) {
			*ref = (struct field_ref){ &field_of_event[i], OWNER_PROCESS };
			return true;
		}
	}
	return false;
}

static bool find_of_process(struct span name, enum field_owner owner, struct field_ref *ref)
{
	size_t length = strlen(prefixes[owner]);

	if (!span_starts_with(name, prefixes[owner]))
		return false;
	name.start += length;
	name.length -= length;
	for (size_t i = 0; i < field_process_count; i++) {
		const struct field *field = &field_of_process[i];

		if (span_is(name, field->name) && exists(field, owner)) {
			*ref = (struct field_ref){ field, owner };
			return true;
		}
	}
	return false;
}

bool field_find(struct span name, struct field_ref *ref)
{
	if (find_of_event(name, ref))
		return true;
	for (enum field_owner owner = 0; owner < OWNERS; owner++) {
		if (find_of_process(name, owner, ref))
			return true;
	}
	return false;
}

const char *field_name(const struct field_ref *ref, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s%s", ref->field->of_process ? prefixes[ref->owner] : "",
		 ref->field->name);
	return buffer;
}

bool field_several(const struct field_ref *ref)
{
	return ref->field->several || ref->owner == OWNER_ANCESTORS;
}

bool field_constant(const struct field_ref *ref, struct value *value)
{
	if (!ref->field->constant)
		return false;
	value->text = span_of(ref->field->constant);
	return true;
}

bool field_in_documents(const struct field_ref *ref)
{
	switch (ref->field->documents) {
	case IN_DOCUMENTS:
		return ref->owner == OWNER_PROCESS || ref->owner == OWNER_PARENT;
	case IN_PARENT_ONLY:
		return ref->owner == OWNER_PARENT;
	case IN_NO_DOCUMENT:
		break;
	}
	return false;
}

/* Ancestor number `i`, the parent being the first; NULL past the oldest. */
static const struct process *ancestor(const struct process_event *event, size_t i)
{
	if (i == 0)
		return &event->parent;
	return i <= event->ancestors ? &event->ancestor[i - 1] : NULL;
}

static bool get_of_ancestors(const struct field *field, const struct process_event *event,
			     size_t index, struct value *value)
{
	const struct process *process;

	for (size_t i = 0; (process = ancestor(event, i)); i++) {
		for (size_t j = 0; field->of_process(process, j, value); j++) {
			if (index-- == 0)
				return true;
		}
	}
	return false;
}

/* NULL where the event has no such process. */
static const struct process *process_of(const struct process_event *event, enum field_owner owner)
{
	switch (owner) {
	case OWNER_PROCESS:
		return &event->process;
	case OWNER_PARENT:
		return &event->parent;
	case OWNER_GRANDPARENT:
		return ancestor(event, 1);
	case OWNER_SESSION_LEADER:
		return &event->session_leader;
	case OWNER_GROUP_LEADER:
		return &event->group_leader;
	case OWNER_ENTRY_LEADER:
		return &event->entry_leader;
	case OWNER_ANCESTORS:
	case OWNERS:
		break;
	}
	return NULL;
}

bool field_get(const struct field_ref *ref, const struct process_event *event, size_t index,
	       struct value *value)
{
	const struct process *process;

	if (ref->field->constant)
		return !index && field_constant(ref, value);
	if (ref->field->of_event)
		return ref->field->of_event(event, index, value);
	if (ref->owner == OWNER_ANCESTORS)
		return get_of_ancestors(ref->field, event, index, value);
	process = process_of(event, ref->owner);
	return process && ref->field->of_process(process, index, value);
}

/* Every event pays for this walk when events are logged, so names are put together by hand. */
static void each_of_process(enum field_owner owner,
			    void (*handle)(void *user, const char *name,
					   const struct field_ref *ref),
			    void *user)
{
	size_t length = strlen(prefixes[owner]);
	char name[FIELD_MAX_NAME];

	memcpy(name, prefixes[owner], length);
	for (size_t i = 0; i < field_process_count; i++) {
		const struct field_ref ref = { &field_of_process[i], owner };

		if (!exists(ref.field, owner))
			continue;
		memcpy(name + length, ref.field->name, strlen(ref.field->name) + 1);
		handle(user, name, &ref);
	}
}

void field_each(void (*handle)(void *user, const char *name, const struct field_ref *ref),
		void *user)
{
	for (size_t i = 0; i < field_event_count; i++) {
		const struct field_ref ref = { &field_of_event[i], OWNER_PROCESS };

		handle(user, ref.field->name, &ref);
	}
	for (enum field_owner owner = 0; owner < OWNERS; owner++)
		each_of_process(owner, handle, user);
}

/* Edits (one byte put in, left out or changed) between two names; Levenshtein's distance. */
static size_t distance(struct span a, struct span b)
{
	size_t row[FIELD_MAX_NAME + 1];

	for (size_t j = 0; j <= b.length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.length; j++) {
			size_t change = diagonal + (a.start[i - 1] != b.start[j - 1]);

			diagonal = row[j];
			row[j] = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
			if (change < row[j])
				row[j] = change;
		}
	}
	return row[b.length];
}

struct nearest {
	struct span wanted;
	size_t distance;
	char *buffer;
	size_t size;
};

static void compare_name(void *user, const char *name)
{
	struct nearest *nearest = user;
	struct span other = span_of(name);
	size_t wanted = nearest->wanted.length;
	size_t edits = other.length > wanted ? other.length - wanted : wanted - other.length;

	/* Most can't be it by their length alone. */
	if (edits >= nearest->distance || other.length > FIELD_MAX_NAME)
		return;
	edits = distance(nearest->wanted, other);
	if (edits >= nearest->distance)
		return;
	nearest->distance = edits;
	snprintf(nearest->buffer, nearest->size, "%s", name);
}

static void compare_field(void *user, const char *name, const struct field_ref *ref)
{
	(void)ref;
	compare_name(user, name);
}

/* The shortest name that begins with the wanted one: it was cut short. */
static void complete_name(void *user, const char *name, const struct field_ref *ref)
{
	struct nearest *nearest = user;
	size_t missing = strlen(name) - nearest->wanted.length;

	(void)ref;
	if (strncmp(name, nearest->wanted.start, nearest->wanted.length) ||
	    (nearest->buffer[0] && missing >= nearest->distance))
		return;
	nearest->distance = missing;
	snprintf(nearest->buffer, nearest->size, "%s", name);
}

const char *field_nearest(struct span name, char *buffer, size_t size)
{
	/* A name of which more than a third is wrong was not meant. */
	struct nearest nearest = { name, name.length / 3 + 1, buffer, size };

	if (name.length > FIELD_MAX_NAME)
		return NULL;
	buffer[0] = '\0';
	if (name.length && memchr(name.start, '.', name.length))
		field_each(complete_name, &nearest);
	if (buffer[0])
		return buffer;
	field_each(compare_field, &nearest);
	ecs_each(name.length + nearest.distance, compare_name, &nearest);
	return buffer[0] ? buffer : NULL;
}
