/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the table of messages as the manual page's list, so that the two can't disagree. */
#include <stdio.h>
#include <syslog.h>

#include "messages.h"

int main(void)
{
	static const char *const severities[] = {
		[LOG_ERR] = "err",
		[LOG_WARNING] = "warning",
		[LOG_NOTICE] = "notice",
		[LOG_INFO] = "info",
	};
	const struct message *message;

	for (size_t i = 0; (message = message_row(i)); i++)
		printf(".TP\n.B AS%04d\n%s \\(em %s.\n%s\n", (int)message->number,
		       severities[message->severity], message->text, message->meaning);
	return 0;
}
