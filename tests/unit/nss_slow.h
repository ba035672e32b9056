/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The users of a slow name service, see nss_slow.c. */
#ifndef AUSPAWN_TESTS_NSS_SLOW_H
#define AUSPAWN_TESTS_NSS_SLOW_H

#define SLOW_FIRST	 100000
#define SLOW_RANGE	 1000
#define SLOW_BY(ms)	 (SLOW_FIRST + (ms)) /* is named after so many milliseconds */
#define SLOW_HANGS	 SLOW_BY(999)
#define SLOW_CRASHES	 SLOW_BY(998)
#define SLOW_NAMELESS	 99998
#define SLOW_UNAVAILABLE 99999

#endif
