/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include <poll.h>
#include <regex.h>
#include <syslog.h>
#include <time.h>

#include "alert/syslog.h"

#define PRIORITY (LOG_AUTHPRIV | LOG_WARNING)

static int listen_at(struct folder *folder, const char *name)
{
	return bind_socket(folder, name, SOCK_DGRAM);
}

/* Takes the next message and returns its text behind the header, NULL if there is none. */
static char *receive(int fd)
{
	static char message[65536];
	ssize_t length = recv(fd, message, sizeof(message) - 1, 0);
	char *text;

	if (length < 0) {
		assert_int_equal(errno, EAGAIN);
		return NULL;
	}
	message[length] = '\0';
	text = strstr(message, "]: ");
	assert_non_null(text);
	return text + strlen("]: ");
}

static void assert_received(int fd, const char *text)
{
	const char *received = receive(fd);

	assert_non_null(received);
	assert_string_equal(received, text);
}

static void assert_nothing_received(int fd)
{
	assert_null(receive(fd));
}

static void say(struct syslog_sink *sink, const char *text, int64_t now)
{
	syslog_send(sink, PRIORITY, span_of(text), now);
}

static void test_a_message_has_the_header_of_syslog(void **state)
{
	struct syslog_sink *sink;
	char message[256], pattern[128];
	ssize_t length;
	regex_t regex;
	int fd = listen_at(*state, "log");

	sink = syslog_new(folder_file(*state, "log"));
	say(sink, "the text <1> %s", 0);
	length = recv(fd, message, sizeof(message) - 1, 0);
	assert_true(length > 0);
	message[length] = '\0';
	snprintf(pattern, sizeof(pattern),
		 "^<%d>[A-Z][a-z]{2} [ 123][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} auspawn\\[%d\\]: "
		 "the text <1> %%s$",
		 PRIORITY, (int)getpid());
	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	assert_int_equal(regexec(&regex, message, 0, NULL, 0), 0);
	regfree(&regex);
	assert_true((size_t)length - strlen("the text <1> %s") < SYSLOG_MAX_HEADER);
	syslog_free(sink);
	close(fd);
}

static void test_the_header_says_when_the_message_was_made(void **state)
{
	struct syslog_sink *sink;
	char before[32], after[32], message[256] = "";
	time_t now = time(NULL);
	int fd = listen_at(*state, "log");

	sink = syslog_new(folder_file(*state, "log"));
	strftime(before, sizeof(before), "%b %e %H:%M:%S", localtime(&now));
	say(sink, "x", 0);
	now = time(NULL);
	strftime(after, sizeof(after), "%b %e %H:%M:%S", localtime(&now));
	assert_true(recv(fd, message, sizeof(message) - 1, 0) > 0);
	assert_true(strstr(message, before) || strstr(message, after));
	syslog_free(sink);
	close(fd);
}

static void test_the_priority_is_facility_and_severity(void **state)
{
	static const struct {
		int priority;
		const char *header;
	} rows[] = {
		{ LOG_AUTHPRIV | LOG_NOTICE, "<85>" }, { LOG_AUTHPRIV | LOG_CRIT, "<82>" },
		{ LOG_DAEMON | LOG_INFO, "<30>" },     { LOG_LOCAL7 | LOG_DEBUG, "<191>" },
		{ LOG_USER | LOG_ERR, "<11>" },
	};
	struct syslog_sink *sink;
	int fd = listen_at(*state, "log");

	sink = syslog_new(folder_file(*state, "log"));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char message[256] = "";

		syslog_send(sink, rows[i].priority, span_of("x"), 0);
		assert_true(recv(fd, message, sizeof(message) - 1, 0) > 0);
		assert_memory_equal(message, rows[i].header, strlen(rows[i].header));
	}
	syslog_free(sink);
	close(fd);
}

