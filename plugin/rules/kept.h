/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of a document that stands for many. */
#ifndef AUSPAWN_RULES_KEPT_H
#define AUSPAWN_RULES_KEPT_H

#include <json-c/json.h>

#define KEPT_MAX_DOCUMENT 8000 /* bytes; its longest values are cut */

/* Returns the document as JSON, of at most KEPT_MAX_DOCUMENT bytes. What is cut is cut in the document too.
 * free() releases it. */
char *kept_document(struct json_object *document);

#endif
