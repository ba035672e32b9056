/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/complain.h"
#include "base/memory.h"
#include "process/document.h"
#include "status/advice.h"
#include "status/figures.h"
#include "status/kernel.h"
#include "status/running.h"
#include "status/status.h"
#include "status/text.h"

#define STATUS_NONE_RUNS  1
#define STATUS_UNREADABLE 2

static const struct figure as_time = { .kind = FIGURE_GAUGE, .unit = UNIT_TIME };

/* A plugin that was killed has not said so: it ended after it had written last. */
static void complain_of_end(struct json_object *document)
{
	struct json_object *ended = document_get(document, "plugin.ended");
	struct json_object *written = document_get(document, "plugin.written");
	UT_string text;

	utstring_init(&text);
	figure_print(&text, &as_time, ended ? ended : written);
	complain("no plugin runs: the last one, pid %lld, %s %s",
		(long long)json_object_get_int64(document_get(document, "plugin.pid")),
		ended ? "ended at" : "was killed after", utstring_body(&text));
	utstring_done(&text);
}

void running_complain(const char *state_dir, int error, const struct running *running)
{
	if (error == -ENOENT)
		complain("no plugin has run, or it can't write: %s/" STATUS_FILE " is not there", state_dir);
	else if (error == -EBADMSG)
		complain("%s/" STATUS_FILE " is no status", state_dir);
	else if (error)
		complain("%s: the plugin can't be asked: %s%s", state_dir,
			strerror(-error),
			error == -EACCES || error == -EPERM ? "; that is for root" : "");
	else if (!running->alive)
		complain_of_end(running->document);
	else if (!running->fresh)
		complain("the plugin did not answer within %d ms: these are its last figures",
			RUNNING_WAIT_MS);
}

static void print_json(struct json_object *document)
{
	UT_string text;

	utstring_init(&text);
	document_print(document, DOCUMENT_NO_LIMIT, &text);
	puts(utstring_body(&text));
	utstring_done(&text);
}

static void add_kernel(struct json_object *document)
{
	struct kernel_figures figures;
	int error = kernel_read(&figures, KERNEL_ANY_USER);

	if (error)
		complain("the kernel's figures can't be had: %s%s", strerror(-error),
			error == -EPERM ? "; they are for root (CAP_AUDIT_CONTROL)" : "");
	else
		json_object_object_add(document, figure_set(FIGURES_KERNEL)->member,
				       figures_document(FIGURES_KERNEL, &figures));
}

static void print_advice(struct json_object *advice)
{
	if (!json_object_array_length(advice))
		return;
	printf("look at this\n");
	for (size_t i = 0; i < json_object_array_length(advice); i++) {
		UT_string line;

		utstring_init(&line);
		figure_print(&line, &(struct figure){ .kind = FIGURE_TEXT },
			     json_object_array_get_idx(advice, i));
		printf("  %s\n", utstring_body(&line));
		utstring_done(&line);
	}
}

int status_command(const struct config *config, bool text)
{
	struct json_object *advice;
	struct running running;
	int error = running_ask(config->state_dir, &running);
	int status = STATUS_UNREADABLE;

	running_complain(config->state_dir, error, &running);
	if (error)
		return status;
	add_kernel(running.document);
	advice = advise(running.document);
	json_object_object_add(running.document, "running", json_object_new_boolean(running.alive));
	json_object_object_add(running.document, "look_at", advice);
	if (text) {
		print_advice(advice);
		status_print(stdout, running.document);
	} else {
		print_json(running.document);
	}
	status = running.alive ? 0 : STATUS_NONE_RUNS;
	running_clear(&running);
	return status;
}

int rare_command(const struct config *config, bool text)
{
	struct json_object *rare;
	struct running running;
	int error = running_ask(config->state_dir, &running);

	running_complain(config->state_dir, error, &running);
	if (error)
		return STATUS_UNREADABLE;
	rare = running.alive ? running_read(config->state_dir, STATUS_RARE) : NULL;
	if (running.alive && (!rare || !json_object_is_type(document_get(rare, "groups"), json_type_array))) {
		complain("%s/" STATUS_RARE " can't be read", config->state_dir);
		running.alive = false;
		error = STATUS_UNREADABLE;
	}
	if (running.alive && text)
		rare_print(stdout, rare);
	else if (running.alive)
		print_json(rare);
	else if (!error)
		error = STATUS_NONE_RUNS;
	json_object_put(rare);
	running_clear(&running);
	return error;
}
