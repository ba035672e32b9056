/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "audit/intake.h"
#include "audit/lines.h"

#define WAIT_MS 10000

struct stream {
	int writer;
	int reader;
	struct intake *intake;
	struct lines lines;
	uint64_t next;	/* number of the next line */
	uint64_t lines_seen;
	uint64_t torn;
};

static void open_stream(struct stream *stream, size_t bound)
{
	int fds[2];

	*stream = (struct stream){ 0 };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	stream->writer = fds[0];
	stream->reader = fds[1];
	stream->intake = intake_start(stream->reader, bound);
	assert_non_null(stream->intake);
}

static void close_stream(struct stream *stream)
{
	intake_stop(stream->intake);
	lines_clear(&stream->lines);
	if (stream->writer >= 0)
		close(stream->writer);
	close(stream->reader);
}

/* Lines are their number, as often as it fits: one that was put together of two is none. */
static int format_line(char *line, size_t size, uint64_t number)
{
	int length = 0;

	for (unsigned int i = 0; i < 10; i++)
		length += snprintf(line + length, size - (size_t)length, "%" PRIu64 "%c", number, i < 9 ? ' ' : '\n');
	return length;
}

static void write_lines(struct stream *stream, uint64_t from, uint64_t until)
{
	for (uint64_t number = from; number < until; number++) {
		char line[256];
		int length = format_line(line, sizeof(line), number);

		assert_int_equal(write(stream->writer, line, (size_t)length), length);
	}
}

static void on_line(void *user, struct span line)
{
	struct stream *stream = user;
	uint64_t number = strtoull(line.start, NULL, 10);
	char expected[256];
	int length = format_line(expected, sizeof(expected), number);

	assert_true(number >= stream->next);
	assert_int_equal(line.length, length - 1);
	assert_memory_equal(line.start, expected, line.length);
	stream->next = number + 1;
	stream->lines_seen++;
}

static bool await(struct stream *stream)
{
	struct pollfd ready = { .fd = intake_fd(stream->intake), .events = POLLIN };

	return poll(&ready, 1, WAIT_MS) == 1;
}

static void take(struct stream *stream)
{
	struct intake_piece piece;

	do {
		piece = intake_take(stream->intake);
		if (piece.data.length)
			lines_feed(&stream->lines, piece.data, on_line, stream);
		if (piece.torn) {
			lines_cut(&stream->lines);
			stream->torn++;
		}
	} while (piece.more);
}

