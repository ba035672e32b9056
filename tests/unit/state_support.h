/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What older versions kept, for tests. */
#ifndef STATE_SUPPORT_H
#define STATE_SUPPORT_H

#include "rules_alert_support.h"

#include <sqlite3.h>

#include "store/inside.h"

/* Saves values, each in the place of the one that its rule has of its kind, as those versions did; between
 * state_begin() and state_commit(). */
static inline void state_save_values(struct state *state, struct json_object *values)
{
	json_object_object_foreach(values, kind, rules)
	{
		json_object_object_foreach(rules, rule, value)
		{
			char *sql = sqlite3_mprintf("INSERT OR REPLACE INTO value VALUES (%Q, %Q, %Q)",
						    kind, rule,
						    json_object_to_json_string_ext(
							    value, JSON_C_TO_STRING_PLAIN));

			assert_non_null(sql);
			state_execute(state, sql, NULL, 0);
			sqlite3_free(sql);
		}
	}
}

#endif