static void test_a_message_is_sent_byte_for_byte(void **state)
{
	struct syslog_sink *sink;
	char message[256];
	ssize_t length;
	int fd = listen_at(*state, "log");

	sink = syslog_new(folder_file(*state, "log"));
	syslog_send(sink, PRIORITY, (struct span){ "a\0\xff" "b", 4 }, 0);
	length = recv(fd, message, sizeof(message), 0);
	assert_true(length > 4);
	assert_memory_equal(message + length - 4, "a\0\xff" "b", 4);
	syslog_send(sink, PRIORITY, (struct span){ "", 0 }, 0);
	assert_received(fd, "");
	assert_int_equal(syslog_stats(sink)->sent, 2);
	syslog_free(sink);
	close(fd);
}

static void test_a_sink_at_rest_waits_for_nothing(void **state)
{
	struct syslog_sink *sink;
	int fd = listen_at(*state, "log");

	sink = syslog_new(folder_file(*state, "log"));
	assert_int_equal(syslog_fd(sink), -1);
	assert_int_equal(syslog_deadline(sink), -1);
	say(sink, "x", 0);
	assert_int_equal(syslog_fd(sink), -1);
	assert_int_equal(syslog_deadline(sink), -1);
	assert_int_equal(syslog_stats(sink)->sent, 1);
	assert_int_equal(syslog_stats(sink)->dropped, 0);
	syslog_free(sink);
	close(fd);
}

static void test_messages_wait_in_order_for_an_absent_socket(void **state)
{
	struct syslog_sink *sink = syslog_new(folder_file(*state, "log"));
	int fd;

	say(sink, "one", 1000);
	say(sink, "two", 1001);
	say(sink, "three", 1002);
	assert_int_equal(syslog_stats(sink)->sent, 0);
	fd = listen_at(*state, "log");
	syslog_flush(sink, syslog_deadline(sink));
	assert_received(fd, "one");
	assert_received(fd, "two");
	assert_received(fd, "three");
	assert_nothing_received(fd);
	assert_int_equal(syslog_stats(sink)->sent, 3);
	assert_int_equal(syslog_stats(sink)->dropped, 0);
	assert_int_equal(syslog_deadline(sink), -1);
	syslog_free(sink);
	close(fd);
}

static void test_an_absent_socket_is_tried_again_after_a_while_only(void **state)
{
	struct syslog_sink *sink = syslog_new(folder_file(*state, "log"));
	int fd;

	say(sink, "x", 1000);
	assert_int_equal(syslog_deadline(sink), 1000 + SYSLOG_RETRY_MS);
	assert_int_equal(syslog_fd(sink), -1);
	fd = listen_at(*state, "log");
	syslog_flush(sink, 1000 + SYSLOG_RETRY_MS - 1);
	assert_nothing_received(fd);
	assert_int_equal(syslog_deadline(sink), 1000 + SYSLOG_RETRY_MS);
	syslog_flush(sink, 1000 + SYSLOG_RETRY_MS);
	assert_received(fd, "x");
	syslog_free(sink);
	close(fd);
}

static void test_what_is_offered_is_taken_or_refused(void **state)
{
	struct syslog_sink *sink = syslog_new(folder_file(*state, "log"));
	struct span huge = { mem_zalloc(4u << 20), 4u << 20 };
	char message[256] = "", stamp[32];
	time_t made = 86400 * 200;
	int fd;

	assert_int_equal(syslog_offer(sink, PRIORITY, made, span_of("one"), 1000), -ENOENT);
	assert_int_equal(syslog_deadline(sink), 1000 + SYSLOG_RETRY_MS);
	assert_int_equal(syslog_waiting(sink), 0);
	/* Nobody may want it sent any more. */
	syslog_flush(sink, 1000 + SYSLOG_RETRY_MS);
	assert_int_equal(syslog_deadline(sink), -1);
	fd = listen_at(*state, "log");
	assert_int_equal(syslog_offer(sink, PRIORITY, made, span_of("one"), 5000), 0);
	assert_true(recv(fd, message, sizeof(message) - 1, 0) > 0);
	strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", localtime(&made));
	assert_non_null(strstr(message, stamp));
	assert_string_equal(message + strlen(message) - strlen("]: one"), "]: one");
	assert_int_equal(syslog_offer(sink, PRIORITY, made, huge, 5000), -EMSGSIZE);
	assert_int_equal(syslog_deadline(sink), -1);
	assert_int_equal(syslog_offer(sink, PRIORITY, made, span_of("two"), 5000), 0);
	assert_received(fd, "two");
	free((void *)huge.start);
	syslog_free(sink);
	close(fd);
}

