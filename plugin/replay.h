/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pipeline over recorded logs: deterministic, so no /proc, no name service, no clock of its own. */
#ifndef AUSPAWN_REPLAY_H
#define AUSPAWN_REPLAY_H

#include <stdbool.h>

#include "alert/alert.h"
#include "config.h"
#include "rules/ruleset.h"

struct replay_options {
	char **file; /* names of recordings, "-" for standard input */
	int files;
	bool events; /* print every process event instead of the alerts */
	enum alert_format format;
	const char *state_dir; /* NULL: begin with nothing and keep nothing */
};

/* Reads the recordings one after the other as one stream and prints, one to a line, what the rules find. With
 * a state directory it begins with what is kept there and, in the end, keeps there what is open; without, the
 * end of the recordings is the end of time. Progress goes to stderr when that is a terminal. Returns the exit
 * status: 0, or 2 if a recording or the state can't be read, or the output or the state not be written. */
int replay_run(const struct config *config, const struct ruleset *ruleset,
	       const struct replay_options *options);

#endif
