/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must outlive the process, in the state directory. */
#ifndef AUSPAWN_STORE_STATE_H
#define AUSPAWN_STORE_STATE_H

#include <json-c/json.h>

/* Writes the counts of the open rarity windows, all or nothing; makes the folder if it is not there.
 * Returns 0 or a negative errno. */
int state_save_rarity(const char *folder, struct json_object *counts);

/* Reads them. Returns 0 with `*counts`, which json_object_put() releases; -ENOENT if there are none,
 * -EBADMSG if they can't be understood, or another negative errno. */
int state_load_rarity(const char *folder, struct json_object **counts);

/* Sets aside counts that could not be used, as rarity.json.damaged, so that new ones can be written. */
void state_set_aside_rarity(const char *folder);

#endif
