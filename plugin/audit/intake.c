/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/intake.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#include <utlist.h>

#define MIN_ROOM   8192 /* less is not worth a read */
#define STACK_SIZE 262144

/* A part of the stream. Only the last one grows, and only the first is taken from. */
struct chunk {
	struct chunk *prev, *next;
	size_t taken; /* up to here the main loop has it */
	size_t filled;
	bool sealed; /* what follows was dropped: it does not grow */
	bool torn;   /* and that was not told yet */
	char data[INTAKE_CHUNK];
};

/* `lock` guards what both threads use. The bytes of the last chunk behind `filled` are the reader's. */
struct intake {
	int fd;
	int ready;    /* eventfd: there is something to tell */
	int stopping; /* eventfd: the thread shall end */
	size_t max_chunks;
	bool waits; /* who writes may be kept waiting */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t room; /* for who waits: a chunk was taken, or `stopped` */
	struct chunk *chunks;
	struct chunk *spare; /* the last one that was emptied */
	size_t count;
	bool told;    /* `ready` is readable */
	bool reading; /* bytes may be neither in `fd` nor in the queue */
	bool ended;
	bool stopped;
	struct intake_stats stats;
	/* the reader's alone */
	bool dropping;
	char scratch[INTAKE_CHUNK];
};

/* --- chunks; under the lock --- */

/* Of a size at which the memory goes back to the system at once; NULL if there is none. */
static struct chunk *make_chunk(struct intake *intake)
{
	struct chunk *chunk = intake->spare;

	intake->spare = NULL;
	if (!chunk) {
		chunk = mmap(NULL, sizeof(*chunk), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (chunk == MAP_FAILED)
			return NULL;
	}
	chunk->taken = 0;
	chunk->filled = 0;
	chunk->sealed = false;
	chunk->torn = false;
	return chunk;
}

static void drop_chunk(struct intake *intake, struct chunk *chunk)
{
	DL_DELETE(intake->chunks, chunk);
	intake->count--;
	pthread_cond_signal(&intake->room);
	if (intake->spare)
		munmap(chunk, sizeof(*chunk));
	else
		intake->spare = chunk;
}

static struct chunk *last_chunk(const struct intake *intake)
{
	return intake->chunks ? intake->chunks->prev : NULL;
}

static void tell(struct intake *intake)
{
	const uint64_t one = 1;

	if (intake->told)
		return;
	/* It can't be full. */
	intake->told = write(intake->ready, &one, sizeof(one)) == sizeof(one);
}

/* Returns where the reader may put bytes, and makes room for them; NULL if the queue is full. One that was full
 * must be emptier by a quarter before it is used again: one large gap costs less than many small ones. */
static struct chunk *find_room(struct intake *intake)
{
	struct chunk *chunk = last_chunk(intake);

	if (intake->dropping && intake->count > intake->max_chunks - intake->max_chunks / 4)
		return NULL;
	if (chunk && !chunk->sealed && INTAKE_CHUNK - chunk->filled >= MIN_ROOM)
		return chunk;
	if (intake->count >= intake->max_chunks)
		return NULL;
	chunk = make_chunk(intake);
	if (!chunk)
		return NULL;
	DL_APPEND(intake->chunks, chunk);
	intake->count++;
	return chunk;
}

static void publish(struct intake *intake, struct chunk *chunk, size_t length)
{
	chunk->filled += length;
	intake->stats.depth += length;
	if (intake->stats.depth > intake->stats.max_depth)
		intake->stats.max_depth = intake->stats.depth;
	tell(intake);
}

/* --- the reader --- */

static void count_dropped(struct intake *intake, const char *data, size_t length)
{
	intake->stats.dropped += length;
	for (size_t i = 0; i < length; i++)
		intake->stats.dropped_lines += data[i] == '\n';
}

/* Reads what there is no room for. As soon as there is, what follows the first end of a line is kept. */
static ssize_t read_and_drop(struct intake *intake)
{
	ssize_t n = read(intake->fd, intake->scratch, sizeof(intake->scratch));
	const char *newline = n > 0 ? memchr(intake->scratch, '\n', (size_t)n) : NULL;
	struct chunk *chunk;
	size_t drop = n > 0 ? (size_t)n : 0;

	pthread_mutex_lock(&intake->lock);
	chunk = newline ? find_room(intake) : NULL;
	if (chunk) {
		drop = (size_t)(newline + 1 - intake->scratch);
		memcpy(chunk->data, newline + 1, (size_t)n - drop);
		publish(intake, chunk, (size_t)n - drop);
		intake->dropping = false;
	}
	count_dropped(intake, intake->scratch, drop);
	pthread_mutex_unlock(&intake->lock);
	return n;
}

/* Returns where to read to; NULL if the queue is full. */
static struct chunk *prepare(struct intake *intake)
{
	struct chunk *chunk;

