/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "random_condition.h"

#include <stdio.h>
#include <stdlib.h>

#include "rules/compile.h"
#include "rules/fold.h"
#include "rules/index.h"
#include "rules/printer.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(random, array) (array)[random_below(random, COUNT_OF(array))]

static const char *const texts[] = {
	"sh", "-c", "dash", "bash", "SH", "nginx", "apache2", "python3.11", "", "a", "id",
	"/usr/bin/dash", "/bin/sh", "/usr/bin/DASH", "/usr/sbin/nginx", "/tmp/x", "/tmp/\xc3\xa9t\xc3\xa9",
	"/tmp/\xff\xfe", "\xa9", "\xc3\xa9", "\xf0\x9f\x98\x80", "10.1.2.3", "::1", "0x1f", "42", "-7",
	"aaaaaaaaaaaaaaaab", "/memfd:x (deleted)", "a*b", "what?", "it's \"quoted\" \\n", "two\nlines",
	"/opt/a/path/of/more/than/thirty-two/bytes/to/a/tool", "exec", "start", "linux", "www-data", "33",
};

/* splitmix64 */
static uint64_t next(struct random *random)
{
	uint64_t z = (random->state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

size_t random_below(struct random *random, size_t count)
{
	return (size_t)(next(random) % count);
}

static bool chance(struct random *random, size_t one_in)
{
	return !random_below(random, one_in);
}

static void put(UT_string *out, const char *text)
{
	utstring_bincpy(out, text, strlen(text));
}

/* --- literals --- */

static void put_quoted(UT_string *out, const char *text)
{
	put(out, "\"");
	for (; *text; text++) {
		if (*text == '\n') {
			put(out, "\\n");
			continue;
		}
		put(out, strchr("\"\\", *text) ? "\\" : "");
		utstring_bincpy(out, text, 1);
	}
	put(out, "\"");
}

/* One of the strings, or something like it: a part, in capitals, with wildcards. */
static void make_text(struct random *random, bool wildcards, char text[128])
{
	const char *whole = PICK(random, texts);
	size_t length = strlen(whole), start = 0;
	bool star = wildcards && chance(random, 2);

	if (chance(random, 3)) {
		start = random_below(random, length + 1);
		length = random_below(random, length - start + 1);
	}
	snprintf(text, 128, "%s%.*s%s", star && chance(random, 2) ? "*" : "", (int)length, whole + start,
		 star ? "*" : "");
	length = strlen(text);
	if (length && chance(random, 4)) {
		char *c = &text[random_below(random, length)];

		if (wildcards)
			*c = chance(random, 2) ? '?' : '*';
		else if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	}
}

static void literal(struct random *random, bool wildcards, UT_string *out)
{
	char text[128];

	make_text(random, wildcards, text);
	put_quoted(out, text);
}

static void number(struct random *random, UT_string *out)
{
	static const char *const numbers[] = { "0",   "1",     "2",    "-1",    "3",   "100", "2231", "1.5",
					       "0.1", "1e300", "-0.0", "1e999", "42", "31",  "5",
					       "2.0", "7e0",   "1234567890123456" };

	put(out, PICK(random, numbers));
}

/* --- expressions --- */

static void text_value(struct random *random, unsigned int depth, UT_string *out);
static void number_value(struct random *random, unsigned int depth, UT_string *out);
static void truth_value(struct random *random, unsigned int depth, UT_string *out);

static void any_value(struct random *random, unsigned int depth, UT_string *out)
{
	switch (random_below(random, 4)) {
	case 0:
		number_value(random, depth, out);
		break;
	case 1:
		truth_value(random, depth, out);
		break;
	default:
		text_value(random, depth, out);
		break;
	}
}

static void arguments(struct random *random, unsigned int depth, const char *kinds, UT_string *out)
{
	put(out, "(");
	for (const char *kind = kinds; *kind; kind++) {
		put(out, kind == kinds ? "" : ", ");
		if (chance(random, 12))
			put(out, chance(random, 2) ? "null" : "?no.field");
		else if (*kind == 't')
			text_value(random, depth, out);
		else if (*kind == 'n')
			number_value(random, depth, out);
		else if (*kind == 'b')
			truth_value(random, depth, out);
		else
			any_value(random, depth, out);
	}
	put(out, ")");
}

/* A function, "~" behind its name if it has that form, and the kinds of its arguments. */
struct form {
	const char *name, *kinds;
};

static void call(struct random *random, unsigned int depth, const struct form *form, UT_string *out)
{
	size_t length = strcspn(form->name, "~");

	utstring_bincpy(out, form->name, length);
	put(out, form->name[length] && chance(random, 2) ? "~" : "");
	arguments(random, depth, form->kinds, out);
}

static void text_value(struct random *random, unsigned int depth, UT_string *out)
{
	static const char *const fields[] = {
		"process.name", "process.parent.name", "process.executable", "process.args", "process.args",
		"process.parent.args", "process.command_line", "user.id", "user.name", "container.id",
		"event.action", "event.type", "host.os.type", "@timestamp", "auspawn.key", "?process.name",
		"?no.field", "?`no field`", "`process.name`",
	};
	static const struct form forms[] = {
		{ "concat", "aa" },     { "concat", "aaa" },      { "string", "a" },
		{ "substring", "tn" },  { "substring", "tnn" },   { "between~", "ttt" },
		{ "between~", "tttb" },
	};

	if (depth && chance(random, 3))
		call(random, depth - 1, &PICK(random, forms), out);
	else if (chance(random, 5))
		literal(random, false, out);
	else
		put(out, PICK(random, fields));
}

static void number_value(struct random *random, unsigned int depth, UT_string *out)
{
	static const char *const fields[] = { "process.pid", "process.parent.pid", "process.args_count",
					      "auspawn.reparented_to.pid", "?process.pid", "?no.field" };
	static const char *const signs[] = { " + ", " - ", " * ", " / ", " % ", "+", "*" };
	static const struct form forms[] = {
		{ "length", "t" },   { "indexOf~", "tt" }, { "indexOf~", "ttn" }, { "number", "t" },
		{ "number", "tn" },  { "add", "nn" },      { "subtract", "nn" },  { "multiply", "nn" },
		{ "divide", "nn" },  { "modulo", "nn" },
	};

	if (!depth || chance(random, 3)) {
		if (chance(random, 2))
			number(random, out);
		else
			put(out, PICK(random, fields));
	} else if (chance(random, 2)) {
		call(random, depth - 1, &PICK(random, forms), out);
	} else {
		put(out, chance(random, 5) ? "-" : "");
		put(out, "(");
		number_value(random, depth - 1, out);
		put(out, ")");
		put(out, PICK(random, signs));
		number_value(random, depth - 1, out);
	}
}

static void pattern_call(struct random *random, unsigned int depth, UT_string *out)
{
	static const char *const patterns[] = { "\".*sh\"", "\"[a-z]+\"", "\"(?P<n>a+)+(?P=n)$\"", "\"-c|id\"" };
	bool match = chance(random, 2);

	put(out, match ? "match" : "wildcard");
	put(out, chance(random, 2) ? "~(" : "(");
	text_value(random, depth, out);
	for (size_t i = 1 + random_below(random, 2); i; i--) {
		put(out, ", ");
		if (match)
			put(out, PICK(random, patterns));
		else
			literal(random, true, out);
	}
	put(out, ")");
}

static void truth_value(struct random *random, unsigned int depth, UT_string *out)
{
	static const char *const simple[] = { "process.interactive", "true", "false", "?no.field" };
	static const struct form forms[] = { { "startsWith~", "tt" },
					     { "endsWith~", "tt" },
					     { "stringContains~", "tt" },
					     { "cidrMatch", "tt" } };

	if (!depth || chance(random, 3))
		put(out, PICK(random, simple));
	else if (chance(random, 3))
		pattern_call(random, depth - 1, out);
	else if (chance(random, 3))
		put(out, "cidrMatch(process.args, \"10.0.0.0/8\", \"::1/64\")");
	else
		call(random, depth - 1, &PICK(random, forms), out);
}

/* --- conditions --- */

static void comparison(struct random *random, unsigned int depth, UT_string *out)
{
	static const char *const signs[] = { " == ", " != ", " < ", " <= ", " > ", ">=", "==" };
	static void (*const values[])(struct random *, unsigned int, UT_string *) = {
		text_value, number_value, truth_value
	};
	size_t kind = random_below(random, COUNT_OF(values));

	values[kind](random, depth, out);
	if (chance(random, 8)) {
		put(out, chance(random, 2) ? " == null" : " != null");
		return;
	}
	put(out, PICK(random, signs));
	if (!kind && chance(random, 2))
		literal(random, false, out);
	else
		values[kind](random, depth, out);
}

static void set(struct random *random, bool wildcards, UT_string *out)
{
	size_t count = 1 + (chance(random, 3) ? random_below(random, 12) : random_below(random, 3));

	put(out, "(");
	for (size_t i = 0; i < count; i++) {
		put(out, i ? ", " : "");
		literal(random, wildcards, out);
	}
	put(out, chance(random, 5) ? ",)" : ")");
}

static void match(struct random *random, unsigned int depth, UT_string *out)
{
	static const char *const likes[] = { " : ", " like ", " like~ " };
	static const char *const ins[] = { " in ", " in~ ", " not in ", " not in~ " };

	if (chance(random, 8)) {
		number_value(random, depth, out);
		put(out, chance(random, 2) ? " in (1, 2, -3)" : " in (2231, 100.0, 5, 1e999)");
		return;
	}
	text_value(random, depth, out);
	if (chance(random, 12)) {
		put(out, chance(random, 2) ? " regex (\"[a-z]*sh\", \"(?P<n>a+)+(?P=n)$\")" : " regex~ \"d.*|.c\"");
	} else if (chance(random, 2)) {
		put(out, PICK(random, likes));
		if (chance(random, 2))
			set(random, true, out);
		else
			literal(random, true, out);
	} else {
		put(out, PICK(random, ins));
		set(random, false, out);
	}
}

static void condition(struct random *random, unsigned int depth, UT_string *out);

static void chain(struct random *random, unsigned int depth, UT_string *out)
{
	const char *word = chance(random, 2) ? " and " : " or ";
	size_t count = 2 + random_below(random, 3);

	for (size_t i = 0; i < count; i++) {
		bool plain = chance(random, 2);

		put(out, i ? word : "");
		put(out, plain ? "" : "(");
		condition(random, plain ? 0 : depth - 1, out);
		put(out, plain ? "" : ")");
	}
}

static void condition(struct random *random, unsigned int depth, UT_string *out)
{
	switch (depth ? random_below(random, 8) : 4 + random_below(random, 4)) {
	case 0:
	case 1:
	case 2:
		chain(random, depth, out);
		break;
	case 3:
		put(out, "not (");
		condition(random, depth - 1, out);
		put(out, ")");
		break;
	case 4:
		truth_value(random, 2, out);
		break;
	case 5:
		comparison(random, 2, out);
		break;
	default:
		match(random, chance(random, 2), out);
		break;
	}
}

void random_condition(struct random *random, UT_string *out)
{
	put(out, chance(random, 4) ? "process where " : "");
	condition(random, (unsigned int)random_below(random, 5), out);
}

/* --- events --- */

static void fill_args(struct random *random, struct image *image, struct arg *arg, char *text, size_t size)
{
	uint32_t count = (uint32_t)random_below(random, RANDOM_ARGS + 1);
	size_t end = 0;

	for (uint32_t i = 0; i < count; i++) {
		const char *one = PICK(random, texts);

		arg[i] = (struct arg){ 0, ARG_MISSING };
		if (chance(random, 10))
			continue;
		end += end ? (size_t)snprintf(text + end, size - end, " ") : 0;
		arg[i] = (struct arg){ (uint32_t)end, (uint32_t)strlen(one) };
		end += (size_t)snprintf(text + end, size - end, "%s", one);
	}
	text[end] = '\0';
	image->args = (struct args){ text, (uint32_t)end, count, count + chance(random, 5), arg };
}

static void fill_image(struct random *random, struct image *image)
{
	*image = (struct image){ .refs = 1, .interactive = (enum known_bool)random_below(random, 3) };
	if (!chance(random, 5))
		image->executable = PICK(random, texts);
	if (!chance(random, 5))
		image->comm = PICK(random, texts);
	if (chance(random, 3))
		image->container_id = "c0ffee";
	image->credentials.known = chance(random, 2);
	image->credentials.user.id = 33;
	if (chance(random, 2))
		image->credentials.user.name = "www-data";
}

void random_event(struct random *random, struct random_event *event)
{
	memset(event, 0, sizeof(*event));
	event->event.stamp.sec = 1700000000;
	snprintf(event->event.id, sizeof(event->event.id), "1700000000.000:1");
	fill_image(random, &event->image);
	fill_image(random, &event->parent);
	if (!chance(random, 6))
		fill_args(random, &event->image, event->arg[0], event->text[0], sizeof(event->text[0]));
	if (!chance(random, 3))
		fill_args(random, &event->parent, event->arg[1], event->text[1], sizeof(event->text[1]));
	event->event.key = chance(random, 2) ? "a\x01-c" : NULL;
	event->event.reparented_to = chance(random, 3);
	event->event.process = (struct process){ 2231, 0, &event->image };
	if (!chance(random, 5))
		event->event.parent = (struct process){ 100, 0, chance(random, 5) ? NULL : &event->parent };
}

/* --- what must hold --- */

static void on_mistake(void *user, enum parser_finding finding, size_t offset, const char *message)
{
	if (finding == PARSER_WARNING)
		return;
	(void)offset;
	(void)message;
	*(bool *)user = true;
}

static const char *printing_fault(const struct condition *condition)
{
	struct condition *again;
	UT_string text, printed;
	const char *fault = NULL;
	bool mistaken = false;

	utstring_init(&text);
	utstring_init(&printed);
	condition_print(condition, &text);
	again = parser_parse((struct span){ utstring_body(&text), utstring_len(&text) }, NULL, on_mistake,
			     &mistaken);
	if (!again || mistaken) {
		fault = "what is printed does not parse";
	} else {
		condition_print(again, &printed);
		if (!condition_equal(condition, again))
			fault = "what is printed parses to something else";
		else if (utstring_len(&text) != utstring_len(&printed) ||
			 memcmp(utstring_body(&text), utstring_body(&printed), utstring_len(&text)))
			fault = "the same prints differently";
	}
	condition_free(again);
	utstring_done(&text);
	utstring_done(&printed);
	return fault;
}

static const char *fault_on(const struct condition *condition, const struct condition *folded,
			    const struct condition *compiled, struct index *index,
			    const struct process_event *event)
{
	bool holds = condition_holds(condition, event);
	enum fold_outcome outcome = fold_outcome(folded);

	if (condition_holds(folded, event) != holds)
		return "the folded condition differs";
	if (outcome != FOLD_DEPENDS && (outcome == FOLD_ALWAYS) != holds)
		return "it was said to hold always, or never";
	if (condition_holds(compiled, event) != holds)
		return "the compiled condition differs";
	index_look_up(index, event);
	if (holds && index_next(index, 0) != 0)
		return "the index misses it";
	return NULL;
}

const char *condition_fault(const struct condition *condition, const struct process_event *const *event,
			    size_t events)
{
	struct condition *folded = fold_condition(condition);
	struct condition *compiled = compile_condition(condition);
	struct index *index = index_new(1);
	const char *fault = printing_fault(condition);

	index_add(index, 0, compiled);
	for (size_t i = 0; i < events && !fault; i++)
		fault = fault_on(condition, folded, compiled, index, event[i]);
	index_free(index);
	condition_free(folded);
	condition_free(compiled);
	return fault;
}
