/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the database is. */
#ifndef AUSPAWN_STORE_PLACE_H
#define AUSPAWN_STORE_PLACE_H

#define PLACE_DATABASE "state.db"

/* Makes the folder and in it an empty database if there is none. Returns 0 or a negative errno. */
int place_make(const char *folder);

#endif
