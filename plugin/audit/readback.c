/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/readback.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/readback_inside.h"
#include "base/memory.h"

#include <utlist.h>

#define MAX_SEEKS 8   /* files are set aside while we search */
#define MAX_BEGUN 256 /* events of which another record than that of the system call came first */

/* --- what is wanted --- */

static void free_parts(struct readback *readback, struct part **parts)
{
	struct part *part, *next;

	DL_FOREACH_SAFE(*parts, part, next) {
		DL_DELETE(*parts, part);
		free(part->lines);
		free(part);
		readback->part_count--;
	}
}

static void on_gathered(void *user, const struct gathered *event)
{
	struct readback *readback = user;

	readback->handlers.found(readback->handlers.user, event);
}

struct readback *readback_new(const struct readback_settings *settings, const struct syscalls *syscalls,
			      const struct readback_handlers *handlers)
{
	struct readback *readback = mem_zalloc(sizeof(*readback));

	readback->auditd_conf = mem_strdup(settings->auditd_conf);
	readback->max_age_ms = settings->max_age_ms;
	readback->handlers = *handlers;
	readback->gather = gather_new(syscalls, GATHER_BY_CLOCK, on_gathered, readback);
	readback->begun = once_new(MAX_BEGUN);
	readback->fd = -1;
	return readback;
}

void readback_free(struct readback *readback)
{
	if (!readback)
		return;
	if (readback->fd >= 0)
		close(readback->fd);
	free_parts(readback, &readback->parts);
	free_parts(readback, &readback->coming_parts);
	ranges_clear(&readback->coming);
	ranges_clear(&readback->wanted);
	lines_clear(&readback->lines);
	auditd_log_clear(&readback->log);
	free(readback->auditd_conf);
	once_free(readback->begun);
	gather_free(readback->gather);
	free(readback);
}

static void give_up(struct readback *readback, const struct serial_loss *loss)
{
	readback->stats.lost += loss->count;
	readback->handlers.lost(readback->handlers.user, loss);
}

void readback_want(struct readback *readback, const struct serial_loss *loss)
{
	if (!ranges_add(&readback->coming, loss))
		give_up(readback, loss);
}

bool readback_complete(struct readback *readback, const struct gathered *event)
{
	struct part *part;

	if (readback->part_count >= READBACK_MAX_PARTS)
		return false;
	part = mem_zalloc(sizeof(*part));
	part->node = event->node;
	part->stamp = event->stamp;
	part->kind = event->kind;
	part->lines = mem_strdup(event->lines);
	DL_APPEND(readback->coming_parts, part);
	readback->part_count++;
	return true;
}

static bool is_of(const struct part *part, const struct record *record)
{
	return part->stamp.serial == record->stamp.serial && part->stamp.sec == record->stamp.sec &&
	       part->stamp.ms == record->stamp.ms && span_equal(span_of(part->node), record->node);
}

/* The event is in the log as a whole: its part is not needed. */
static bool take_part(struct readback *readback, const struct record *record)
{
	struct part *part;

	DL_FOREACH(readback->parts, part) {
		if (!is_of(part, record))
			continue;
		DL_DELETE(readback->parts, part);
		free(part->lines);
		free(part);
		readback->part_count--;
		return true;
	}
	return false;
}

static void note_wanted(struct readback *readback, uint64_t last, int64_t from, int64_t until)
{
	if (last > readback->last)
		readback->last = last;
	if (from < readback->from)
		readback->from = from;
	if (until > readback->until)
		readback->until = until;
}

/* Begins to look for all that has been asked for; with a bound to how old it may be. */
static void begin(struct readback *readback, int64_t wall)
{
	const struct ranges empty = readback->wanted;
	const struct part *part;
	int error;

	readback->wanted = readback->coming;
	readback->coming = empty;
	readback->parts = readback->coming_parts;
	readback->coming_parts = NULL;
	readback->from = INT64_MAX;
	readback->until = 0;
	readback->last = 0;
	for (size_t i = 0; i < readback->wanted.count; i++)
		note_wanted(readback, readback->wanted.range[i].last, readback->wanted.range[i].from,
			    readback->wanted.range[i].until);
	DL_FOREACH(readback->parts, part)
		note_wanted(readback, part->stamp.serial, stamp_ms(&part->stamp), stamp_ms(&part->stamp));
	readback->oldest = wall - readback->max_age_ms - READBACK_BEFORE_MS;
	if (readback->from < wall - readback->max_age_ms)
		readback->from = wall - readback->max_age_ms;
	/* The clock may have been set back between the two. */
	if (readback->until < readback->from)
		readback->until = readback->from;

	auditd_log_clear(&readback->log);
	error = auditd_log_read(&readback->log, readback->auditd_conf);
	readback->stats.error = error;
	readback->stats.searches++;
	readback->number = 0;
	readback->seeks = 0;
	readback->tries = 0;
	readback->state = SEEKING;
}

