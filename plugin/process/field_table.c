/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/field_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* The values of an event and of a process, one function for each field. */

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

/*
 * A process has two names, the program's and the one the kernel gave it at exec (a script's, or the
 * name of a link). A rule must be able to match either; documents print the first.
 */
static bool process_name(const struct process *process, size_t index, struct value *value)
{
	const struct image *image = process->image;
	struct span base = image ? field_program_name(image->executable) : SPAN_NONE;
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

#define IMAGE_TEXT(member)                                                                         \
	static bool process_##member(const struct process *process, size_t index,                  \
				     struct value *value)                                          \
	{                                                                                          \
		return process->image && text_value(process->image->member, index, value);         \
	}
IMAGE_TEXT(executable)
IMAGE_TEXT(comm)
IMAGE_TEXT(working_directory)
#undef IMAGE_TEXT

#define IDENTITY(member)                                                                           \
	static bool process_##member##_id(const struct process *process, size_t index,             \
					  struct value *value)                                     \
	{                                                                                          \
		const struct image *image = process->image;                                        \
                                                                                                   \
		return image && id_value(image->credentials.known, image->credentials.member.id,   \
					 index, value);                                            \
	}                                                                                          \
	static bool process_##member##_name(const struct process *process, size_t index,           \
					    struct value *value)                                   \
	{                                                                                          \
		return process->image &&                                                           \
		       text_value(process->image->credentials.member.name, index, value);          \
	}
IDENTITY(user)
IDENTITY(real_user)
IDENTITY(saved_user)
IDENTITY(group)
IDENTITY(real_group)
IDENTITY(saved_group)
IDENTITY(login_user)
#undef IDENTITY

#define EVENT_IDENTITY(member)                                                                     \
	static bool event_##member##_id(const struct process_event *event, size_t index,           \
					struct value *value)                                       \
	{                                                                                          \
		return process_##member##_id(&event->process, index, value);                       \
	}                                                                                          \
	static bool event_##member##_name(const struct process_event *event, size_t index,         \
					  struct value *value)                                     \
	{                                                                                          \
		return process_##member##_name(&event->process, index, value);                     \
	}
EVENT_IDENTITY(user)
EVENT_IDENTITY(real_user)
EVENT_IDENTITY(group)
EVENT_IDENTITY(real_group)
EVENT_IDENTITY(login_user)
#undef EVENT_IDENTITY

#define EVENT_TEXT(name, member)                                                                   \
	static bool event_##name(const struct process_event *event, size_t index,                  \
				 struct value *value)                                              \
	{                                                                                          \
		return text_value(event->member, index, value);                                    \
	}
EVENT_TEXT(id, id)
EVENT_TEXT(host_name, host.name)
EVENT_TEXT(host_id, host.id)
EVENT_TEXT(agent_id, host.agent_id)
EVENT_TEXT(entry_type, entry_type)
EVENT_TEXT(syscall, syscall.name)
#undef EVENT_TEXT

static bool event_timestamp(const struct process_event *event, size_t index, struct value *value)
{
	return date_value(stamp_ms(&event->stamp), index, value);
}

#define EVENT_IMAGE_TEXT(name, member)                                                             \
	static bool event_##name(const struct process_event *event, size_t index,                  \
				 struct value *value)                                              \
	{                                                                                          \
		return event->process.image &&                                                     \
		       text_value(event->process.image->member, index, value);                     \
	}
EVENT_IMAGE_TEXT(container_id, container_id)
EVENT_IMAGE_TEXT(container_runtime, container_runtime)
EVENT_IMAGE_TEXT(script, script)
#undef EVENT_IMAGE_TEXT

#define SYSCALL_ARG(i)                                                                             \
	static bool event_a##i(const struct process_event *event, size_t index,                    \
			       struct value *value)                                                \
	{                                                                                          \
		return event->syscall.arg[i][0] &&                                                 \
		       text_value(event->syscall.arg[i], index, value);                            \
	}
SYSCALL_ARG(0)
SYSCALL_ARG(1)
SYSCALL_ARG(2)
SYSCALL_ARG(3)
#undef SYSCALL_ARG

#define IS_LEADER(name)                                                                            \
	static bool event_is_##name(const struct process_event *event, size_t index,               \
				    struct value *value)                                           \
	{                                                                                          \
		value->truth = event->name.pid == event->process.pid;                              \
		return event->name.pid && !index;                                                  \
	}
IS_LEADER(entry_leader)
IS_LEADER(group_leader)
IS_LEADER(session_leader)
#undef IS_LEADER

