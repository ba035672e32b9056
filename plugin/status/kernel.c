/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/kernel.h"

#include <errno.h>
#include <libaudit.h>
#include <poll.h>
#include <stdbool.h>

#define WAIT_MS 1000 /* for each answer */

/* Takes the next answer. Returns 0 or a negative errno. */
static int get_reply(int fd, struct audit_reply *reply)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int got;

	do {
		if (poll(&ready, 1, WAIT_MS) <= 0)
			return -ETIMEDOUT;
		got = audit_get_reply(fd, reply, GET_REPLY_NONBLOCKING, 0);
	} while (got == -EAGAIN || got == -EINTR);
	if (got <= 0)
		return got ? got : -EPROTO;
	return reply->type == NLMSG_ERROR ? reply->error->error : 0;
}

static int read_status(int fd, struct kernel_figures *figures)
{
	struct audit_reply reply;
	int error = audit_request_status(fd);

	if (error < 0)
		return error;
	/* An acknowledgement stands before the answer. */
	do {
		error = get_reply(fd, &reply);
		if (error)
			return error;
	} while (reply.type != AUDIT_GET);
	figures->enabled = reply.status->enabled;
	figures->auditd = reply.status->pid;
	figures->failure = reply.status->failure;
	figures->backlog = reply.status->backlog;
	figures->backlog_limit = reply.status->backlog_limit;
	figures->lost = reply.status->lost;
	figures->rate_limit = reply.status->rate_limit;
	return 0;
}

/* --- rules --- */

static bool has_call(const struct audit_rule_data *rule, const char *name, int machine)
{
	int call = audit_name_to_syscall(name, machine);

	return call >= 0 && AUDIT_WORD(call) < AUDIT_BITMASK_SIZE &&
	       rule->mask[AUDIT_WORD(call)] & AUDIT_BIT(call);
}

static int machine_of(const struct audit_rule_data *rule)
{
	for (unsigned int i = 0; i < rule->field_count && i < AUDIT_MAX_FIELDS; i++) {
		if (rule->fields[i] == AUDIT_ARCH)
			return audit_elf_to_machine(rule->values[i]);
	}
	return audit_detect_machine();
}

static bool satisfies(uint32_t number, uint32_t operator, uint32_t value)
{
	switch (operator) {
	case AUDIT_EQUAL:
		return number == value;
	case AUDIT_NOT_EQUAL:
		return number != value;
	case AUDIT_LESS_THAN:
		return number < value;
	case AUDIT_LESS_THAN_OR_EQUAL:
		return number <= value;
	case AUDIT_GREATER_THAN:
		return number > value;
	case AUDIT_GREATER_THAN_OR_EQUAL:
		return number >= value;
	}
	return true;
}

/* As far as user ids tell. */
static bool applies_to(const struct audit_rule_data *rule, uid_t user)
{
	for (unsigned int i = 0; i < rule->field_count && i < AUDIT_MAX_FIELDS; i++) {
		uint32_t field = rule->fields[i];

		if (user != KERNEL_ANY_USER &&
		    (field == AUDIT_UID || field == AUDIT_EUID || field == AUDIT_SUID ||
		     field == AUDIT_FSUID) &&
		    !satisfies(user, rule->fieldflags[i], rule->values[i]))
			return false;
	}
	return true;
}

static void count_rule(struct kernel_figures *figures, const struct audit_rule_data *rule, uid_t user)
{
	int machine = machine_of(rule);

	figures->rules++;
	if (rule->flags == AUDIT_FILTER_TASK && rule->action == AUDIT_NEVER)
		figures->never_rules++;
	if (rule->flags == AUDIT_FILTER_EXIT && rule->action == AUDIT_ALWAYS &&
	    (has_call(rule, "execve", machine) || has_call(rule, "execveat", machine)) &&
	    applies_to(rule, user))
		figures->exec_rules++;
}

static int read_rules(int fd, struct kernel_figures *figures, uid_t user)
{
	struct audit_reply reply;
	int error = audit_request_rules_list_data(fd);

	if (error < 0)
		return error;
	do {
		error = get_reply(fd, &reply);
		if (error)
			return error;
		if (reply.type == AUDIT_LIST_RULES)
			count_rule(figures, reply.ruledata, user);
	} while (reply.type != NLMSG_DONE);
	return 0;
}

int kernel_read(struct kernel_figures *figures, uid_t user)
{
	int fd, error;

	*figures = (struct kernel_figures){ 0 };
	set_aumessage_mode(MSG_QUIET, DBG_NO);
	fd = audit_open();
	if (fd < 0)
		return -errno;
	error = read_status(fd, figures);
	if (!error)
		error = read_rules(fd, figures, user);
	audit_close(fd);
	return error;
}