static void close_file(struct readback *readback)
{
	if (readback->fd >= 0)
		close(readback->fd);
	readback->fd = -1;
	lines_cut(&readback->lines);
}

/* What was not found by now is not there. */
static void finish(struct readback *readback)
{
	struct part *part;

	close_file(readback);
	gather_flush(readback->gather);
	DL_FOREACH(readback->parts, part) {
		const struct gathered event = {
			.node = part->node,
			.stamp = part->stamp,
			.kind = part->kind,
			.lines = part->lines,
		};

		readback->handlers.found(readback->handlers.user, &event);
	}
	free_parts(readback, &readback->parts);
	for (size_t i = 0; i < readback->wanted.count; i++)
		give_up(readback, &readback->wanted.range[i]);
	readback->wanted.count = 0;
	readback->state = IDLE;
	readback->due = 0;
}

/* --- records --- */

static void note_record(struct probe *probe, const struct record *record)
{
	int64_t time = stamp_ms(&record->stamp);

	/* auditd's own serials are none of these. */
	if (record->type >= RECORD_DAEMON)
		return;
	if (!probe->any || record->stamp.serial < probe->lowest)
		probe->lowest = record->stamp.serial;
	if (!probe->any || time < probe->earliest)
		probe->earliest = time;
	if (!probe->any || time > probe->latest)
		probe->latest = time;
	probe->any = true;
}

static void on_probed(void *user, struct span line)
{
	struct readback *readback = user;
	struct record record;

	if (triage_record(line, &record))
		note_record(&readback->probe, &record);
}

/* Is the record the first of an event that is wanted, or of one that began with another record? */
static bool take_first(struct readback *readback, const struct record *record)
{
	const char *node;

	if (ranges_take(&readback->wanted, record->node, record->stamp.serial) || take_part(readback, record)) {
		readback->stats.found++;
		if (record->type == RECORD_SYSCALL)
			return true;
		/* What a security module says stands before the system call that it speaks of. */
		node = gather_node_name(readback->gather, record->node);
		once_note(readback->begun, node, &record->stamp, ONCE_LOG);
		return false;
	}
	if (record->type != RECORD_SYSCALL)
		return false;
	node = gather_node_name(readback->gather, record->node);
	if (!once_knows(readback->begun, node, &record->stamp, ONCE_LOG))
		return false;
	once_forget(readback->begun, node, &record->stamp);
	return true;
}

static void on_line(void *user, struct span line)
{
	struct readback *readback = user;
	struct record record;

	if (!triage_record(line, &record))
		return;
	note_record(&readback->probe, &record);
	/* Further records count only where the first one did, which the gatherer knows. */
	if (record.type < RECORD_OTHER && record.type != RECORD_SYSCALL) {
		gather_line(readback->gather, line, 0);
		return;
	}
	if (record.type >= RECORD_DAEMON || stamp_ms(&record.stamp) < readback->oldest)
		return;
	if (take_first(readback, &record))
		gather_line(readback->gather, line, 0);
}

/* --- where to begin --- */

/* Looks at the records of the piece at `offset`. Returns how many bytes there are. */
static ssize_t probe_at(struct readback *readback, off_t offset)
{
	ssize_t n = pread(readback->fd, readback->data, sizeof(readback->data), offset);

	lines_cut(&readback->lines);
	/* Anywhere but at the begin, it begins within a line. */
	readback->lines.skipping = offset > 0;
	readback->probe = (struct probe){ 0 };
	if (n > 0)
		lines_feed(&readback->lines, (struct span){ readback->data, (size_t)n }, on_probed, readback);
	return n;
}

/* System calls that took long have old times: only the latest of many records tells when they were written. */
static bool is_before(const struct readback *readback)
{
	return readback->probe.any && readback->probe.latest < readback->from - READBACK_BEFORE_MS;
}

