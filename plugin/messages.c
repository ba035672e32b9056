/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "messages.h"

#include <stdlib.h>
#include <syslog.h>

#include "base/memory.h"

/* In the order of the numbers. The manual's list is made from it. */
static const struct message rows[] = {
	{ MESSAGE_OTHER, LOG_NOTICE, "anything else", "A message without a number of its own." },
	{ MESSAGE_STARTED, LOG_INFO, "started: version, rules, processes",
	  "The plugin runs, with so many rules, and knows so many processes from /proc." },
	{ MESSAGE_ENDED, LOG_INFO, "ended: what was counted",
	  "auditd closed the stream or sent SIGTERM. The totals are since the start." },
	{ MESSAGE_RELOADED, LOG_INFO, "reloaded: rules in files",
	  "After SIGHUP the new configuration and rules are in force." },
	{ MESSAGE_NOT_RELOADED, LOG_ERR, "not reloaded: mistakes",
	  "The old configuration and rules stay in force. Each mistake has an AS0201 before this one." },
	{ MESSAGE_NOT_STARTED, LOG_ERR, "libauparse can't be had, or standard input can't be read",
	  "The plugin ends. auditd starts it again as often as its max_restarts allows." },
	{ MESSAGE_HELD_BACK, LOG_WARNING, "so many more of a number were held back",
	  "Of each number at most 20 messages a minute are sent; this tells how many more there were." },
	{ MESSAGE_MISTAKE, LOG_ERR, "FILE:LINE:COLUMN: what is wrong",
	  "A mistake in the configuration or in a rule file. At the start its file loads no rules; "
	  "at a reload nothing is changed. 'auspawn check' shows the same." },
	{ MESSAGE_RULE_LIMITS, LOG_ERR, "limits of rules: not counted, forgotten, not folded",
	  "Rules had no room for all groups, or events came too late: alerts may be missing. See LIMITS in "
	  "auspawn(8). At most once a minute." },
	{ MESSAGE_REGEX_LIMIT, LOG_WARNING, "rule ID: a regular expression gave up",
	  "The expression took too many steps on an event and counts as not matching. Told once for each rule." },
	{ MESSAGE_NO_PROC, LOG_ERR, "/proc can't be read",
	  "Parents are known from records only, and containers and environments not at all." },
	{ MESSAGE_FILE_FAILED, LOG_ERR, "PATH: can't be written",
	  "Lines of the log of all events are lost, so many since the last such message. At most once a minute." },
	{ MESSAGE_SYSLOG_LOST, LOG_ERR, "messages lost: syslog took them too slowly",
	  "More of the plugin's own messages waited for the syslog socket than may; the oldest were dropped." },
	{ MESSAGE_SINK_AGAIN, LOG_NOTICE, "syslog, or PATH, takes alerts again", "The end of AS0404." },
	{ MESSAGE_SINK_FAILED, LOG_ERR, "syslog, or PATH, takes no alerts",
	  "It has not for 5 seconds. Alerts wait for it; see DELIVERY in auspawn(8)." },
	{ MESSAGE_ALERTS_DROPPED, LOG_ERR, "alerts dropped",
	  "More waited than outbox_size, or memory, has room for, and the oldest of the lowest severity went; or they "
	  "were too big for the socket. At most once a minute." },
	{ MESSAGE_ALERTS_LOST, LOG_ERR, "alerts are lost",
	  "At the end: no sink took them, and the state could not keep them." },
	{ MESSAGE_ALERTS_WAIT, LOG_NOTICE, "alerts wait for the next start",
	  "At the end: a sink did not take them, and the state keeps them." },
	{ MESSAGE_STATE_DAMAGED, LOG_ERR, "the state is damaged and was set aside",
	  "It is now state.db.damaged, and a new one is begun: what rules had counted and learnt is gone." },
	{ MESSAGE_STATE_IN_THE_WAY, LOG_ERR, "the state is damaged and can't be set aside",
	  "Nothing is kept across a restart until somebody moves it away." },
	{ MESSAGE_STATE_NEWER, LOG_ERR, "the state is of a newer version",
	  "It is left alone, and nothing is kept across a restart." },
	{ MESSAGE_STATE_FAILED, LOG_ERR, "the state can't be kept",
	  "What rules count is in memory only, and so are alerts that no sink has taken. It is tried again every 5 "
	  "seconds." },
	{ MESSAGE_STATE_AGAIN, LOG_NOTICE, "the state is kept again", "The end of AS0504." },
	{ MESSAGE_COUNTS_REFUSED, LOG_ERR, "some of the saved counts make no sense",
	  "The rules that they belong to begin anew." },
	{ MESSAGE_STILL_ROOT, LOG_ERR, "there is no user to become",
	  "The plugin remains uid 0, without root's capabilities. Make the account that the message names." },
	{ MESSAGE_NOT_ROOT, LOG_WARNING, "not started as root",
	  "Of other users' processes little is seen. auditd starts plugins as root." },
	{ MESSAGE_NOT_GIVEN, LOG_WARNING, "PATH can't be given to the user",
	  "It is left as it is, and so may not be writable. See PRIVILEGES in auspawn(8)." },
	{ MESSAGE_PRIVILEGES, LOG_ERR, "privileges can't be dropped, or system calls not filtered",
	  "The plugin goes on with what it could not give up." },
	{ MESSAGE_NO_SANDBOX, LOG_WARNING, "'sandbox' is off",
	  "The configuration wants no filter of system calls." },
	{ MESSAGE_NO_HELPER, LOG_ERR, "the helper for user names is gone or can't be started",
	  "Names that records lack are absent from events." },
	{ MESSAGE_STATUS_FAILED, LOG_ERR, "status.json can't be written",
	  "What 'auspawn status' shows is old, or nothing. Told once until it works again." },
	{ MESSAGE_METRICS_FAILED, LOG_ERR, "PATH: metrics can't be written",
	  "The folder must be there and be writable for the plugin. Told once until it works again." },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct limit {
	int64_t since; /* when the period began; meaningless with none passed */
	uint64_t passed;
	uint64_t held_back;
};

struct message_limiter {
	struct limit limit[ROWS];
};

const struct message *message_row(size_t row)
{
	return row < ROWS ? &rows[row] : NULL;
}

const struct message *message_of(enum message_number number)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].number == number)
			return &rows[i];
	}
	return &rows[0];
}

