/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name service for the tests of the helper, which does to each user what the name service of some
 * machine does: answers at once, thinks for so many milliseconds, thinks for ever, or crashes. */
#include <errno.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "nss_slow.h"

enum nss_status _nss_slow_getpwuid_r(uid_t uid, struct passwd *passwd, char *buffer, size_t size,
				     int *error);

enum nss_status _nss_slow_getpwuid_r(uid_t uid, struct passwd *passwd, char *buffer, size_t size,
				     int *error)
{
	const struct timespec pause = { 0, (long)(uid % SLOW_RANGE) * 1000000L };

	if (uid < SLOW_FIRST || uid >= SLOW_FIRST + SLOW_RANGE) {
		*error = ENOENT;
		return uid == SLOW_UNAVAILABLE ? NSS_STATUS_UNAVAIL : NSS_STATUS_NOTFOUND;
	}
	if (uid == SLOW_HANGS) {
		for (;;)
			sleep(1000);
	}
	if (uid == SLOW_CRASHES)
		abort();
	nanosleep(&pause, NULL);
	snprintf(buffer, size, "slow-%u", (unsigned int)uid);
	*passwd = (struct passwd){ .pw_name = buffer, .pw_uid = uid };
	return NSS_STATUS_SUCCESS;
}