static void test_what_is_offered_goes_behind_what_waits(void **state)
{
	struct syslog_sink *sink = syslog_new(folder_file(*state, "log"));
	int fd;

	say(sink, "old", 1000);
	assert_int_equal(syslog_offer(sink, PRIORITY, 0, span_of("new"), 1000), -EAGAIN);
	fd = listen_at(*state, "log");
	assert_int_equal(syslog_offer(sink, PRIORITY, 0, span_of("new"), 5000), 0);
	assert_received(fd, "old");
	assert_received(fd, "new");
	syslog_free(sink);
	close(fd);
}

/* What waits goes first, although the socket would take the new one at once. */
static void test_a_new_message_does_not_overtake_those_that_wait(void **state)
{
	struct syslog_sink *sink = syslog_new(folder_file(*state, "log"));
	int fd;

	say(sink, "old", 1000);
	fd = listen_at(*state, "log");
	say(sink, "new", 5000);
	syslog_flush(sink, 5000);
	assert_received(fd, "old");
	assert_received(fd, "new");
	syslog_free(sink);
	close(fd);
}

#define NUMBERED 2000 /* bytes of a message by fill() */

static void send_numbered(struct syslog_sink *sink, unsigned int number)
{
	char text[NUMBERED + 1];

	snprintf(text, sizeof(text), "%0*u", NUMBERED, number);
	say(sink, text, 0);
}

/* Sends numbered messages, from 0 on, until the receiver takes no more; returns how many were sent. */
static unsigned int fill(struct syslog_sink *sink)
{
	unsigned int count = 0;

	while (syslog_fd(sink) < 0) {
		assert_true(count < 10000);
		send_numbered(sink, count++);
	}
	return count;
}

static bool writable(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };

	return poll(&poller, 1, 0) > 0;
}

static void test_messages_wait_for_a_full_receiver(void **state)
{
	struct syslog_sink *sink;
	unsigned int sent, received = 0;
	const char *text;
	int fd = listen_at(*state, "log");

	sink = syslog_new(folder_file(*state, "log"));
	sent = fill(sink);
	send_numbered(sink, sent++);
	send_numbered(sink, sent++);
	/* The event loop sleeps until there is room. */
	assert_int_equal(syslog_deadline(sink), -1);
	assert_false(writable(syslog_fd(sink)));
	assert_int_equal(syslog_stats(sink)->sent, sent - 3);

	for (;;) {
		while ((text = receive(fd)))
			assert_int_equal(strtoul(text, NULL, 10), received++);
		if (syslog_fd(sink) < 0)
			break;
		assert_true(writable(syslog_fd(sink)));
		syslog_flush(sink, 0);
	}
	assert_int_equal(received, sent);
	assert_int_equal(syslog_stats(sink)->sent, sent);
	assert_int_equal(syslog_stats(sink)->dropped, 0);
	assert_int_equal(syslog_deadline(sink), -1);
	syslog_free(sink);
	close(fd);
}

static void test_flushing_to_a_full_receiver_changes_nothing(void **state)
{
	struct syslog_sink *sink;
	int fd = listen_at(*state, "log");
	uint64_t sent;

	sink = syslog_new(folder_file(*state, "log"));
	fill(sink);
	sent = syslog_stats(sink)->sent;
	for (int64_t now = 0; now < 10000; now += 100) {
		syslog_flush(sink, now);
		assert_true(syslog_fd(sink) >= 0);
		assert_int_equal(syslog_deadline(sink), -1);
	}
	assert_int_equal(syslog_stats(sink)->sent, sent);
	syslog_free(sink);
	close(fd);
}

