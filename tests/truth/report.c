/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "truth.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE 8192

/* A report on the way; on the stack, because a vfork's child has its parent's memory. */
struct message {
	char text[MESSAGE];
	size_t length;
};

static void add(struct message *message, const char *text)
{
	size_t length = strlen(text);

	if (message->length + length >= sizeof(message->text))
		abort();
	memcpy(message->text + message->length, text, length + 1);
	message->length += length;
}

static void add_string(struct message *message, const char *text)
{
	char escaped[3] = "\\";

	if (!text) {
		add(message, "null");
		return;
	}
	add(message, "\"");
	for (; *text; text++) {
		escaped[1] = *text;
		add(message, *text == '"' || *text == '\\' ? escaped : escaped + 1);
	}
	add(message, "\"");
}

static void add_member(struct message *message, const char *name, const char *value)
{
	add(message, ",\"");
	add(message, name);
	add(message, "\":");
	add_string(message, value);
}

static void send_message(const struct actor *actor, const struct message *message)
{
	if (send(actor->socket, message->text, message->length, 0) < 0)
		abort();
}

static void make_id(char id[TRUTH_ID])
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		abort();
	snprintf(id, TRUTH_ID, "%016" PRIx64, random);
}

void report_tag(const struct actor *actor, const char *way, char tag[TRUTH_TAG])
{
	char id[TRUTH_ID];

	make_id(id);
	snprintf(tag, TRUTH_TAG, "t:%s%s:%s", actor->phase, way, id);
}

void report_creation(const struct actor *actor, char id[TRUTH_ID])
{
	struct message message = { .length = 0 };

	make_id(id);
	add(&message, "\"type\":\"creation\"");
	add_member(&message, "id", id);
	add_member(&message, "image", actor->tag);
	send_message(actor, &message);
}

void report_exec(const struct actor *actor, const struct start *start)
{
	struct message message = { .length = 0 };
	char number[32];

	add(&message, "\"type\":\"exec\"");
	add_member(&message, "tag", start->tag);
	add_member(&message, "way", start->way);
	add_member(&message, "created", start->created);
	add_member(&message, "by", start->by);
	add_member(&message, "exe", start->exe);
	add_member(&message, "previous", start->previous);
	add_member(&message, "script", start->script);
	snprintf(number, sizeof(number), ",\"adopter\":%d", (int)start->adopter);
	add(&message, number);
	add(&message, ",\"args\":[");
	for (size_t i = 0; start->argv[i]; i++) {
		add(&message, i ? "," : "");
		add_string(&message, start->argv[i]);
	}
	add(&message, "]");
	send_message(actor, &message);
}

void report_and_run(const struct actor *actor, const struct start *start)
{
	report_exec(actor, start);
	execv(start->exe, (char *const *)start->argv);
	_exit(127);
}

void report_leaf(const struct actor *actor, const char *way, const char *created, pid_t adopter,
		 unsigned int ms)
{
	char tag[TRUTH_TAG], time[16];
	const char *const argv[] = { actor->path, "leaf", tag, time, NULL };
	struct start start = { .way = way,
			       .tag = tag,
			       .created = created,
			       .exe = actor->path,
			       .adopter = adopter,
			       .argv = argv };

	report_tag(actor, way, tag);
	snprintf(time, sizeof(time), "%u", ms);
	report_and_run(actor, &start);
}
