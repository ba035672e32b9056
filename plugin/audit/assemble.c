/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/assemble.h"

#include <auparse.h>
#include <inttypes.h>
#include <libaudit.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/argv.h"
#include "audit/fields.h"
#include "base/memory.h"

#include <utarray.h>

struct assembler {
	auparse_state_t *auparse;
	assemble_handler handle;
	void *user;
	const struct gathered *gathered; /* what is being assembled; NULL between */
	struct argv argv;
	UT_array *decoded; /* strings that live as long as the event being assembled */
	struct assemble_stats stats;
};

/* What the records of one event say, before it is known to be complete. */
struct draft {
	struct image image;
	struct audit_event event;
	int64_t arch;
	int64_t number; /* of the system call */
	int64_t arg[4];
	int64_t exit;
	bool pid_seen, ppid_seen, number_seen, exit_seen;
};

static const char *keep(struct assembler *assembler, struct span value)
{
	ptrdiff_t length = fields_string_length(value);
	char *text;

	if (length < 0)
		return NULL;

	text = mem_resize(NULL, (size_t)length + 1, 1);
	fields_string(value, text);
	text[length] = '\0';
	utarray_push_back(assembler->decoded, &text);
	return text;
}

static bool set_pid(struct span value, pid_t *pid)
{
	int64_t number;

	if (!fields_number(value, 10, &number) || number < 0 || number > INT32_MAX)
		return false;
	*pid = (pid_t)number;
	return true;
}

static bool set_id(struct span value, uint32_t *id)
{
	int64_t number;

	/* Unset is 4294967295 in the kernel's decimal, -1 in some tools' hands. */
	if (!fields_number(value, 10, &number))
		return false;
	*id = (uint32_t)number;
	return true;
}

/* The identity that `name` stands for in a SYSCALL record, in either case: "uid" of the raw part,
 * "UID" of the enriched one. */
static struct identity *identity_named(struct credentials *credentials, struct span name)
{
	static const char *const names[] = { "auid", "uid", "gid", "euid", "suid", "egid", "sgid" };
	struct identity *const identities[] = {
		&credentials->login_user, &credentials->real_user,  &credentials->real_group,
		&credentials->user,       &credentials->saved_user, &credentials->group,
		&credentials->saved_group,
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (name.length == strlen(names[i]) &&
		    !strncasecmp(name.start, names[i], name.length))
			return identities[i];
	}
	return NULL;
}

static void set_arg(struct draft *draft, unsigned int i, struct span value)
{
	if (value.length >= SYSCALL_MAX_ARG || !fields_number(value, 16, &draft->arg[i]))
		return;
	memcpy(draft->event.syscall.arg[i], value.start, value.length);
	draft->event.syscall.arg[i][value.length] = '\0';
}

static void syscall_field(struct assembler *assembler, struct draft *draft, struct span name,
			  struct span value)
{
	struct identity *identity = identity_named(&draft->image.credentials, name);

	if (identity)
		draft->image.credentials.known |= set_id(value, &identity->id);
	else if (span_is(name, "ses"))
		set_id(value, &draft->image.credentials.session);
	else if (span_is(name, "pid"))
		draft->pid_seen = set_pid(value, &draft->event.pid);
	else if (span_is(name, "ppid"))
		draft->ppid_seen = set_pid(value, &draft->event.ppid);
	else if (span_is(name, "arch"))
		fields_number(value, 16, &draft->arch);
	else if (span_is(name, "syscall"))
		draft->number_seen = fields_number(value, 10, &draft->number);
	else if (span_is(name, "exit"))
		draft->exit_seen = fields_number(value, 10, &draft->exit);
	else if (name.length == 2 && name.start[0] == 'a' && name.start[1] >= '0' &&
		 name.start[1] <= '3')
		set_arg(draft, (unsigned int)(name.start[1] - '0'), value);
	else if (span_is(name, "tty"))
		draft->image.interactive = span_is(value, "(none)") ? KNOWN_FALSE : KNOWN_TRUE;
	else if (span_is(name, "comm"))
		draft->image.comm = keep(assembler, value);
	else if (span_is(name, "exe"))
		draft->image.executable = keep(assembler, value);
	else if (span_is(name, "key"))
		draft->event.key = keep(assembler, value);
}