static void test_a_receiver_that_is_replaced_misses_nothing(void **state)
{
	struct syslog_sink *sink;
	int fd = listen_at(*state, "log");

	sink = syslog_new(folder_file(*state, "log"));
	say(sink, "one", 0);
	assert_received(fd, "one");
	close(fd);
	assert_int_equal(unlink(folder_file(*state, "log")), 0);
	fd = listen_at(*state, "log");
	say(sink, "two", 0);
	assert_received(fd, "two");
	assert_int_equal(syslog_stats(sink)->sent, 2);
	assert_int_equal(syslog_stats(sink)->dropped, 0);
	syslog_free(sink);
	close(fd);
}

static void test_a_receiver_that_comes_back_later_misses_nothing(void **state)
{
	struct syslog_sink *sink;
	int fd = listen_at(*state, "log");

	sink = syslog_new(folder_file(*state, "log"));
	say(sink, "one", 0);
	assert_received(fd, "one");
	close(fd);
	/* The path is still there, and nobody behind it. */
	say(sink, "two", 5000);
	assert_true(syslog_deadline(sink) > 5000);
	assert_int_equal(unlink(folder_file(*state, "log")), 0);
	say(sink, "three", 5001);
	fd = listen_at(*state, "log");
	syslog_flush(sink, syslog_deadline(sink));
	assert_received(fd, "two");
	assert_received(fd, "three");
	syslog_free(sink);
	close(fd);
}

static void test_a_full_receiver_that_goes_away_is_noticed(void **state)
{
	struct syslog_sink *sink;
	unsigned int sent;
	uint64_t lost;
	const char *text;
	int fd = listen_at(*state, "log");

	sink = syslog_new(folder_file(*state, "log"));
	sent = fill(sink);
	lost = syslog_stats(sink)->sent; /* taken by the old one, which never read them */
	close(fd);
	assert_int_equal(unlink(folder_file(*state, "log")), 0);
	assert_true(writable(syslog_fd(sink)));
	fd = listen_at(*state, "log");
	syslog_flush(sink, 0);
	text = receive(fd);
	assert_non_null(text);
	assert_int_equal(strtoul(text, NULL, 10), lost);
	assert_int_equal(lost + 1, sent);
	syslog_free(sink);
	close(fd);
}

/* As an event loop would: wait for the deadline, flush, and again. */
static void assert_no_busy_loop(struct syslog_sink *sink)
{
	int64_t now = 1000;
	int flushes = 0;

	say(sink, "x", now);
	while (now < 11000) {
		int64_t deadline = syslog_deadline(sink);

		assert_int_equal(syslog_fd(sink), -1);
		assert_true(deadline > now);
		now = deadline;
		syslog_flush(sink, now);
		flushes++;
	}
	assert_true(flushes <= 10000 / SYSLOG_RETRY_MS);
	assert_int_equal(syslog_stats(sink)->sent, 0);
}

static void test_a_socket_that_never_comes_makes_no_busy_loop(void **state)
{
	struct syslog_sink *sink = syslog_new(folder_file(*state, "none/log"));

	assert_no_busy_loop(sink);
	syslog_free(sink);
}

static void test_a_path_that_is_no_datagram_socket_makes_no_busy_loop(void **state)
{
	struct syslog_sink *sink;
	int fd;

	write_text(folder_file(*state, "file"), "");
	sink = syslog_new(folder_file(*state, "file"));
	assert_no_busy_loop(sink);
	syslog_free(sink);

	sink = syslog_new(((struct folder *)*state)->path);
	assert_no_busy_loop(sink);
	syslog_free(sink);

	fd = bind_socket(*state, "stream", SOCK_STREAM);
	assert_int_equal(listen(fd, 1), 0);
	sink = syslog_new(folder_file(*state, "stream"));
	assert_no_busy_loop(sink);
	syslog_free(sink);
	close(fd);
}

static void test_a_path_too_long_for_a_socket_makes_no_busy_loop(void **state)
{
	char path[300];
	struct syslog_sink *sink;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	sink = syslog_new(path);
	assert_no_busy_loop(sink);
	syslog_free(sink);
}

