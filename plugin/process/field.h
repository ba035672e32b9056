/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The field table: the one place where the name of a field that has values lives (Elastic Common Schema 8).
 * Conditions look names up in it and read values through it, documents are a walk over it.
 */
#ifndef AUSPAWN_PROCESS_FIELD_H
#define AUSPAWN_PROCESS_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "process/event.h"

enum field_type { FIELD_KEYWORD, FIELD_NUMBER, FIELD_BOOLEAN, FIELD_DATE };

/* One value of a field. Never copied: `text` may point to `buffer`. */
struct value {
	struct span text; /* keyword, date (ISO 8601, UTC, with milliseconds) */
	double number;
	bool truth;
	char buffer[48];
};

/* Where a field's name appears beside conditions. */
enum field_documents {
	IN_NO_DOCUMENT,
	IN_DOCUMENTS,      /* of the process and of its parent */
	IN_PARENT_ONLY,    /* the process has the same at the top of the document */
};

#define FIELD_MAX_NAME 128 /* bytes of a full name, with the NUL */

struct field {
	const char *name; /* complete for a field of the event; behind the prefix for a process's */
	enum field_type type;
	bool several; /* can have more than one value; a document then has an array */
	enum field_documents documents;
	const char *meaning; /* for the manual */
	/* Exactly one of the three. The functions return false when there is no value number `index`. */
	bool (*of_event)(const struct process_event *event, size_t index, struct value *value);
	bool (*of_process)(const struct process *process, size_t index, struct value *value);
	const char *constant; /* the same for every event */
	bool of_ancestors;    /* is also under auspawn.ancestor */
};

/* Whose a field is: fields of a process exist once for each of these. */
enum field_owner {
	OWNER_PROCESS, /* the process itself; fields of the event too */
	OWNER_PARENT,
	OWNER_GRANDPARENT, /* process.parent.parent */
	OWNER_SESSION_LEADER,
	OWNER_GROUP_LEADER,
	OWNER_ENTRY_LEADER,
	OWNER_ANCESTORS, /* every one of them, the parent first: their values are those of one field */
	OWNERS
};

/* A field as a name stands for it. */
struct field_ref {
	const struct field *field;
	enum field_owner owner;
};

/* Finds a field by its full name. Returns false if there is none. */
bool field_find(struct span name, struct field_ref *ref);

/* Writes the full name into `buffer` and returns it; FIELD_MAX_NAME bytes are enough for any. */
const char *field_name(const struct field_ref *ref, char *buffer, size_t size);

/* Can the field have more than one value? */
bool field_several(const struct field_ref *ref);

/* Is its value the same for every event? Then that is in `*value`. */
bool field_constant(const struct field_ref *ref, struct value *value);

/* Is it printed in documents, under that very name? */
bool field_in_documents(const struct field_ref *ref);

/* Returns the name most like `name`, in `buffer`, or NULL if none is near: of a field or, where none of those
 * is as near, of the Elastic Common Schema (process/ecs.h). */
const char *field_nearest(struct span name, char *buffer, size_t size);

/* Reads value number `index`, from 0. Returns false if there are not so many: none at all is absence. */
bool field_get(const struct field_ref *ref, const struct process_event *event, size_t index,
	       struct value *value);

/* Calls `handle` with every field's full name, in the order of documents. */
void field_each(void (*handle)(void *user, const char *name, const struct field_ref *ref),
		void *user);

/* The last component of a path; the whole where there is no slash. */
struct span field_base_name(struct span path);

/* The same of a program's path, without the mark " (deleted)" that the kernel puts behind the name of a
 * file that is gone: a program that was replaced while it ran, a memfd. SPAN_NONE of NULL. */
struct span field_program_name(const char *executable);

#endif