static void read_syscall(struct assembler *assembler, struct draft *draft, struct span fields)
{
	struct span name, value;

	while (fields_next(&fields, &name, &value))
		syscall_field(assembler, draft, name, value);
}

/* The enriched part names users and groups; what it could not resolve is no name. */
static void read_names(struct assembler *assembler, struct draft *draft, struct span fields)
{
	struct span name, value;
	struct identity *identity;

	while (fields_next(&fields, &name, &value)) {
		identity = identity_named(&draft->image.credentials, name);
		if (identity && !span_is(value, "\"unset\"") &&
		    !span_starts_with(value, "\"unknown(") && value.length > 2)
			identity->name = keep(assembler, value);
	}
}

static void read_directory(struct assembler *assembler, struct draft *draft, struct span fields)
{
	struct span name, value;

	while (fields_next(&fields, &name, &value)) {
		if (span_is(name, "cwd"))
			draft->image.working_directory = keep(assembler, value);
	}
}

/* What is behind the name says more of the file than of the exec. */
static void read_file(struct assembler *assembler, struct draft *draft, struct span fields)
{
	struct span name, value;
	int64_t item = -1;

	while (fields_next(&fields, &name, &value)) {
		if (span_is(name, "item")) {
			fields_number(value, 10, &item);
		} else if (span_is(name, "name")) {
			if (item >= 0 && item < AUDIT_MAX_FILES && !draft->event.file[item])
				draft->event.file[item] = keep(assembler, value);
			return;
		}
	}
}

static void read_record(struct assembler *assembler, struct draft *draft)
{
	struct span text = span_of(auparse_get_record_text(assembler->auparse));
	const char *names = auparse_get_record_interpretations(assembler->auparse);

	/* The record's head, node=, type= and msg=, are fields like others and mean nothing here. */
	switch (auparse_get_type(assembler->auparse)) {
	case AUDIT_SYSCALL:
		read_syscall(assembler, draft, text);
		if (names)
			read_names(assembler, draft, span_of(names));
		break;
	case AUDIT_EXECVE:
		argv_add(&assembler->argv, text);
		break;
	case AUDIT_CWD:
		read_directory(assembler, draft, text);
		break;
	case AUDIT_PATH:
		read_file(assembler, draft, text);
		break;
	default:
		break;
	}
}

/* A kind's own demands; fills what only that kind has. Returns false if something is missing. */
static bool complete(struct assembler *assembler, struct draft *draft)
{
	int64_t flags;

	if (!draft->pid_seen || !draft->ppid_seen)
		return false;

	switch (assembler->gathered->kind) {
	case SYSCALL_EXEC:
		draft->event.kind = AUDIT_EVENT_EXEC;
		draft->image.args = argv_args(&assembler->argv);
		if (draft->number_seen)
			draft->event.syscall.name = syscalls_name(draft->arch, draft->number);
		return draft->image.executable || draft->image.comm;
	case SYSCALL_CLONE:
		flags = draft->arg[syscalls_clone_flags_arg(draft->arch)];
		draft->event.thread = flags & CLONE_THREAD;
		draft->event.new_pids = flags & CLONE_NEWPID;
		/* fall through */
	case SYSCALL_FORK:
		draft->event.kind = AUDIT_EVENT_FORK;
		draft->event.child = (pid_t)draft->exit;
		return draft->exit_seen && draft->exit > 0 && draft->exit <= INT32_MAX;
	case SYSCALL_UNSHARE:
		draft->event.kind = AUDIT_EVENT_UNSHARE;
		draft->event.new_pids = draft->arg[0] & CLONE_NEWPID;
		return true;
	case SYSCALL_EXIT:
		draft->event.kind = AUDIT_EVENT_EXIT;
		return true;
	default:
		return false;
	}
}

static void count(struct assembler *assembler, enum audit_event_kind kind)
{
	assembler->stats.execs += kind == AUDIT_EVENT_EXEC;
	assembler->stats.forks += kind == AUDIT_EVENT_FORK;
	assembler->stats.exits += kind == AUDIT_EVENT_EXIT;
}

