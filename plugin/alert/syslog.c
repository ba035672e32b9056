/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/syslog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

#include <utlist.h>

#define TAG "auspawn"

struct message {
	struct message *prev, *next;
	size_t length;
	char text[];
};

struct syslog_sink {
	char *path;
	int fd; /* connected, or -1 */
	struct message *queue;
	size_t queued; /* bytes */
	bool refused;  /* the last message had to wait */
	bool full;     /* because the socket's own queue is: wait for room */
	int64_t retry; /* not before this is a lost connection tried again */
	struct syslog_stats stats;
};

struct syslog_sink *syslog_new(const char *path)
{
	struct syslog_sink *sink = mem_zalloc(sizeof(*sink));

	sink->path = mem_strdup(path);
	sink->fd = -1;
	return sink;
}

static void remove_first(struct syslog_sink *sink)
{
	struct message *message = sink->queue;

	DL_DELETE(sink->queue, message);
	sink->queued -= message->length;
	free(message);
}

static void disconnect(struct syslog_sink *sink)
{
	if (sink->fd >= 0)
		close(sink->fd);
	sink->fd = -1;
	sink->full = false;
}

void syslog_free(struct syslog_sink *sink)
{
	if (!sink)
		return;
	while (sink->queue)
		remove_first(sink);
	disconnect(sink);
	free(sink->path);
	free(sink);
}

void syslog_move(struct syslog_sink *sink, const char *path)
{
	if (!strcmp(sink->path, path))
		return;
	disconnect(sink);
	sink->retry = 0;
	free(sink->path);
	sink->path = mem_strdup(path);
}

/* Returns 0 or a negative errno; -EAGAIN if it is too early to try again. */
static int reach(struct syslog_sink *sink, int64_t now)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int error;

	if (sink->fd >= 0)
		return 0;
	if (now < sink->retry)
		return -EAGAIN;
	sink->retry = now + SYSLOG_RETRY_MS;
	if (strlen(sink->path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, sink->path, strlen(sink->path) + 1);
	sink->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sink->fd < 0)
		return -errno;
	if (connect(sink->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	error = -errno;
	disconnect(sink);
	return error;
}

/* Sends a message of two parts. Returns 0; -EMSGSIZE, that it will never be taken; or why it is not taken now. */
static int transmit(struct syslog_sink *sink, struct span header, struct span text, int64_t now)
{
	struct iovec parts[] = { { (void *)header.start, header.length },
				 { (void *)text.start, text.length } };
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	int error;

	sink->refused = true;
	for (int attempt = 0; attempt < 2; attempt++) {
		error = reach(sink, now);
		if (error)
			return error;
		if (sendmsg(sink->fd, &message, MSG_NOSIGNAL) >= 0) {
			sink->stats.sent++;
			sink->refused = false;
			return 0;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
			sink->full = true;
			return -EAGAIN;
		}
		if (errno == EMSGSIZE) {
			sink->refused = false;
			return -EMSGSIZE;
		}
		/* The daemon went away; a new one may have bound the same path already. */
		disconnect(sink);
		sink->retry = attempt ? sink->retry : now;
	}
	return -EAGAIN;
}

void syslog_flush(struct syslog_sink *sink, int64_t now)
{
	sink->full = false;
	sink->refused = false;
	while (sink->queue) {
		const struct span text = { sink->queue->text, sink->queue->length };
		int error = transmit(sink, (struct span){ "", 0 }, text, now);

		if (error && error != -EMSGSIZE)
			return;
		sink->stats.dropped += error != 0;
		remove_first(sink);
	}
}

/* Returns the length of the header written to `out`, which has SYSLOG_MAX_HEADER bytes. */
static size_t write_header(char *out, int priority, time_t time)
{
	char stamp[32] = "";
	struct tm tm;

	/* syslog's time has no zone and is local by custom; the daemon replaces it where it knows better. */
	if (localtime_r(&time, &tm))
		strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
	return (size_t)snprintf(out, SYSLOG_MAX_HEADER, "<%d>%s " TAG "[%d]: ", priority, stamp,
				(int)getpid());
}

int syslog_offer(struct syslog_sink *sink, int priority, time_t time, struct span text, int64_t now)
{
	char header[SYSLOG_MAX_HEADER];

	if (sink->queue)
		syslog_flush(sink, now);
	if (sink->queue)
		return -EAGAIN;
	sink->full = false;
	return transmit(sink, (struct span){ header, write_header(header, priority, time) }, text,
			now);
}

void syslog_send(struct syslog_sink *sink, int priority, struct span text, int64_t now)
{
	char header[SYSLOG_MAX_HEADER];
	size_t header_length = write_header(header, priority, time(NULL));
	struct message *message =
		mem_resize(NULL, sizeof(*message) + header_length + text.length, 1);
	bool first = !sink->queue;

	message->length = header_length + text.length;
	memcpy(message->text, header, header_length);
	memcpy(message->text + header_length, text.start, text.length);
	DL_APPEND(sink->queue, message);
	sink->queued += message->length;
	while (sink->queued > SYSLOG_MAX_QUEUE && sink->queue->next) {
		remove_first(sink);
		sink->stats.dropped++;
	}
	if (first)
		syslog_flush(sink, now);
}

int syslog_fd(const struct syslog_sink *sink)
{
	return sink->refused && sink->full ? sink->fd : -1;
}

int64_t syslog_deadline(const struct syslog_sink *sink)
{
	return sink->refused && !sink->full ? sink->retry : -1;
}

size_t syslog_waiting(const struct syslog_sink *sink)
{
	const struct message *message;
	size_t count;

	DL_COUNT(sink->queue, message, count);
	return count;
}

const struct syslog_stats *syslog_stats(const struct syslog_sink *sink)
{
	return &sink->stats;
}

bool syslog_facility_named(const char *name, int *facility)
{
	static const struct {
		const char *name;
		int facility;
	} facilities[] = {
		{ "auth", LOG_AUTH },     { "authpriv", LOG_AUTHPRIV }, { "daemon", LOG_DAEMON },
		{ "user", LOG_USER },     { "local0", LOG_LOCAL0 },     { "local1", LOG_LOCAL1 },
		{ "local2", LOG_LOCAL2 }, { "local3", LOG_LOCAL3 },     { "local4", LOG_LOCAL4 },
		{ "local5", LOG_LOCAL5 }, { "local6", LOG_LOCAL6 },     { "local7", LOG_LOCAL7 },
	};

	for (size_t i = 0; i < sizeof(facilities) / sizeof(facilities[0]); i++) {
		if (!strcmp(name, facilities[i].name)) {
			*facility = facilities[i].facility;
			return true;
		}
	}
	return false;
}
