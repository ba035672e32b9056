/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far apart the times of events that follow each other can be, in ms: several nodes and processors write
 * them, and clocks are set. */
#ifndef AUSPAWN_BASE_CLOCK_H
#define AUSPAWN_BASE_CLOCK_H

#define CLOCK_DISORDER_MS 60000	   /* more than that is no mere disorder */
#define CLOCK_WRONG_MS	  86400000 /* and of times so far apart the later one was wrong */

#endif