static void await_drained(struct stream *stream)
{
	for (int i = 0; i < WAIT_MS && !intake_is_drained(stream->intake); i++) {
		take(stream);
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
	assert_true(intake_is_drained(stream->intake));
}

static void test_everything_comes_in_order(void **state)
{
	struct stream stream;

	(void)state;
	open_stream(&stream, 1 << 20);
	for (uint64_t i = 0; i < 20000; i += 100) {
		write_lines(&stream, i, i + 100);
		assert_true(await(&stream));
		take(&stream);
	}
	await_drained(&stream);
	assert_int_equal(stream.lines_seen, 20000);
	assert_int_equal(intake_stats(stream.intake).dropped, 0);
	assert_int_equal(intake_stats(stream.intake).depth, 0);
	assert_true(intake_stats(stream.intake).max_depth > 0);
	close_stream(&stream);
}

static void test_the_end_is_told_with_what_came_before(void **state)
{
	struct stream stream;

	(void)state;
	open_stream(&stream, 1 << 20);
	write_lines(&stream, 0, 100);
	assert_false(intake_has_ended(stream.intake));
	close(stream.writer);
	stream.writer = -1;
	for (int i = 0; i < WAIT_MS && !intake_has_ended(stream.intake); i++)
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	assert_true(intake_has_ended(stream.intake));
	assert_false(intake_is_drained(stream.intake));
	assert_true(await(&stream));
	take(&stream);
	assert_int_equal(stream.lines_seen, 100);
	assert_true(intake_is_drained(stream.intake));
	close_stream(&stream);
}

/* If the writer had to wait for us the test would not end. */
static void test_a_full_queue_drops_whole_lines(void **state)
{
	struct intake_stats stats;
	struct stream stream;

	(void)state;
	open_stream(&stream, INTAKE_MIN);
	write_lines(&stream, 100000, 130000);
	stats = intake_stats(stream.intake);
	assert_true(stats.max_depth <= INTAKE_MIN);
	assert_true(stats.dropped > 1 << 20);
	await_drained(&stream);
	assert_int_equal(stream.torn, 1);
	/* What comes when there is room again is whole. */
	write_lines(&stream, 200000, 200100);
	await_drained(&stream);
	assert_int_equal(stream.next, 200100);
	stats = intake_stats(stream.intake);
	assert_in_range(stats.dropped_lines + stream.lines_seen, 30100 - 1, 30100);
	close_stream(&stream);
}

static void test_over_and_over(void **state)
{
	struct stream stream;
	uint64_t number = 100000;

	(void)state;
	open_stream(&stream, INTAKE_MIN);
	for (int round = 0; round < 20; round++) {
		write_lines(&stream, number, number + 6000);
		number += 6000;
		if (round % 2)
			await_drained(&stream);
		else
			take(&stream);
	}
	write_lines(&stream, number, number + 1000);
	number += 1000;
	await_drained(&stream);
	assert_int_equal(stream.next, number);
	assert_int_equal(stream.torn > 1, true);
	assert_in_range(intake_stats(stream.intake).dropped_lines + stream.lines_seen, 121000 - stream.torn, 121000);
	close_stream(&stream);
}

/* auditd's end is a socket; a pipe's writer can wait. */
static void test_nothing_of_a_pipe_is_dropped(void **state)
{
	struct stream stream = { .writer = -1 };
	int fds[2];
	pid_t child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		stream.writer = fds[1];
		write_lines(&stream, 0, 30000);
		_exit(0);
	}
	close(fds[1]);
	stream.reader = fds[0];
	stream.intake = intake_start(fds[0], INTAKE_MIN);
	assert_non_null(stream.intake);
	nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
	assert_false(intake_has_ended(stream.intake));
	await_drained(&stream);
	while (!intake_has_ended(stream.intake) || !intake_is_drained(stream.intake)) {
		assert_true(await(&stream));
		take(&stream);
	}
	assert_int_equal(stream.lines_seen, 30000);
	assert_int_equal(intake_stats(stream.intake).dropped, 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close_stream(&stream);
}

static void test_who_waits_is_stopped(void **state)
{
	struct stream stream = { .writer = -1 };
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	stream.reader = dup(fileno(file));
	stream.writer = dup(fileno(file));
	fclose(file);
	write_lines(&stream, 0, 30000);
	lseek(stream.reader, 0, SEEK_SET);
	stream.intake = intake_start(stream.reader, INTAKE_MIN);
	assert_non_null(stream.intake);
	nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	assert_false(intake_is_drained(stream.intake));
	close_stream(&stream);
}

static void test_signals_are_for_the_main_thread(void **state)
{
	struct stream stream;
	sigset_t usr1, before;
	int signal = 0;

	(void)state;
	open_stream(&stream, INTAKE_MIN);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &before);
	/* Would end the process if any thread took it. */
	kill(getpid(), SIGUSR1);
	assert_int_equal(sigwait(&usr1, &signal), 0);
	assert_int_equal(signal, SIGUSR1);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close_stream(&stream);
}

static void test_what_waits_is_released(void **state)
{
	struct stream stream;

	(void)state;
	open_stream(&stream, INTAKE_MIN);
	write_lines(&stream, 0, 3000);
	close_stream(&stream);
	intake_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_comes_in_order),
		cmocka_unit_test(test_the_end_is_told_with_what_came_before),
		cmocka_unit_test(test_a_full_queue_drops_whole_lines),
		cmocka_unit_test(test_over_and_over),
		cmocka_unit_test(test_nothing_of_a_pipe_is_dropped),
		cmocka_unit_test(test_who_waits_is_stopped),
		cmocka_unit_test(test_signals_are_for_the_main_thread),
		cmocka_unit_test(test_what_waits_is_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
