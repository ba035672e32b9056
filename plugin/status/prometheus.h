/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics in the text format of Prometheus, as node_exporter's textfile collector reads them. */
#ifndef AUSPAWN_STATUS_PROMETHEUS_H
#define AUSPAWN_STATUS_PROMETHEUS_H

#include <json-c/json.h>

#include "base/memory.h"

#include <utstring.h>

/* Appends what the status document has of each figure that is a metric. */
void prometheus_print(UT_string *out, struct json_object *document);

#endif
