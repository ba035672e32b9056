/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What in the figures somebody should look at. */
#ifndef AUSPAWN_STATUS_ADVICE_H
#define AUSPAWN_STATUS_ADVICE_H

#include <json-c/json.h>

/* Returns an array of sentences about the status document, of which the kernel's figures are part if they are known;
 * json_object_put() releases it. */
struct json_object *advise(struct json_object *document);

#endif
