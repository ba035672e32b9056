/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only some machines have: programs of 32 bits, and containers. */
#include "truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The program of tests/truth/i386.S creates a process, and that says itself what it is. */
static void way_i386(struct actor *actor, const char *way)
{
	char id[TRUTH_ID], tag[TRUTH_TAG], inner[TRUTH_TAG], created[TRUTH_ID];
	struct actor other = *actor;
	const char *const argv[] = { getenv("TRUTH_I386"), tag,	      actor->path, "self", inner,
				     "created",	           created, NULL };
	struct start start = { .way = way, .tag = tag, .created = id, .exe = argv[0], .argv = argv };

	report_tag(actor, way, tag);
	report_tag(actor, way, inner);
	if (!ways_fork(actor, id)) {
		snprintf(other.tag, sizeof(other.tag), "%s", tag);
		report_creation(&other, created);
		report_and_run(actor, &start);
	}
	ways_reap();
}

const struct way ways_elsewhere[] = {
	{ "i386", way_i386 },
	{ NULL, NULL },
};

bool elsewhere_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
		return false;
	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) || dup2(fd, TRUTH_SOCKET) < 0)
		return false;
	close(fd);
	return true;
}
