/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/argv.h"

#include <stdlib.h>

#include "audit/fields.h"

void argv_init(struct argv *argv)
{
	memset(argv, 0, sizeof(*argv));
	utstring_init(&argv->text);
}

void argv_free(struct argv *argv)
{
	utstring_done(&argv->text);
	free(argv->arg);
}

void argv_reset(struct argv *argv)
{
	if (argv->text.n > ARGV_KEEP || argv->allocated > ARGV_KEEP) {
		argv_free(argv);
		argv_init(argv);
	}
	utstring_clear(&argv->text);
	argv->known = 0;
	argv->count = 0;
	argv->pieces = 0;
	argv->seen = false;
}

/* Reads aN or aN[M]; `*piece` is -1 without M. Others, such as argc and aN_len, are not arguments. */
static bool parse_name(struct span name, int64_t *index, int64_t *piece)
{
	const char *bracket;
	struct span number = { name.start + 1, name.length - 1 };

	if (name.length < 2 || name.start[0] != 'a')
		return false;
	*piece = -1;
	bracket = memchr(number.start, '[', number.length);
	if (bracket) {
		struct span inner = { bracket + 1, number.length - (size_t)(bracket - number.start) - 1 };

		if (!inner.length || inner.start[inner.length - 1] != ']')
			return false;
		inner.length--;
		number.length = (size_t)(bracket - number.start);
		if (!fields_number(inner, 10, piece))
			return false;
	}
	return fields_number(number, 10, index);
}

static struct arg *next_arg(struct argv *argv)
{
	if (argv->known == argv->allocated) {
		argv->allocated = argv->allocated ? argv->allocated * 2 : 64;
		argv->arg = mem_resize(argv->arg, argv->allocated, sizeof(*argv->arg));
	}
	return &argv->arg[argv->known++];
}

static void append(struct argv *argv, struct span value)
{
	ptrdiff_t length = fields_string_length(value);

	if (length <= 0)
		return;
	utstring_reserve(&argv->text, (size_t)length + 1);
	fields_string(value, utstring_body(&argv->text) + utstring_len(&argv->text));
	argv->text.i += (size_t)length;
	argv->text.d[argv->text.i] = '\0';
}

static void begin_arg(struct argv *argv, struct span value, int64_t pieces)
{
	struct arg *arg = next_arg(argv);

	if (utstring_len(&argv->text) > 0 || argv->known > 1)
		utstring_bincpy(&argv->text, " ", 1);
	arg->start = (uint32_t)utstring_len(&argv->text);
	append(argv, value);
	arg->length = (uint32_t)utstring_len(&argv->text) - arg->start;
	argv->pieces = pieces;
}

static void add_value(struct argv *argv, int64_t index, int64_t piece, struct span value)
{
	if (piece > 0 && index + 1 == argv->known && piece == argv->pieces) {
		struct arg *last = &argv->arg[argv->known - 1];

		append(argv, value);
		last->length = (uint32_t)utstring_len(&argv->text) - last->start;
		argv->pieces++;
		return;
	}
	/* A piece was lost: better no argument than a wrong one. */
	if (piece > 0 && index + 1 == argv->known && piece > argv->pieces && argv->pieces > 0) {
		argv->arg[argv->known - 1].length = ARG_MISSING;
		argv->pieces = 0;
	}
	if (index < argv->known || index >= argv->count || index >= ARGV_MAX ||
	    index - argv->known > ARGV_MAX_HOLE)
		return;
	while (argv->known < index)
		*next_arg(argv) = (struct arg){ 0, ARG_MISSING };
	if (piece > 0) { /* its beginning is missing: better none than a wrong one */
		*next_arg(argv) = (struct arg){ 0, ARG_MISSING };
		argv->pieces = 0;
	} else {
		begin_arg(argv, value, piece == 0 ? 1 : 0);
	}
}

void argv_add(struct argv *argv, struct span fields)
{
	struct span name, value;
	int64_t index, piece;

	while (fields_next(&fields, &name, &value)) {
		if (span_is(name, "argc")) {
			if (!fields_number(value, 10, &index) || index < 0 || index > UINT32_MAX)
				continue;
			argv->count = (uint32_t)index;
			argv->seen = true;
		} else if (parse_name(name, &index, &piece)) {
			add_value(argv, index, piece, value);
		}
	}
}

struct args argv_args(const struct argv *argv)
{
	struct args args = { 0 };

	if (argv->seen) {
		args.text = argv->text.d;
		args.text_length = (uint32_t)argv->text.i;
		args.known = argv->known;
		args.count = argv->count;
		args.arg = argv->arg;
	}
	return args;
}
