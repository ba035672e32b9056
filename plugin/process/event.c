/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/event.h"

#include <stdlib.h>

#include "base/memory.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define IDENTITIES 7

/* The strings of an image, as one list, so that measuring, copying and comparing cannot disagree. */
#define IMAGE_STRINGS (6 + IDENTITIES)

static void list_identities(struct image *image, struct identity *identities[IDENTITIES])
{
	struct credentials *credentials = &image->credentials;

	identities[0] = &credentials->user;
	identities[1] = &credentials->real_user;
	identities[2] = &credentials->saved_user;
	identities[3] = &credentials->group;
	identities[4] = &credentials->real_group;
	identities[5] = &credentials->saved_group;
	identities[6] = &credentials->login_user;
}

static void get_strings(struct image *image, const char *strings[IMAGE_STRINGS])
{
	struct identity *identities[IDENTITIES];
	size_t n = 0;

	strings[n++] = image->executable;
	strings[n++] = image->comm;
	strings[n++] = image->working_directory;
	strings[n++] = image->script;
	strings[n++] = image->container_id;
	strings[n++] = image->container_runtime;
	list_identities(image, identities);
	for (size_t i = 0; i < IDENTITIES; i++)
		strings[n++] = identities[i]->name;
}

static void set_strings(struct image *image, const char *const strings[IMAGE_STRINGS])
{
	struct identity *identities[IDENTITIES];
	size_t n = 0;

	image->executable = strings[n++];
	image->comm = strings[n++];
	image->working_directory = strings[n++];
	image->script = strings[n++];
	image->container_id = strings[n++];
	image->container_runtime = strings[n++];
	list_identities(image, identities);
	for (size_t i = 0; i < IDENTITIES; i++)
		identities[i]->name = strings[n++];
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

/* Returns the end of an earlier string that reads like string `i`, or NULL: a name is often the end of the
 * path, and one user has all the names. */
static const char *find_tail(const char *const strings[], const size_t lengths[], size_t i)
{
	for (size_t j = 0; j < i; j++) {
		const char *tail;

		if (!strings[j] || lengths[j] < lengths[i])
			continue;
		tail = strings[j] + lengths[j] - lengths[i];
		if (!memcmp(tail, strings[i], lengths[i]))
			return tail;
	}
	return NULL;
}

/* Measures the strings, and returns the bytes that they take together. */
static size_t measure_strings(const char *const strings[], size_t lengths[])
{
	size_t size = 0;

	for (size_t i = 0; i < IMAGE_STRINGS; i++) {
		lengths[i] = strings[i] ? strlen(strings[i]) : 0;
		if (strings[i] && !find_tail(strings, lengths, i))
			size += lengths[i] + 1;
	}
	return size;
}

static void copy_strings(const char *strings[], const size_t lengths[], char *text)
{
	for (size_t i = 0; i < IMAGE_STRINGS; i++) {
		const char *tail = strings[i] ? find_tail(strings, lengths, i) : NULL;

		if (tail) {
			strings[i] = tail;
		} else if (strings[i]) {
			strings[i] = memcpy(text, strings[i], lengths[i] + 1);
			text += lengths[i] + 1;
		}
	}
}

static size_t measure_args(const struct args *args)
{
	return args->known * sizeof(struct arg) + (args->text ? args->text_length + 1 : 0);
}

/* Copies the arguments to `to`, which is aligned for their list; returns the end of what was written. */
static char *copy_args(struct args *args, void *to)
{
	struct arg *arg = to;
	char *text = (char *)(arg + args->known);

	if (!args->text)
		return text;
	if (args->known)
		memcpy(arg, args->arg, args->known * sizeof(*arg));
	memcpy(text, args->text, args->text_length);
	args->arg = arg;
	args->text = text;
	text += args->text_length;
	*text++ = '\0';
	return text;
}

struct image *image_copy(const struct image *image, size_t max_args_size)
{
	struct image draft = *image;
	const char *strings[IMAGE_STRINGS];
	size_t lengths[IMAGE_STRINGS];
	struct image *copy;

	if (image_args_size(image) > max_args_size)
		cut_args(&draft.args, max_args_size);
	get_strings(&draft, strings);
	draft.size = sizeof(draft) + measure_args(&draft.args) + measure_strings(strings, lengths);

	copy = mem_resize(NULL, draft.size, 1);
	copy_strings(strings, lengths, copy_args(&draft.args, copy + 1));
	set_strings(&draft, strings);
	draft.refs = 1;
	draft.kept = 0;
	*copy = draft;
	return copy;
}

/* What an image says apart from where it lies: pointers into its own memory become offsets. */
static void make_position_free(const struct image *image, struct image *plain)
{
	const char *strings[IMAGE_STRINGS];
	const char *start = (const char *)image;

	memcpy(plain, image, sizeof(*plain));
	plain->refs = 0;
	plain->kept = 0;
	get_strings(plain, strings);
	for (size_t i = 0; i < IMAGE_STRINGS; i++) {
		if (strings[i])
			strings[i] = (const char *)(strings[i] - start);
	}
	set_strings(plain, strings);
	if (plain->args.text) {
		plain->args.text = (const char *)(plain->args.text - start);
		plain->args.arg = (const struct arg *)((const char *)plain->args.arg - start);
	}
}

/* Padding is compared too: where it differs, equal images are merely not found to be so. */
bool image_equal(const struct image *a, const struct image *b)
{
	struct image plain_a, plain_b;

	if (a->size != b->size || memcmp(a + 1, b + 1, a->size - sizeof(*a)) != 0)
		return false;
	make_position_free(a, &plain_a);
	make_position_free(b, &plain_b);
	return !memcmp(&plain_a, &plain_b, sizeof(plain_a));
}

uint64_t image_hash(const struct image *image)
{
	struct image plain;

	make_position_free(image, &plain);
	return XXH3_64bits(&plain, sizeof(plain)) ^
	       XXH3_64bits(image + 1, image->size - sizeof(*image));
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
