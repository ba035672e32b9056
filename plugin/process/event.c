/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/event.h"

#include <stdlib.h>

#include "base/memory.h"

#define IDENTITIES 7

/* The strings of an image, as one list, so that measuring and copying cannot disagree. */
#define IMAGE_STRINGS (6 + IDENTITIES)

static void list_strings(struct image *image, const char **strings[IMAGE_STRINGS])
{
	struct credentials *credentials = &image->credentials;
	struct identity *identities[IDENTITIES] = {
		&credentials->user,       &credentials->real_user,   &credentials->saved_user,
		&credentials->group,      &credentials->real_group,  &credentials->saved_group,
		&credentials->login_user,
	};
	size_t n = 0;

	strings[n++] = &image->executable;
	strings[n++] = &image->comm;
	strings[n++] = &image->working_directory;
	strings[n++] = &image->script;
	strings[n++] = &image->container_id;
	strings[n++] = &image->container_runtime;
	for (size_t i = 0; i < IDENTITIES; i++)
		strings[n++] = &identities[i]->name;
}

size_t image_args_size(const struct image *image)
{
	return image->args.text_length + image->args.known * sizeof(struct arg);
}

/* Leaves out the arguments that do not fit in `max` bytes. */
static void cut_args(struct args *args, size_t max)
{
	uint32_t end = 0;
	uint32_t known = 0;

	while (known < args->known) {
		const struct arg *arg = &args->arg[known];
		uint32_t arg_end = arg->length == ARG_MISSING ? end : arg->start + arg->length;

		if (arg_end + (known + 1) * sizeof(*arg) > max)
			break;
		end = arg_end;
		known++;
	}
	args->known = known;
	args->text_length = end;
}

struct image *image_copy(const struct image *image, size_t max_args_size)
{
	struct image draft = *image;
	const char **strings[IMAGE_STRINGS];
	struct image *copy;
	struct arg *arg;
	size_t size;
	char *text;

	if (image_args_size(image) > max_args_size)
		cut_args(&draft.args, max_args_size);
	list_strings(&draft, strings);
	size = sizeof(draft) + draft.args.known * sizeof(struct arg) + draft.args.text_length + 1;
	for (size_t i = 0; i < IMAGE_STRINGS; i++)
		size += *strings[i] ? strlen(*strings[i]) + 1 : 0;

	copy = mem_resize(NULL, size, 1);
	arg = (struct arg *)(copy + 1);
	text = (char *)(arg + draft.args.known);
	if (draft.args.text) {
		if (draft.args.known)
			memcpy(arg, draft.args.arg, draft.args.known * sizeof(*arg));
		memcpy(text, draft.args.text, draft.args.text_length);
		draft.args.arg = arg;
		draft.args.text = text;
		text += draft.args.text_length;
		*text++ = '\0';
	}
	for (size_t i = 0; i < IMAGE_STRINGS; i++) {
		size_t length;

		if (!*strings[i])
			continue;
		length = strlen(*strings[i]) + 1;
		*strings[i] = memcpy(text, *strings[i], length);
		text += length;
	}
	draft.refs = 1;
	*copy = draft;
	return copy;
}

const struct image *image_ref(const struct image *image)
{
	/* The count is no part of what an image says; everybody else sees it const. */
	if (image)
		((struct image *)image)->refs++;
	return image;
}

void image_unref(const struct image *image)
{
	struct image *counted = (struct image *)image;

	if (counted && --counted->refs == 0)
		free(counted);
}

static void release(struct process *process)
{
	image_unref(process->image);
	process->image = NULL;
}

void event_release(struct process_event *event)
{
	release(&event->process);
	release(&event->parent);
	release(&event->session_leader);
	release(&event->group_leader);
	release(&event->entry_leader);
	for (unsigned int i = 0; i < event->ancestors; i++)
		release(&event->ancestor[i]);
	event->ancestors = 0;
	image_unref(event->previous);
	event->previous = NULL;
	free(event->env_vars);
	event->env_vars = NULL;
	event->env_count = 0;
}