static void draft_init(struct draft *draft, const struct gathered *gathered)
{
	memset(draft, 0, sizeof(*draft));
	draft->image.interactive = UNKNOWN;
	draft->image.credentials = (struct credentials){
		.user = { ID_UNSET, NULL },       .real_user = { ID_UNSET, NULL },
		.saved_user = { ID_UNSET, NULL }, .group = { ID_UNSET, NULL },
		.real_group = { ID_UNSET, NULL }, .saved_group = { ID_UNSET, NULL },
		.login_user = { ID_UNSET, NULL }, .session = ID_UNSET,
	};
	draft->event.node = gathered->node;
	draft->event.stamp = gathered->stamp;
}

/* Is libauparse's event the one being fed? Nothing of another may be taken for it. */
static bool is_expected(auparse_state_t *auparse, const struct gathered *gathered)
{
	const au_event_t *event = auparse_get_timestamp(auparse);

	return event && gathered && event->serial == gathered->stamp.serial &&
	       event->sec == gathered->stamp.sec && event->milli == gathered->stamp.ms;
}

/* libauparse has an event: the one that assembler_take() is feeding. */
static void on_event(auparse_state_t *auparse, auparse_cb_event_t type, void *user)
{
	struct assembler *assembler = user;
	struct draft draft;

	if (type != AUPARSE_CB_EVENT_READY || !is_expected(auparse, assembler->gathered))
		return;
	draft_init(&draft, assembler->gathered);
	argv_reset(&assembler->argv);

	if (auparse_first_record(auparse) <= 0)
		return;
	do {
		read_record(assembler, &draft);
	} while (auparse_next_record(auparse) > 0);

	if (complete(assembler, &draft)) {
		count(assembler, draft.event.kind);
		draft.event.image = image_copy(&draft.image, SIZE_MAX);
		assembler->handle(assembler->user, &draft.event);
		image_unref(draft.event.image);
	} else {
		assembler->stats.malformed++;
	}
	utarray_clear(assembler->decoded);
}

static void free_string(void *element)
{
	free(*(char **)element);
}

struct assembler *assembler_new(assemble_handler handle, void *user)
{
	static const UT_icd strings = { sizeof(char *), NULL, NULL, free_string };
	struct assembler *assembler = mem_zalloc(sizeof(*assembler));

	assembler->auparse = auparse_init(AUSOURCE_FEED, NULL);
	if (!assembler->auparse) {
		free(assembler);
		return NULL;
	}
	/* auparse_init() took this from the machine's auditd.conf; results must not depend on it. */
	auparse_set_eoe_timeout(GATHER_END_MS / 1000);
	auparse_add_callback(assembler->auparse, on_event, assembler, NULL);
	assembler->handle = handle;
	assembler->user = user;
	argv_init(&assembler->argv);
	utarray_new(assembler->decoded, &strings);
	return assembler;
}

void assembler_free(struct assembler *assembler)
{
	if (!assembler)
		return;
	auparse_destroy(assembler->auparse);
	argv_free(&assembler->argv);
	utarray_free(assembler->decoded);
	free(assembler);
}

void assembler_take(struct assembler *assembler, const struct gathered *gathered)
{
	char end[TRIAGE_MAX_NODE + 128];
	int length = snprintf(end, sizeof(end),
			      "%s%s%stype=EOE msg=audit(%" PRId64 ".%03u:%" PRIu64 "): \n",
			      gathered->node ? "node=" : "", gathered->node ? gathered->node : "",
			      gathered->node ? " " : "", gathered->stamp.sec, gathered->stamp.ms,
			      gathered->stamp.serial);

	assembler->gathered = gathered;
	auparse_feed(assembler->auparse, gathered->lines, strlen(gathered->lines));
	auparse_feed(assembler->auparse, end, (size_t)length);
	/* A finished event is handed out only when more input arrives. */
	auparse_feed(assembler->auparse, "", 0);
	assembler->gathered = NULL;
}

const struct assemble_stats *assembler_stats(const struct assembler *assembler)
{
	return &assembler->stats;
}