/* Finds the last piece that is before what is searched, by halves. */
static off_t search_file(struct readback *readback)
{
	struct stat file;
	off_t low = 0, high;

	if (fstat(readback->fd, &file) || !S_ISREG(file.st_mode))
		return 0;
	high = file.st_size / READBACK_STEP;
	while (low < high) {
		off_t middle = low + (high - low + 1) / 2;

		if (probe_at(readback, middle * READBACK_STEP) > 0 && is_before(readback))
			low = middle;
		else
			high = middle - 1;
	}
	return low * READBACK_STEP;
}

static void read_from(struct readback *readback, off_t offset)
{
	lines_cut(&readback->lines);
	readback->lines.skipping = offset > 0;
	readback->offset = offset;
	readback->state = READING;
}

/* Looks at one file: is it the one? If there is none so old, the oldest is. */
static void seek(struct readback *readback)
{
	int fd = auditd_log_open(&readback->log, readback->number);

	if (fd < 0 && readback->fd < 0) {
		if (!readback->stats.error)
			readback->stats.error = fd;
		finish(readback);
		return;
	}
	if (fd < 0) {
		read_from(readback, 0);
		return;
	}
	close_file(readback);
	readback->fd = fd;
	probe_at(readback, 0);
	if (is_before(readback))
		read_from(readback, search_file(readback));
	else
		readback->number++;
}

/* --- reading --- */

static bool is_done(const struct readback *readback)
{
	return !readback->wanted.count && !readback->parts && gather_deadline(readback->gather) < 0;
}

/* The end of the youngest file: what is missing may come, if it is that young. */
static void wait_for_more(struct readback *readback, int64_t now, int64_t wall)
{
	if (++readback->tries > READBACK_TRIES || readback->until + READBACK_AFTER_MS * 2 < wall)
		finish(readback);
	else
		readback->due = now + READBACK_AGAIN_MS;
}

/* The end of a file, or (not `ended`) nothing more of it can be read. Files are told by what they are, for their
 * numbers change. */
static void next_file(struct readback *readback, bool ended, int64_t now, int64_t wall)
{
	unsigned int number = 0;
	struct stat file;
	bool found;
	int fd;

	if (fstat(readback->fd, &file)) {
		finish(readback);
		return;
	}
	found = auditd_log_find(&readback->log, &file, &number);
	/* Before it was set aside more may have been written, which is read first. */
	if (ended && (!found || number) && !fstat(readback->fd, &file) && S_ISREG(file.st_mode) &&
	    file.st_size > readback->offset)
		return;
	if (!found) {
		/* It is the oldest one that is left, or there is none. */
		readback->number = 0;
		close_file(readback);
		readback->state = SEEKING;
		if (++readback->seeks > MAX_SEEKS)
			finish(readback);
		return;
	}
	if (!number) {
		wait_for_more(readback, now, wall);
		return;
	}
	fd = auditd_log_open(&readback->log, number - 1);
	if (fd < 0) {
		finish(readback);
		return;
	}
	close_file(readback);
	readback->fd = fd;
	read_from(readback, 0);
}

/* Is all of the piece behind what is wanted? Its time alone does not tell: the clock may have been set back. */
static bool is_behind(const struct readback *readback)
{
	const struct probe *probe = &readback->probe;

	return probe->any && probe->earliest > readback->until + READBACK_AFTER_MS &&
	       probe->lowest > readback->last;
}

static void read_on(struct readback *readback, int64_t now, int64_t wall)
{
	ssize_t n = pread(readback->fd, readback->data, sizeof(readback->data), readback->offset);

	if (n <= 0) {
		next_file(readback, n == 0, now, wall);
		return;
	}
	readback->offset += n;
	readback->probe = (struct probe){ 0 };
	lines_feed(&readback->lines, (struct span){ readback->data, (size_t)n }, on_line, readback);
	if (is_done(readback) || is_behind(readback))
		finish(readback);
}

void readback_step(struct readback *readback, int64_t now, int64_t wall)
{
	if (now < readback->due)
		return;
	switch (readback->state) {
	case IDLE:
		if (readback->coming.count || readback->coming_parts)
			begin(readback, wall);
		break;
	case SEEKING:
		seek(readback);
		break;
	case READING:
		read_on(readback, now, wall);
		break;
	}
}

int64_t readback_deadline(const struct readback *readback)
{
	if (readback->state == IDLE && !readback->coming.count && !readback->coming_parts)
		return -1;
	return readback->due;
}

const struct readback_stats *readback_stats(const struct readback *readback)
{
	return &readback->stats;
}
