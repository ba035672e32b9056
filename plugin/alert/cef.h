/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ArcSight Common Event Format, version 0 ("Implementing ArcSight Common Event Format"). */
#ifndef AUSPAWN_ALERT_CEF_H
#define AUSPAWN_ALERT_CEF_H

#include <json-c/json.h>

#include "base/memory.h"

#include <utstring.h>

/* Appends CEF:0|auspawn|auspawn|VERSION|RULE|NAME|SEVERITY|EXTENSION, without a newline. */
void cef_append(struct json_object *document, UT_string *out);

#endif
