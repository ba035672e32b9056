/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privilege/names.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "privilege/names_helper.h"

#define MAX_CREDIT_US (NAMES_MAX_WAIT_MS * 1000)
#define CREDIT_SHARE  10 /* one part of so many of the time can be spent waiting */

/* Tickets are consecutive and answers come in their order: those from `oldest` to before `next` are
 * to come. */
struct channel {
	int socket;
	uint64_t oldest, next;
	int64_t moved; /* when an answer came last, or the first of the questions was asked, us */
};

struct names {
	struct channel channel[NAMES_OF];
	int64_t give_up_us; /* a question that is as old has no answer: its worker was replaced */
	int64_t credit_us;  /* how long may be waited */
	int64_t credited;   /* up to when it was earned, us */
	bool lost;
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- life --- */

static bool make_sockets(int ours[NAMES_OF], int theirs[NAMES_OF])
{
	for (int i = 0; i < NAMES_OF; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
			return false;
		ours[i] = pair[0];
		theirs[i] = pair[1];
	}
	return true;
}

static void close_all(const int sockets[NAMES_OF])
{
	for (int i = 0; i < NAMES_OF; i++) {
		if (sockets[i] >= 0)
			close(sockets[i]);
	}
}

struct names *names_start(const struct account *account, unsigned int patience_s)
{
	int ours[NAMES_OF] = { -1, -1 }, theirs[NAMES_OF] = { -1, -1 };
	pid_t plugin = getpid();
	struct names *names;
	pid_t pid = -1;

	if (make_sockets(ours, theirs))
		pid = fork();
	if (!pid) {
		const struct names_helper helper = {
			{ theirs[0], theirs[1] }, patience_s, account, plugin
		};

		names_helper_run(&helper);
	}
	close_all(theirs);
	if (pid < 0) {
		close_all(ours);
		return NULL;
	}
	names = mem_zalloc(sizeof(*names));
	for (int i = 0; i < NAMES_OF; i++)
		names->channel[i] = (struct channel){ .socket = ours[i], .oldest = 1, .next = 1 };
	/* It may have to be killed and replaced before the next question is looked at. */
	names->give_up_us = (int64_t)(patience_s + 1) * 1000000;
	names->credit_us = MAX_CREDIT_US;
	names->credited = now_us();
	return names;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	for (int i = 0; i < NAMES_OF; i++)
		close(names->channel[i].socket);
	free(names);
}

bool names_lost(const struct names *names)
{
	return names->lost;
}

/* --- questions --- */

static uint64_t public_ticket(enum names_of of, uint64_t ticket)
{
	return ticket * NAMES_OF + of;
}

/* Takes what has come, without waiting. Returns whether there was an answer to a question that was
 * asked. */
static bool receive(struct names *names, struct channel *channel, struct names_reply *reply)
{
	ssize_t length = recv(channel->socket, reply, sizeof(*reply), MSG_DONTWAIT);

	if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR))
		names->lost = true;
	if (length != sizeof(*reply) || reply->ticket < channel->oldest ||
	    reply->ticket >= channel->next || reply->answer > USERS_LATER ||
	    !memchr(reply->name, '\0', sizeof(reply->name)))
		return false;
	/* Any question before this one was some killed worker's. */
	channel->oldest = reply->ticket + 1;
	channel->moved = now_us();
	return true;
}

/* Returns the question's ticket, 0 if it can't be asked. */
static uint64_t send_question(struct names *names, struct channel *channel,
			      const struct users_question *question)
{
	struct names_request request;

	memset(&request, 0, sizeof(request));
	request.ticket = channel->next;
	request.ticks = question->ticks;
	request.pid = question->pid;
	request.id = question->id;
	request.is_group = question->is_group;
	if (send(channel->socket, &request, sizeof(request), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		names->lost = names->lost || (errno != EAGAIN && errno != EINTR);
		return 0;
	}
	return channel->next++;
}

static void earn_credit(struct names *names, int64_t now)
{
	names->credit_us += (now - names->credited) / CREDIT_SHARE;
	if (names->credit_us > MAX_CREDIT_US)
		names->credit_us = MAX_CREDIT_US;
	names->credited = now;
}

/* Waits for the answer to the only question that is open, as long as there is credit. */
static bool await(struct names *names, struct channel *channel, struct names_reply *reply)
{
	struct pollfd ready = { .fd = channel->socket, .events = POLLIN };
	int64_t began = now_us(), now = began;
	bool found = false;

	earn_credit(names, began);
	while (!found && !names->lost) {
		int64_t left = names->credit_us - (now - began);

		if (left <= 0 || poll(&ready, 1, (int)((left + 999) / 1000)) == 0)
			break;
		found = receive(names, channel, reply);
		now = now_us();
	}
	now = now_us();
	names->credit_us -= now - began;
	names->credited = now;
	return found;
}

static enum users_answer answer_of(const struct names_reply *reply, char name[USERS_MAX_NAME])
{
	memcpy(name, reply->name, USERS_MAX_NAME);
	return reply->answer;
}

static enum users_answer ask(void *from, const struct users_question *question, uint64_t *ticket,
			     char name[USERS_MAX_NAME])
{
	enum names_of of = question->pid ? NAMES_OF_CONTAINERS : NAMES_OF_MACHINE;
	struct names *names = from;
	struct channel *channel = &names->channel[of];
	struct names_reply reply;
	int64_t now = now_us();
	uint64_t asked;
	bool busy;

	*ticket = 0;
	if (channel->oldest != channel->next && now - channel->moved > names->give_up_us)
		channel->oldest = channel->next;
	busy = channel->oldest != channel->next;
	if (names->lost || channel->next - channel->oldest >= NAMES_MAX_PENDING)
		return USERS_LATER;
	asked = send_question(names, channel, question);
	if (!asked)
		return USERS_LATER;
	if (!busy)
		channel->moved = now;
	/* With one question open this one is not looked at yet. */
	if (!busy && await(names, channel, &reply))
		return answer_of(&reply, name);
	*ticket = public_ticket(of, asked);
	return USERS_LATER;
}

static uint64_t take(void *from, enum users_answer *answer, char name[USERS_MAX_NAME])
{
	struct names *names = from;
	struct names_reply reply;

	for (int i = 0; i < NAMES_OF; i++) {
		struct channel *channel = &names->channel[i];

		if (channel->oldest == channel->next || !receive(names, channel, &reply))
			continue;
		*answer = answer_of(&reply, name);
		return public_ticket(i, reply.ticket);
	}
	return 0;
}

struct users_source names_source(struct names *names)
{
	if (!names)
		return (struct users_source){ 0 };
	return (struct users_source){ ask, take, names };
}