static void test_an_abandoned_socket_makes_no_busy_loop(void **state)
{
	struct syslog_sink *sink;

	close(listen_at(*state, "log"));
	sink = syslog_new(folder_file(*state, "log"));
	assert_no_busy_loop(sink);
	syslog_free(sink);
}

/* The queue is bounded in bytes: what is oldest is lost, and counted. */
static void test_the_oldest_is_dropped_when_too_much_waits(void **state)
{
	enum { MESSAGES = 2 * SYSLOG_MAX_QUEUE / NUMBERED };
	struct syslog_sink *sink = syslog_new(folder_file(*state, "log"));
	uint64_t dropped, next;
	const char *text;
	int fd;

	for (unsigned int i = 0; i < MESSAGES; i++)
		send_numbered(sink, i);
	dropped = syslog_stats(sink)->dropped;
	assert_int_equal(syslog_waiting(sink), MESSAGES - dropped);
	/* About half of them; headers and what a queue costs take their share. */
	assert_in_range(dropped, MESSAGES / 2, MESSAGES * 3 / 4);

	fd = listen_at(*state, "log");
	syslog_flush(sink, SYSLOG_RETRY_MS);
	for (next = dropped; (text = receive(fd)); syslog_flush(sink, SYSLOG_RETRY_MS))
		assert_int_equal(strtoul(text, NULL, 10), next++);
	assert_int_equal(next, MESSAGES);
	assert_int_equal(syslog_waiting(sink), 0);
	assert_int_equal(syslog_stats(sink)->dropped, dropped);
	assert_int_equal(syslog_stats(sink)->sent + dropped, MESSAGES);
	syslog_free(sink);
	close(fd);
}

static void test_one_message_larger_than_the_queue_pushes_out_the_others(void **state)
{
	struct syslog_sink *sink = syslog_new(folder_file(*state, "log"));
	char *text = mem_resize(NULL, SYSLOG_MAX_QUEUE + 1, 1);

	memset(text, 'x', SYSLOG_MAX_QUEUE + 1);
	say(sink, "small", 0);
	syslog_send(sink, PRIORITY, (struct span){ text, SYSLOG_MAX_QUEUE + 1 }, 0);
	assert_int_equal(syslog_stats(sink)->dropped, 1);
	say(sink, "small", 0);
	assert_int_equal(syslog_stats(sink)->dropped, 2);
	free(text);
	syslog_free(sink);
}

static void test_a_message_that_no_socket_takes_does_not_block_the_next(void **state)
{
	struct syslog_sink *sink;
	size_t length = 7u << 20;
	char *text = mem_resize(NULL, length, 1);
	int fd = listen_at(*state, "log");

	memset(text, 'x', length);
	sink = syslog_new(folder_file(*state, "log"));
	syslog_send(sink, PRIORITY, (struct span){ text, length }, 0);
	free(text);
	if (syslog_stats(sink)->sent || syslog_fd(sink) >= 0) {
		/* The administrator allows datagrams of that size. */
		syslog_free(sink);
		close(fd);
		skip();
	}
	assert_int_equal(syslog_stats(sink)->dropped, 1);
	say(sink, "next", 0);
	assert_received(fd, "next");
	syslog_free(sink);
	close(fd);
}

static void test_what_waits_moves_to_another_socket(void **state)
{
	struct syslog_sink *sink = syslog_new(folder_file(*state, "none"));
	int fd = listen_at(*state, "log");

	say(sink, "one", 1000);
	syslog_move(sink, folder_file(*state, "log"));
	assert_true(syslog_deadline(sink) <= 1000);
	syslog_flush(sink, 1001);
	assert_received(fd, "one");
	say(sink, "two", 1002);
	assert_received(fd, "two");
	syslog_free(sink);
	close(fd);
}

static void test_moving_leaves_a_full_receiver_behind(void **state)
{
	struct syslog_sink *sink;
	int full = listen_at(*state, "full"), fd = listen_at(*state, "log");
	const char *text;
	unsigned int sent;

	sink = syslog_new(folder_file(*state, "full"));
	sent = fill(sink);
	syslog_move(sink, folder_file(*state, "log"));
	assert_int_equal(syslog_fd(sink), -1);
	syslog_flush(sink, 0);
	text = receive(fd);
	assert_non_null(text);
	assert_int_equal(strtoul(text, NULL, 10), sent - 1);
	syslog_free(sink);
	close(full);
	close(fd);
}

