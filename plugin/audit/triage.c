/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/triage.h"

#include "audit/fields.h"

#define MAX_DIGITS  20         /* of 64 bits */
#define MAX_SECONDS (1LL << 40) /* since 1970: some 35,000 years, far from where sums overflow */

static const struct {
	const char *name;
	enum record_type type;
} record_types[] = {
	{ "SYSCALL", RECORD_SYSCALL },  { "EXECVE", RECORD_EXECVE }, { "CWD", RECORD_CWD },
	{ "PATH", RECORD_PATH },        { "PROCTITLE", RECORD_END }, { "EOE", RECORD_END },
	{ "BPRM_FCAPS", RECORD_FURTHER },
};

static bool take(struct span *line, const char *text)
{
	size_t length = strlen(text);

	if (!span_starts_with(*line, text))
		return false;
	line->start += length;
	line->length -= length;
	return true;
}

/* Takes what stands before `end`, and `end` itself. */
static bool take_until(struct span *line, char end, struct span *word)
{
	const char *found = line->length ? memchr(line->start, end, line->length) : NULL;

	if (!found)
		return false;
	*word = (struct span){ line->start, (size_t)(found - line->start) };
	line->length -= word->length + 1;
	line->start = found + 1;
	return true;
}

static enum record_type daemon_type_of(struct span name)
{
	if (span_is(name, "DAEMON_START"))
		return RECORD_DAEMON_START;
	if (span_is(name, "DAEMON_END") || span_is(name, "DAEMON_ABORT"))
		return RECORD_DAEMON_END;
	return RECORD_DAEMON;
}

static enum record_type type_of(struct span name)
{
	for (size_t i = 0; i < sizeof(record_types) / sizeof(record_types[0]); i++) {
		if (span_is(name, record_types[i].name))
			return record_types[i].type;
	}
	return span_starts_with(name, "DAEMON_") ? daemon_type_of(name) : RECORD_OTHER;
}

static bool take_stamp(struct span *line, struct stamp *stamp)
{
	struct span seconds, millis, serial;
	int64_t ms, number;

	if (!take_until(line, '.', &seconds) || !take_until(line, ':', &millis) ||
	    !take_until(line, ')', &serial) || millis.length != 3)
		return false;
	/* libauparse looks at the first bytes of a line only: leading zeros must not hide the rest. */
	if (seconds.length > MAX_DIGITS || serial.length > MAX_DIGITS)
		return false;
	if (!fields_number(seconds, 10, &stamp->sec) || !fields_number(millis, 10, &ms) ||
	    !fields_number(serial, 10, &number))
		return false;
	/* The last number of all stands for no end, where events are missing. */
	if (stamp->sec < 0 || stamp->sec > MAX_SECONDS || ms < 0 || number < 0 || number == INT64_MAX)
		return false;
	stamp->ms = (unsigned int)ms;
	stamp->serial = (uint64_t)number;
	return true;
}

bool triage_record(struct span line, struct record *record)
{
	struct span type;

	record->node = SPAN_NONE;
	if (line.length && memchr(line.start, '\0', line.length))
		return false;
	if (take(&line, "node=") &&
	    (!take_until(&line, ' ', &record->node) || !record->node.length ||
	     record->node.length > TRIAGE_MAX_NODE))
		return false;
	if (!take(&line, "type=") || !take_until(&line, ' ', &type) || !take(&line, "msg=audit(") ||
	    !take_stamp(&line, &record->stamp) || !take(&line, ":"))
		return false;
	take(&line, " ");
	record->type = type_of(type);
	record->body = line;
	return true;
}

struct call triage_call(const struct syscalls *syscalls, struct span body)
{
	struct call call = { SYSCALL_OTHER, true };
	struct span name, value;
	int64_t arch = 0;
	int64_t number;

	/* The kernel's own numbers stand first; what the process chose comes after a0. */
	while (fields_next(&body, &name, &value) && !span_is(name, "a0")) {
		if (span_is(name, "arch"))
			fields_number(value, 16, &arch);
		else if (span_is(name, "syscall") && fields_number(value, 10, &number))
			call.kind = syscalls_kind(syscalls, arch, number);
		else if (span_is(name, "success"))
			call.success = span_is(value, "yes");
		if (call.kind == SYSCALL_OTHER && span_is(name, "syscall"))
			break;
	}
	return call;
}
