/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `auspawn status` and `auspawn rare`: what the running plugin says of itself. */
#ifndef AUSPAWN_STATUS_COMMANDS_H
#define AUSPAWN_STATUS_COMMANDS_H

#include <stdbool.h>

#include "config.h"

/* Print to stdout what the plugin that keeps its state where `config` says answers, as text or as JSON. Return the exit
 * status: 0; 1 if no plugin runs, whose last figures are printed then; 2 if there are none to be read. */
int status_command(const struct config *config, bool text);
int rare_command(const struct config *config, bool text);

/* Says on stderr why running_ask() failed, or that no plugin runs and since when. */
struct running;
void running_complain(const char *state_dir, int error, const struct running *running);

#endif
