/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `auspawn selftest`: a harmless web shell, whose alert shows that the whole chain works. */
#ifndef AUSPAWN_STATUS_SELFTEST_H
#define AUSPAWN_STATUS_SELFTEST_H

#include "config.h"

#define SELFTEST_WAIT_MS 10000
#define SELFTEST_USER	 "nobody"

/* Starts it as `user` and waits for its alert to arrive at the sinks that `config` enables; tells on stdout what works,
 * and on stderr which link does not. Returns the exit status: 0, 1 if it did not arrive, 2 if it could not be
 * tried. */
int selftest_command(const struct config *config, const char *user);

#endif
