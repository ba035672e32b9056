/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of events that were lost on the way: they are found by gaps in serials, read back from auditd's log
 * where it still has them, and told of as lost where it has not. So it goes on after a restart, from where the
 * plugin had come.
 */
#ifndef AUSPAWN_RECOVERY_H
#define AUSPAWN_RECOVERY_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "alert/losses.h"
#include "audit/gather.h"
#include "audit/readback.h"
#include "rules/rows.h"

#define RECOVERY_KIND	 "position" /* of its row */
#define RECOVERY_BUSY_MS 10000 /* in a stream that never rests a gap is waited for by so much longer */
#define RECOVERY_EVERY	 8     /* so many pieces of such a stream are judged for one of auditd's log */

struct recovery_options {
	const char *auditd_conf; /* where auditd's own log is; unused without ... */
	int64_t read_back_ms;	 /* ... how old events may be that are read back; 0: none are */
};

struct recovery_handlers {
	/* An event was read back that was not judged before. */
	void (*found)(void *user, const struct gathered *event);
	losses_handler alert;
	/* How documents name the machine of a node. */
	struct host (*host)(void *user, const char *node);
	/* Is the node this machine? */
	bool (*is_local)(void *user, const char *node);
	void *user;
};

struct recovery_stats {
	struct serial_stats serials; /* what was missing */
	struct readback_stats read_back;
	uint64_t lost;		     /* events of all losses that were told or wait for that */
	struct serial_loss last;     /* the last of them; its node is not to be looked at */
};

struct recovery;

/* Watches the records that `gather` takes. It and `syscalls` must outlive the recovery; what `options` points to is
 * copied. recovery_free() releases it; the gatherer must not be fed any more. */
struct recovery *recovery_new(const struct recovery_options *options, struct gather *gather, enum gather_clock clock,
			      const struct syscalls *syscalls, const struct recovery_handlers *handlers);
void recovery_free(struct recovery *recovery);

/* The clock in ms that holds for what is fed next; unused with GATHER_BY_EVENTS. */
void recovery_set_now(struct recovery *recovery, int64_t now);

/* Shall the event of the stream be judged? Not if it was read back meanwhile; nor, yet, if some of its records are
 * missing and the whole of it is searched: if that is not found the part is handed out instead. */
bool recovery_admit(struct recovery *recovery, const struct gathered *event);

/* Decides at `now` which gaps are losses, and tells what is due. */
void recovery_age(struct recovery *recovery, int64_t now, bool drained);

/* Reads a piece of auditd's log, if there is something to look for and the stream is drained, or else now and then. */
void recovery_step(struct recovery *recovery, int64_t now, int64_t wall, bool drained);

/* When the two have something to do; -1 if nothing is open. */
int64_t recovery_deadline(const struct recovery *recovery);

/* Another recording follows. */
void recovery_cut(struct recovery *recovery);

/* The stream has ended: tells what is known to be lost; of a recording, also what is only missing. */
void recovery_end(struct recovery *recovery);

/* How far each node has come, as JSON; json_object_put() releases it; NULL of a recording. Everything before that was
 * judged. */
struct json_object *recovery_save(const struct recovery *recovery);

/* Goes on from there: what came since is missing. Returns false if it made no sense. Times are by the clock `wall`. */
bool recovery_restore(struct recovery *recovery, struct json_object *saved, int64_t wall);

/* The same as a row, which is to be saved with all that has come of those events, or later. Has it changed since
 * recovery_saved()? After recovery_forget_row() it is not kept any more. */
bool recovery_changed(const struct recovery *recovery);
void recovery_changes(struct recovery *recovery, const struct rows_keeper *keeper);
void recovery_saved(struct recovery *recovery);
void recovery_forget_row(struct recovery *recovery);
bool recovery_restore_row(struct recovery *recovery, const struct kept_row *row, int64_t wall);

struct recovery_stats recovery_stats(const struct recovery *recovery);

#endif
