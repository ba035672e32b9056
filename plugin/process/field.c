/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/field.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PROCESS_PREFIX "process."
#define PARENT_PREFIX  "process.parent."
#define MAX_NAME       128

static bool text_value(const char *text, size_t index, struct value *value)
{
	if (!text || index)
		return false;
	value->text = span_of(text);
	return true;
}

static bool number_value(double number, size_t index, struct value *value)
{
	if (index)
		return false;
	value->number = number;
	return true;
}

static bool id_value(bool known, uint32_t id, size_t index, struct value *value)
{
	int length;

	if (!known || id == ID_UNSET || index)
		return false;
	length = snprintf(value->buffer, sizeof(value->buffer), "%" PRIu32, id);
	value->text = (struct span){ value->buffer, (size_t)length };
	return true;
}

static bool date_value(int64_t ms, size_t index, struct value *value)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	size_t length;

	if (ms <= 0 || index || !gmtime_r(&seconds, &tm))
		return false;
	length = strftime(value->buffer, sizeof(value->buffer), "%Y-%m-%dT%H:%M:%S", &tm);
	length += (size_t)snprintf(value->buffer + length, sizeof(value->buffer) - length, ".%03dZ",
				   (int)(ms % 1000));
	value->text = (struct span){ value->buffer, length };
	return true;
}

struct span field_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return span_of(slash ? slash + 1 : path);
}

/*
 * A process has two names, the program's and the one the kernel gave it at exec (a script's, or the
 * name of a link). A rule must be able to match either; documents print the first.
 */
static bool process_name(const struct process *process, size_t index, struct value *value)
{
	const struct image *image = process->image;
	struct span base = image && image->executable ? field_base_name(image->executable) :
							SPAN_NONE;
	struct span comm = image ? span_of(image->comm) : SPAN_NONE;

	if (!base.start) {
		base = comm;
		comm = SPAN_NONE;
	}
	value->text = index ? comm : base;
	return index < 2 && value->text.start && (index == 0 || !span_equal(base, comm));
}

static bool process_pid(const struct process *process, size_t index, struct value *value)
{
	return process->pid > 0 && number_value(process->pid, index, value);
}

static bool process_start(const struct process *process, size_t index, struct value *value)
{
	return date_value(process->start, index, value);
}

static bool process_args(const struct process *process, size_t index, struct value *value)
{
	const struct args *args = process->image ? &process->image->args : NULL;

	if (!args || !args->text || index >= args->known)
		return false;
	value->text = args_get(args, (uint32_t)index);
	return true;
}

static bool process_args_count(const struct process *process, size_t index, struct value *value)
{
	const struct args *args = process->image ? &process->image->args : NULL;

	return args && args->text && number_value(args->count, index, value);
}

static bool process_command_line(const struct process *process, size_t index, struct value *value)
{
	const struct args *args = process->image ? &process->image->args : NULL;

	if (!args || !args->text || index)
		return false;
	value->text = (struct span){ args->text, args->text_length };
	return true;
}

static bool process_interactive(const struct process *process, size_t index, struct value *value)
{
	if (!process->image || process->image->interactive == UNKNOWN || index)
		return false;
	value->truth = process->image->interactive == KNOWN_TRUE;
	return true;
}

#define IMAGE_TEXT(member)                                                                        \
	static bool process_##member(const struct process *process, size_t index,                 \
				     struct value *value)                                         \
	{                                                                                         \
		return process->image && text_value(process->image->member, index, value);        \
	}
IMAGE_TEXT(executable)
IMAGE_TEXT(comm)
IMAGE_TEXT(working_directory)
#undef IMAGE_TEXT

#define IDENTITY(member)                                                                          \
	static bool process_##member##_id(const struct process *process, size_t index,            \
					  struct value *value)                                    \
	{                                                                                         \
		const struct image *image = process->image;                                       \
                                                                                                  \
		return image && id_value(image->credentials.known, image->credentials.member.id,  \
					 index, value);                                           \
	}                                                                                         \
	static bool process_##member##_name(const struct process *process, size_t index,          \
					    struct value *value)                                  \
	{                                                                                         \
		return process->image &&                                                          \
		       text_value(process->image->credentials.member.name, index, value);         \
	}
