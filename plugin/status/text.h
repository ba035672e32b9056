/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status documents for a reader at a terminal. */
#ifndef AUSPAWN_STATUS_TEXT_H
#define AUSPAWN_STATUS_TEXT_H

#include <json-c/json.h>
#include <stdio.h>

/* Prints all figures, group by group. */
void status_print(FILE *out, struct json_object *document);

/* Prints the document of rare.json, whose "groups" is an array: the groups of each rule. */
void rare_print(FILE *out, struct json_object *document);

#endif
