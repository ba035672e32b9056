/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents for people: who did what, on one line. */
#ifndef AUSPAWN_ALERT_TEXT_H
#define AUSPAWN_ALERT_TEXT_H

#include <json-c/json.h>

#include "base/memory.h"

#include <utstring.h>

/* Appends
 *
 *	TIME SEVERITY RULE HOST USER DIRECTORY: LINEAGE: COMMAND LINE
 *
 * without SEVERITY and RULE for a process event, and with what was counted behind the directory for a
 * rarity rule. Absent values are "-". Nothing in it can steer a terminal or begin another line. */
void text_append(struct json_object *document, UT_string *out);

/* low, medium, high or critical for the number in event.severity. */
const char *text_severity(struct json_object *document);

#endif