IDENTITY(user)
IDENTITY(real_user)
IDENTITY(saved_user)
IDENTITY(group)
IDENTITY(real_group)
IDENTITY(saved_group)
IDENTITY(login_user)
#undef IDENTITY

#define EVENT_IDENTITY(member)                                                                    \
	static bool event_##member##_id(const struct process_event *event, size_t index,          \
					struct value *value)                                      \
	{                                                                                         \
		return process_##member##_id(&event->process, index, value);                      \
	}                                                                                         \
	static bool event_##member##_name(const struct process_event *event, size_t index,        \
					  struct value *value)                                    \
	{                                                                                         \
		return process_##member##_name(&event->process, index, value);                    \
	}
EVENT_IDENTITY(user)
EVENT_IDENTITY(group)
EVENT_IDENTITY(login_user)
#undef EVENT_IDENTITY

#define CONSTANT(name, text)                                                                      \
	static bool event_##name(const struct process_event *event, size_t index,                 \
				 struct value *value)                                             \
	{                                                                                         \
		(void)event;                                                                      \
		return text_value(text, index, value);                                            \
	}
CONSTANT(kind, "event")
CONSTANT(category, "process")
CONSTANT(type, "start")
CONSTANT(action, "exec")
CONSTANT(outcome, "success")
CONSTANT(os_type, "linux")
#undef CONSTANT

#define EVENT_TEXT(name, member)                                                                  \
	static bool event_##name(const struct process_event *event, size_t index,                 \
				 struct value *value)                                             \
	{                                                                                         \
		return text_value(event->member, index, value);                                   \
	}
EVENT_TEXT(id, id)
EVENT_TEXT(host_name, host.name)
EVENT_TEXT(host_id, host.id)
EVENT_TEXT(agent_id, host.agent_id)
#undef EVENT_TEXT

static bool event_timestamp(const struct process_event *event, size_t index, struct value *value)
{
	return date_value(stamp_ms(&event->stamp), index, value);
}

static bool event_container_id(const struct process_event *event, size_t index,
			       struct value *value)
{
	return event->process.image &&
	       text_value(event->process.image->container_id, index, value);
}

static bool event_container_runtime(const struct process_event *event, size_t index,
				    struct value *value)
{
	return event->process.image &&
	       text_value(event->process.image->container_runtime, index, value);
}

static bool event_previous(const struct process_event *event, size_t index, struct value *value)
{
	return event->previous && text_value(event->previous->executable, index, value);
}

static bool event_session(const struct process_event *event, size_t index, struct value *value)
{
	const struct image *image = event->process.image;

	return image && id_value(image->credentials.known, image->credentials.session, index, value);
}

static bool event_reparented_to(const struct process_event *event, size_t index,
				struct value *value)
{
	return event->reparented_to && number_value(event->reparented_to, index, value);
}

/* The kernel joins the keys of a rule with 0x01 (libaudit.h: AUDIT_KEY_SEPARATOR). */
static bool event_key(const struct process_event *event, size_t index, struct value *value)
{
	const char *key = event->key;

	for (; key && index; index--) {
		key = strchr(key, 0x01);
		key = key ? key + 1 : NULL;
	}
	if (!key)
		return false;
	value->text = (struct span){ key, strcspn(key, "\x01") };
	return true;
}

