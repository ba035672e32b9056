/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rarity rules have counted in the windows that are open, as a document. */
#ifndef AUSPAWN_STATUS_RARE_DOCUMENT_H
#define AUSPAWN_STATUS_RARE_DOCUMENT_H

#include <json-c/json.h>

#include "rules/rarity.h"

/* Returns an object with an array "groups", by rule and rarest first; json_object_put() releases it. Times are ms since
 * 1970. */
struct json_object *rare_document(const struct rarity *rarity);

#endif