	pthread_mutex_lock(&intake->lock);
	intake->reading = true;
	chunk = intake->dropping ? NULL : find_room(intake);
	while (!chunk && intake->waits && !intake->stopped) {
		pthread_cond_wait(&intake->room, &intake->lock);
		chunk = find_room(intake);
	}
	if (!chunk && !intake->dropping && last_chunk(intake)) {
		last_chunk(intake)->sealed = true;
		last_chunk(intake)->torn = true;
		intake->dropping = true;
	}
	pthread_mutex_unlock(&intake->lock);
	return chunk;
}

/* Returns whether the stream goes on. */
static bool read_more(struct intake *intake)
{
	struct chunk *chunk = prepare(intake);
	ssize_t n = chunk ? read(intake->fd, chunk->data + chunk->filled, INTAKE_CHUNK - chunk->filled) :
			    read_and_drop(intake);
	bool ended = n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);

	pthread_mutex_lock(&intake->lock);
	intake->reading = false;
	intake->ended = ended;
	if (chunk && n > 0)
		publish(intake, chunk, (size_t)n);
	intake->stats.read += n > 0 ? (size_t)n : 0;
	if (ended)
		tell(intake);
	pthread_mutex_unlock(&intake->lock);
	return !ended;
}

static void *run(void *user)
{
	struct intake *intake = user;
	struct pollfd fds[] = {
		{ .fd = intake->fd, .events = POLLIN },
		{ .fd = intake->stopping, .events = POLLIN },
	};

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[1].revents || !read_more(intake))
			return NULL;
	}
}

/* --- the main loop's side --- */

static int start_thread(struct intake *intake)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&intake->thread, &attributes, run, intake);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

static void release(struct intake *intake)
{
	while (intake->chunks)
		drop_chunk(intake, intake->chunks);
	if (intake->spare)
		munmap(intake->spare, sizeof(*intake->spare));
	if (intake->ready >= 0)
		close(intake->ready);
	if (intake->stopping >= 0)
		close(intake->stopping);
	pthread_cond_destroy(&intake->room);
	pthread_mutex_destroy(&intake->lock);
	free(intake);
}

struct intake *intake_start(int fd, size_t bound)
{
	struct intake *intake = mem_zalloc(sizeof(*intake));
	struct stat input;
	int error;

	intake->fd = fd;
	intake->waits = !fstat(fd, &input) && !S_ISSOCK(input.st_mode);
	intake->max_chunks = (bound > INTAKE_MIN ? bound : INTAKE_MIN) / INTAKE_CHUNK;
	intake->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	intake->stopping = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&intake->lock, NULL);
	pthread_cond_init(&intake->room, NULL);
	error = intake->ready < 0 || intake->stopping < 0 ? errno : start_thread(intake);
	if (!error)
		return intake;
	release(intake);
	errno = error;
	return NULL;
}

void intake_stop(struct intake *intake)
{
	const uint64_t one = 1;

	if (!intake)
		return;
	pthread_mutex_lock(&intake->lock);
	intake->stopped = true;
	pthread_cond_signal(&intake->room);
	pthread_mutex_unlock(&intake->lock);
	/* A thread that could not be told would be waited for in vain. */
	if (write(intake->stopping, &one, sizeof(one)) == sizeof(one))
		pthread_join(intake->thread, NULL);
	release(intake);
}

int intake_fd(const struct intake *intake)
{
	return intake->ready;
}

/* Forgets chunks that were taken whole and will not grow. */
static struct chunk *first_chunk(struct intake *intake)
{
	struct chunk *chunk = intake->chunks;

	while (chunk && chunk->taken == chunk->filled && chunk->next && !chunk->torn) {
		drop_chunk(intake, chunk);
		chunk = intake->chunks;
	}
	return chunk;
}

static void untell(struct intake *intake)
{
	uint64_t count;

	if (read(intake->ready, &count, sizeof(count)) == sizeof(count))
		intake->told = false;
}

struct intake_piece intake_take(struct intake *intake)
{
	struct intake_piece piece = { .data = SPAN_NONE };
	struct chunk *chunk;

	pthread_mutex_lock(&intake->lock);
	chunk = first_chunk(intake);
	if (chunk) {
		piece.data = (struct span){ chunk->data + chunk->taken, chunk->filled - chunk->taken };
		piece.torn = chunk->torn;
		piece.more = chunk->next;
		intake->stats.depth -= piece.data.length;
		chunk->taken = chunk->filled;
		chunk->torn = false;
	}
	if (!piece.more)
		untell(intake);
	pthread_mutex_unlock(&intake->lock);
	return piece;
}

bool intake_is_drained(struct intake *intake)
{
	struct pollfd input = { .fd = intake->fd, .events = POLLIN };
	bool drained;

	pthread_mutex_lock(&intake->lock);
	/* In this order: what is read between the two is seen by the second. */
	drained = (intake->ended || poll(&input, 1, 0) == 0) && !intake->reading && !intake->stats.depth;
	pthread_mutex_unlock(&intake->lock);
	return drained;
}

bool intake_has_ended(struct intake *intake)
{
	bool ended;

	pthread_mutex_lock(&intake->lock);
	ended = intake->ended && (!intake->waits || !intake->stats.depth);
	pthread_mutex_unlock(&intake->lock);
	return ended;
}

struct intake_stats intake_stats(struct intake *intake)
{
	struct intake_stats stats;

	pthread_mutex_lock(&intake->lock);
	stats = intake->stats;
	pthread_mutex_unlock(&intake->lock);
	return stats;
}