struct message_limiter *message_limiter_new(void)
{
	return mem_zalloc(sizeof(struct message_limiter));
}

void message_limiter_free(struct message_limiter *limiter)
{
	free(limiter);
}

static bool is_over(const struct limit *limit, int64_t now)
{
	return now == INT64_MAX || now - limit->since >= MESSAGES_PERIOD_MS;
}

bool message_passes(struct message_limiter *limiter, const struct message *message, int64_t now)
{
	struct limit *limit = &limiter->limit[message - rows];

	/* What was held back before goes on being counted until it is told. */
	if (!limit->passed || is_over(limit, now)) {
		limit->since = now;
		limit->passed = 0;
	}
	if (limit->passed < MESSAGES_BURST) {
		limit->passed++;
		return true;
	}
	limit->held_back++;
	return false;
}

const struct message *message_held_back(struct message_limiter *limiter, int64_t now,
					uint64_t *count)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct limit *limit = &limiter->limit[i];

		if (!limit->held_back || !is_over(limit, now))
			continue;
		*count = limit->held_back;
		limit->held_back = 0;
		return &rows[i];
	}
	return NULL;
}

int64_t message_deadline(const struct message_limiter *limiter)
{
	int64_t deadline = -1;

	for (size_t i = 0; i < ROWS; i++) {
		int64_t end = limiter->limit[i].since + MESSAGES_PERIOD_MS;

		if (limiter->limit[i].held_back && (deadline < 0 || end < deadline))
			deadline = end;
	}
	return deadline;
}