static bool event_previous(const struct process_event *event, size_t index, struct value *value)
{
	return event->previous && text_value(event->previous->executable, index, value);
}

static bool event_session(const struct process_event *event, size_t index, struct value *value)
{
	const struct image *image = event->process.image;

	return image &&
	       id_value(image->credentials.known, image->credentials.session, index, value);
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

/* A variable stands behind the NUL of the one before. */
static bool event_env_vars(const struct process_event *event, size_t index, struct value *value)
{
	const char *text = event->env_vars;

	if (index >= event->env_count)
		return false;
	for (; index; index--)
		text += strlen(text) + 1;
	return text_value(text, 0, value);
}

const struct field field_of_event[] = {
	{ "@timestamp", FIELD_DATE, false, IN_DOCUMENTS, "when the exec was called",
	  .of_event = event_timestamp },
	{ "event.id", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "SEC.MS:SERIAL of the audit event; `ausearch -a SERIAL` finds it", .of_event = event_id },
	{ "event.kind", FIELD_KEYWORD, false, IN_DOCUMENTS, "event; alert in an alert's document",
	  .constant = "event" },
	{ "event.category", FIELD_KEYWORD, true, IN_DOCUMENTS, "process", .constant = "process" },
	{ "event.type", FIELD_KEYWORD, true, IN_DOCUMENTS, "start", .constant = "start" },
	{ "event.action", FIELD_KEYWORD, false, IN_DOCUMENTS, "exec", .constant = "exec" },
	{ "event.outcome", FIELD_KEYWORD, false, IN_DOCUMENTS, "success", .constant = "success" },
	{ "host.name", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "node= of the records, else the machine's own name", .of_event = event_host_name },
	{ "host.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "the machine id",
	  .of_event = event_host_id },
	{ "host.os.type", FIELD_KEYWORD, false, IN_DOCUMENTS, "linux", .constant = "linux" },
	{ "agent.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "agent_id of the configuration",
	  .of_event = event_agent_id },
	{ "user.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "effective user",
	  .of_event = event_user_id },
	{ "user.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "effective user",
	  .of_event = event_user_name },
	{ "user.Ext.real.id", FIELD_KEYWORD, false, IN_NO_DOCUMENT, "real user",
	  .of_event = event_real_user_id },
	{ "user.Ext.real.name", FIELD_KEYWORD, false, IN_NO_DOCUMENT, "real user",
	  .of_event = event_real_user_name },
	{ "group.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "effective group",
	  .of_event = event_group_id },
	{ "group.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "effective group",
	  .of_event = event_group_name },
	{ "group.Ext.real.id", FIELD_KEYWORD, false, IN_NO_DOCUMENT, "real group",
	  .of_event = event_real_group_id },
	{ "group.Ext.real.name", FIELD_KEYWORD, false, IN_NO_DOCUMENT, "real group",
	  .of_event = event_real_group_name },
	{ "container.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "container the process lives in",
	  .of_event = event_container_id },
	{ "container.runtime", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "docker, podman, containerd, cri-o, lxc or systemd-nspawn",
	  .of_event = event_container_runtime },
	{ "process.previous.executable", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "what the same process was before an exec without a fork", .of_event = event_previous },
	{ "auspawn.login_user.id", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "who logged in (auid); absent for services", .of_event = event_login_user_id },
	{ "auspawn.login_user.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "who logged in",
	  .of_event = event_login_user_name },
	{ "auspawn.session.id", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "audit session (ses); absent for services", .of_event = event_session },
	{ "auspawn.key", FIELD_KEYWORD, true, IN_DOCUMENTS, "keys of the audit rule",
	  .of_event = event_key },
	{ "auspawn.reparented_to.pid", FIELD_NUMBER, false, IN_DOCUMENTS,
	  "who had adopted the process by its exec; its creator is process.parent",
	  .of_event = event_reparented_to },
	{ "auspawn.script", FIELD_KEYWORD, false, IN_DOCUMENTS,
	  "path of the script that the program was started for by #!, absolute where the working "
	  "directory is known",
	  .of_event = event_script },
	{ "auditd.data.syscall", FIELD_KEYWORD, false, IN_NO_DOCUMENT, "execve or execveat",
	  .of_event = event_syscall },
	{ "auditd.data.a0", FIELD_KEYWORD, false, IN_NO_DOCUMENT,
	  "first argument of the system call, in hexadecimal", .of_event = event_a0 },
	{ "auditd.data.a1", FIELD_KEYWORD, false, IN_NO_DOCUMENT, "second", .of_event = event_a1 },
	{ "auditd.data.a2", FIELD_KEYWORD, false, IN_NO_DOCUMENT, "third", .of_event = event_a2 },
	{ "auditd.data.a3", FIELD_KEYWORD, false, IN_NO_DOCUMENT, "fourth", .of_event = event_a3 },
	{ "process.env_vars", FIELD_KEYWORD, true, IN_NO_DOCUMENT,
	  "NAME=value of the variables that env_vars in auspawn.conf lists, from /proc; never in a "
	  "replay",
	  .of_event = event_env_vars },
	{ "process.entry_leader.entry_meta.type", FIELD_KEYWORD, false, IN_NO_DOCUMENT,
	  "sshd, ssm, teleport, console, terminal, container, init or unknown", .of_event = event_entry_type },
	{ "process.entry_leader.same_as_process", FIELD_BOOLEAN, false, IN_NO_DOCUMENT,
	  "is it its own entry leader", .of_event = event_is_entry_leader },
	{ "process.group_leader.same_as_process", FIELD_BOOLEAN, false, IN_NO_DOCUMENT,
	  "does it lead its process group", .of_event = event_is_group_leader },
	{ "process.session_leader.same_as_process", FIELD_BOOLEAN, false, IN_NO_DOCUMENT,
	  "does it lead its session", .of_event = event_is_session_leader },
};

const struct field field_of_process[] = {
	{ "pid", FIELD_NUMBER, false, IN_DOCUMENTS, "as the host counts",
	  .of_process = process_pid },
	{ "name", FIELD_KEYWORD, true, IN_DOCUMENTS,
	  "base name of the executable, without a mark that it is deleted, and, where it differs, the "
	  "kernel's name (comm)",
	  .of_process = process_name, .of_ancestors = true },
	{ "thread.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "the kernel's name (comm)",
	  .of_process = process_comm },
	{ "executable", FIELD_KEYWORD, false, IN_DOCUMENTS, "path of the program; ' (deleted)' is behind it where the file is gone",
	  .of_process = process_executable, .of_ancestors = true },
	{ "args", FIELD_KEYWORD, true, IN_DOCUMENTS, "arguments, the program's name first",
	  .of_process = process_args },
	{ "args_count", FIELD_NUMBER, false, IN_DOCUMENTS, "how many arguments there were",
	  .of_process = process_args_count },
	{ "command_line", FIELD_KEYWORD, false, IN_DOCUMENTS, "arguments joined by single spaces",
	  .of_process = process_command_line, .of_ancestors = true },
	{ "working_directory", FIELD_KEYWORD, false, IN_DOCUMENTS, "when the exec was called",
	  .of_process = process_working_directory },
	{ "interactive", FIELD_BOOLEAN, false, IN_DOCUMENTS, "has a terminal",
	  .of_process = process_interactive },
	{ "start", FIELD_DATE, false, IN_DOCUMENTS, "when the process was forked, if known",
	  .of_process = process_start },
	{ "user.id", FIELD_KEYWORD, false, IN_PARENT_ONLY, "effective user",
	  .of_process = process_user_id },
	{ "user.name", FIELD_KEYWORD, false, IN_PARENT_ONLY, "effective user",
	  .of_process = process_user_name },
	{ "group.id", FIELD_KEYWORD, false, IN_PARENT_ONLY, "effective group",
	  .of_process = process_group_id },
	{ "group.name", FIELD_KEYWORD, false, IN_PARENT_ONLY, "effective group",
	  .of_process = process_group_name },
	{ "real_user.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "real user",
	  .of_process = process_real_user_id },
	{ "real_user.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "real user",
	  .of_process = process_real_user_name },
	{ "saved_user.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "saved user",
	  .of_process = process_saved_user_id },
	{ "saved_user.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "saved user",
	  .of_process = process_saved_user_name },
	{ "real_group.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "real group",
	  .of_process = process_real_group_id },
	{ "real_group.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "real group",
	  .of_process = process_real_group_name },
	{ "saved_group.id", FIELD_KEYWORD, false, IN_DOCUMENTS, "saved group",
	  .of_process = process_saved_group_id },
	{ "saved_group.name", FIELD_KEYWORD, false, IN_DOCUMENTS, "saved group",
	  .of_process = process_saved_group_name },
};

const size_t field_event_count = sizeof(field_of_event) / sizeof(field_of_event[0]);
const size_t field_process_count = sizeof(field_of_process) / sizeof(field_of_process[0]);