static void test_moving_to_the_same_socket_changes_nothing(void **state)
{
	struct syslog_sink *sink = syslog_new(folder_file(*state, "none"));

	say(sink, "one", 1000);
	syslog_move(sink, folder_file(*state, "none"));
	assert_int_equal(syslog_deadline(sink), 1000 + SYSLOG_RETRY_MS);
	syslog_free(sink);
}

static void test_facilities_have_names(void **state)
{
	static const struct {
		const char *name;
		int facility;
	} rows[] = {
		{ "auth", LOG_AUTH },	  { "authpriv", LOG_AUTHPRIV }, { "daemon", LOG_DAEMON },
		{ "user", LOG_USER },	  { "local0", LOG_LOCAL0 },	{ "local1", LOG_LOCAL1 },
		{ "local2", LOG_LOCAL2 }, { "local3", LOG_LOCAL3 },	{ "local4", LOG_LOCAL4 },
		{ "local5", LOG_LOCAL5 }, { "local6", LOG_LOCAL6 },	{ "local7", LOG_LOCAL7 },
	};
	static const char *const unknown[] = { "", "AUTH", "kern", "local8", "local", "10" };
	int facility = -1;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(syslog_facility_named(rows[i].name, &facility));
		assert_int_equal(facility, rows[i].facility);
	}
	for (size_t i = 0; i < COUNT_OF(unknown); i++)
		assert_false(syslog_facility_named(unknown[i], &facility));
}

static void test_nothing_is_a_sink_to_free(void **state)
{
	(void)state;
	syslog_free(NULL);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_a_message_has_the_header_of_syslog),
		IN_FOLDER(test_the_header_says_when_the_message_was_made),
		IN_FOLDER(test_the_priority_is_facility_and_severity),
		IN_FOLDER(test_a_message_is_sent_byte_for_byte),
		IN_FOLDER(test_a_sink_at_rest_waits_for_nothing),
		IN_FOLDER(test_messages_wait_in_order_for_an_absent_socket),
		IN_FOLDER(test_an_absent_socket_is_tried_again_after_a_while_only),
		IN_FOLDER(test_what_is_offered_is_taken_or_refused),
		IN_FOLDER(test_what_is_offered_goes_behind_what_waits),
		IN_FOLDER(test_a_new_message_does_not_overtake_those_that_wait),
		IN_FOLDER(test_messages_wait_for_a_full_receiver),
		IN_FOLDER(test_flushing_to_a_full_receiver_changes_nothing),
		IN_FOLDER(test_a_receiver_that_is_replaced_misses_nothing),
		IN_FOLDER(test_a_receiver_that_comes_back_later_misses_nothing),
		IN_FOLDER(test_a_full_receiver_that_goes_away_is_noticed),
		IN_FOLDER(test_a_socket_that_never_comes_makes_no_busy_loop),
		IN_FOLDER(test_a_path_that_is_no_datagram_socket_makes_no_busy_loop),
		cmocka_unit_test(test_a_path_too_long_for_a_socket_makes_no_busy_loop),
		IN_FOLDER(test_an_abandoned_socket_makes_no_busy_loop),
		IN_FOLDER(test_the_oldest_is_dropped_when_too_much_waits),
		IN_FOLDER(test_one_message_larger_than_the_queue_pushes_out_the_others),
		IN_FOLDER(test_a_message_that_no_socket_takes_does_not_block_the_next),
		IN_FOLDER(test_what_waits_moves_to_another_socket),
		IN_FOLDER(test_moving_leaves_a_full_receiver_behind),
		IN_FOLDER(test_moving_to_the_same_socket_changes_nothing),
		cmocka_unit_test(test_facilities_have_names),
		cmocka_unit_test(test_nothing_is_a_sink_to_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