static const struct field event_fields[] = {
	{ "@timestamp", FIELD_DATE, false, IN_DOCUMENTS, "when the exec was called", event_timestamp,
	  NULL },
	{ "event.id", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "SEC.MS:SERIAL of the audit event; `ausearch -a SERIAL` finds it", event_id, NULL },
	{ "event.kind", FIELD_KEYWORD, false, IN_DOCUMENTS, "event; alert in an alert's document",
	  event_kind, NULL },
	{ "event.category", FIELD_KEYWORD, true, IN_DOCUMENTS, "process", event_category, NULL },
	{ "event.type", FIELD_KEYWORD, true, IN_DOCUMENTS, "start", event_type, NULL },
	{ "event.action", FIELD_KEYWORD, false, IN_DOCUMENTS, "exec", event_action, NULL },
	{ "event.outcome", FIELD_KEYWORD, false, IN_DOCUMENTS, "success", event_outcome, NULL },
	{ "host.name", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "node= of the records, else the machine's own name", event_host_name, NULL },
	{ "host.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "the machine id", event_host_id, NULL },
	{ "host.os.type", FIELD_KEYWORD, false, IN_DOCUMENTS, "linux", event_os_type, NULL },
	{ "agent.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "agent_id of the configuration",
	  event_agent_id, NULL },
	{ "user.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "effective user", event_user_id, NULL },
	{ "user.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "effective user", event_user_name, NULL },
	{ "group.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "effective group", event_group_id, NULL },
	{ "group.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "effective group", event_group_name,
	  NULL },
	{ "container.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "container the process lives in",
	  event_container_id, NULL },
	{ "container.runtime", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "docker, podman, containerd, cri-o, lxc or systemd-nspawn", event_container_runtime, NULL },
	{ "process.previous.executable", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "what the same process was before an exec without a fork", event_previous, NULL },
	{ "auspawn.login_user.id", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "who logged in (auid); absent for services", event_login_user_id, NULL },
	{ "auspawn.login_user.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "who logged in",
	  event_login_user_name, NULL },
	{ "auspawn.session.id", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "audit session (ses); absent for services", event_session, NULL },
	{ "auspawn.key", FIELD_KEYWORD, true, IN_DOCUMENTS, "keys of the audit rule", event_key,
	  NULL },
	{ "auspawn.reparented_to.pid", FIELD_NUMBER, false, IN_DOCUMENTS,
	  "who had adopted the process by its exec; its creator is process.parent",
	  event_reparented_to, NULL },
};

static const struct field process_fields[] = {
	{ "pid", FIELD_NUMBER, false, IN_DOCUMENTS, "as the host counts", NULL, process_pid },
	{ "name", FIELD_KEYWORD, true, IN_DOCUMENTS,
	  "base name of the executable and, where it differs, the kernel's name (comm)", NULL,
	  process_name },
	{ "thread.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "the kernel's name (comm)", NULL,
	  process_comm },
	{ "executable", FIELD_KEYWORD, false, IN_DOCUMENTS, "path of the program", NULL,
	  process_executable },
	{ "args", FIELD_KEYWORD, true, IN_DOCUMENTS, "arguments, the program's name first", NULL,
	  process_args },
	{ "args_count", FIELD_NUMBER, false, IN_DOCUMENTS, "how many arguments there were", NULL,
	  process_args_count },
	{ "command_line", FIELD_KEYWORD, false, IN_DOCUMENTS, "arguments joined by single spaces",
	  NULL, process_command_line },
	{ "working_directory", FIELD_KEYWORD, false, IN_DOCUMENTS, "when the exec was called", NULL,
	  process_working_directory },
	{ "interactive", FIELD_BOOLEAN, false, IN_DOCUMENTS, "has a terminal", NULL,
	  process_interactive },
	{ "start", FIELD_DATE, false, IN_DOCUMENTS, "when the process was forked, if known", NULL,
	  process_start },
	{ "user.id", FIELD_KEYWORD, false, IN_PARENT_ONLY, "effective user", NULL, process_user_id },
	{ "user.name", FIELD_KEYWORD, false, IN_PARENT_ONLY, "effective user", NULL,
	  process_user_name },
	{ "group.id", FIELD_KEYWORD, false, IN_PARENT_ONLY, "effective group", NULL,
	  process_group_id },
	{ "group.name", FIELD_KEYWORD, false, IN_PARENT_ONLY, "effective group", NULL,
	  process_group_name },
	{ "real_user.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "real user", NULL,
	  process_real_user_id },
	{ "real_user.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "real user", NULL,
	  process_real_user_name },
	{ "saved_user.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "saved user", NULL,
	  process_saved_user_id },
	{ "saved_user.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "saved user", NULL,
	  process_saved_user_name },
	{ "real_group.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "real group", NULL,
	  process_real_group_id },
	{ "real_group.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "real group", NULL,
	  process_real_group_name },
	{ "saved_group.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "saved group", NULL,
	  process_saved_group_id },
	{ "saved_group.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "saved group", NULL,
	  process_saved_group_name },
};

#define EVENT_FIELDS   (sizeof(event_fields) / sizeof(event_fields[0]))
#define PROCESS_FIELDS (sizeof(process_fields) / sizeof(process_fields[0]))

static bool find_process_field(struct span name, const char *prefix, const struct field **field)
{
	size_t length = strlen(prefix);

	if (!span_starts_with(name, prefix))
		return false;
	name.start += length;
	name.length -= length;
	for (size_t i = 0; i < PROCESS_FIELDS; i++) {
		if (span_is(name, process_fields[i].name)) {
			*field = &process_fields[i];
			return true;
		}
	}
	return false;
}

bool field_find(struct span name, struct field_ref *ref)
{
	ref->parent = false;
	for (size_t i = 0; i < EVENT_FIELDS; i++) {
		if (span_is(name, event_fields[i].name)) {
			ref->field = &event_fields[i];
			return true;
		}
	}
	if (find_process_field(name, PROCESS_PREFIX, &ref->field))
		return true;
	ref->parent = true;
	return find_process_field(name, PARENT_PREFIX, &ref->field);
}

bool field_get(const struct field_ref *ref, const struct process_event *event, size_t index,
	       struct value *value)
{
	if (ref->field->of_event)
		return ref->field->of_event(event, index, value);
	return ref->field->of_process(ref->parent ? &event->parent : &event->process, index, value);
}

static void each_process_field(const char *prefix, bool parent,
			       void (*handle)(void *user, const char *name,
					      const struct field_ref *ref),
			       void *user)
{
	char name[MAX_NAME];

	for (size_t i = 0; i < PROCESS_FIELDS; i++) {
		const struct field_ref ref = { &process_fields[i], parent };

		snprintf(name, sizeof(name), "%s%s", prefix, process_fields[i].name);
		handle(user, name, &ref);
	}
}

void field_each(void (*handle)(void *user, const char *name, const struct field_ref *ref),
		void *user)
{
	for (size_t i = 0; i < EVENT_FIELDS; i++) {
		const struct field_ref ref = { &event_fields[i], false };

		handle(user, event_fields[i].name, &ref);
	}
	each_process_field(PROCESS_PREFIX, false, handle, user);
	each_process_field(PARENT_PREFIX, true, handle, user);
}

/* Edits (one byte put in, left out or changed) between two names; Levenshtein's distance. */
static size_t distance(struct span a, struct span b)
{
	size_t row[MAX_NAME + 1];

	for (size_t j = 0; j <= b.length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.length; j++) {
			size_t change = diagonal + (a.start[i - 1] != b.start[j - 1]);

			diagonal = row[j];
			row[j] = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
			if (change < row[j])
				row[j] = change;
		}
	}
	return row[b.length];
}

struct nearest {
	struct span wanted;
	size_t distance;
	char *buffer;
	size_t size;
};

static void compare_name(void *user, const char *name, const struct field_ref *ref)
{
	struct nearest *nearest = user;
	size_t edits = distance(nearest->wanted, span_of(name));

	(void)ref;
	if (edits >= nearest->distance)
		return;
	nearest->distance = edits;
	snprintf(nearest->buffer, nearest->size, "%s", name);
}

const char *field_nearest(struct span name, char *buffer, size_t size)
{
	/* A name of which more than a third is wrong was not meant. */
	struct nearest nearest = { name, name.length / 3 + 1, buffer, size };

	if (name.length > MAX_NAME)
		return NULL;
	buffer[0] = '\0';
	field_each(compare_name, &nearest);
	return buffer[0] ? buffer : NULL;
}
