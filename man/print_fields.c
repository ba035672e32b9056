/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the field table as the manual page's list, so that the two can't disagree. */
#include <stdio.h>

#include "process/field.h"

static void print_field(void *user, const char *name, const struct field_ref *ref)
{
	static const char *const types[] = {
		[FIELD_KEYWORD] = "string",
		[FIELD_NUMBER] = "number",
		[FIELD_BOOLEAN] = "boolean",
		[FIELD_DATE] = "date",
	};

	(void)user;
	/* process.parent.* and the like are the same set again; the page says so. */
	if (ref->owner != OWNER_PROCESS && ref->owner != OWNER_ANCESTORS)
		return;
	printf(".TP\n.B %s\n%s%s: %s%s\n", name, types[ref->field->type],
	       field_several(ref) ? ", several" : "", ref->field->meaning,
	       ref->owner == OWNER_ANCESTORS ? ", of every ancestor, the parent first" : "");
}

int main(void)
{
	field_each(print_field, NULL);
	return 0;
}
