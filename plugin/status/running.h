/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin that runs now, as another process of root's finds it and asks it for fresh figures. */
#ifndef AUSPAWN_STATUS_RUNNING_H
#define AUSPAWN_STATUS_RUNNING_H

#include <json-c/json.h>
#include <stdbool.h>

#define RUNNING_WAIT_MS 1000 /* so long a plugin may take to answer */

struct running {
	struct json_object *document; /* its status */
	bool alive; /* it runs; else the document is the last that it wrote */
	bool fresh; /* it wrote the document because we asked; else it did not answer in time */
};

/* Asks the plugin that keeps its state in `state_dir`. Returns 0, and running_clear() releases what is in `running`; or
 * a negative errno: there is no status that can be read (-ENOENT, -EACCES ...), or it makes no sense (-EBADMSG), or
 * we may not signal the plugin (-EPERM). */
int running_ask(const char *state_dir, struct running *running);
void running_clear(struct running *running);

/* Returns another file of the state directory that it has written; json_object_put() releases it. NULL with errno set
 * if it can't be read. */
struct json_object *running_read(const char *state_dir, const char *name);

#endif
