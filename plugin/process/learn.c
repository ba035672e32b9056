/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/learn.h"

#include "process/ancestry.h"
#include "process/identity.h"

/* When the numbers are used up the kernel goes on with this one (kernel/pid.c). */
#define RESERVED_PIDS 300

/* A worker that was forked may have changed its directory, and been put into a container. */
void learn_from_proc(struct entry *entry, const struct procfs_process *process)
{
	const struct image *image = entry->image;
	struct image draft;

	entry->start = process->start.ms;
	entry->ticks = process->start.ticks;
	entry->nested = process->nested;
	if (!image || !image->executable) {
		table_set_image(entry, process->image);
	} else if (identity_same_program(process->image->executable, image->executable)) {
		draft = *image;
		draft.working_directory = process->image->working_directory;
		if (!draft.container_known)
			ancestry_inherit_container(process->image, &draft);
		image = image_copy(&draft, TABLE_MAX_ARGS);
		table_set_image(entry, image);
		image_unref(image);
	}
}

void learn_from_record(struct entry *caller, const struct image *seen)
{
	const struct image *known = caller->image;
	bool same_program = known && (!known->executable || !seen->executable ||
				      identity_same_program(known->executable, seen->executable));
	struct image draft;

	if (same_program && known->credentials.known &&
	    known->credentials.user.id == seen->credentials.user.id &&
	    known->credentials.group.id == seen->credentials.group.id)
		return;
	if (same_program) {
		draft = *known;
		draft.credentials = seen->credentials;
	} else {
		draft = *seen;
		ancestry_inherit_container(known, &draft);
	}
	seen = image_copy(&draft, TABLE_MAX_ARGS);
	table_set_image(caller, seen);
	image_unref(seen);
}

bool learn_is_inner(const struct audit_event *fork)
{
	return fork->child < RESERVED_PIDS && fork->child < fork->pid;
}

bool learn_is_own(const struct entry *child, const struct entry *caller, int64_t now)
{
	if (child->forked)
		return false;
	if (child->parent_pid == caller->key.pid || identity_is_placeholder(child))
		return now <= child->seen;
	return child->execed && now < child->seen && identity_counts_as_we(caller);
}

void learn_own(struct entry *child, const struct entry *caller, const struct audit_event *fork)
{
	child->forked = true;
	child->nested = child->nested || caller->unshared || fork->new_pids;
	child->start = child->start ? child->start : stamp_ms(&fork->stamp);
	if (child->parent_pid != caller->key.pid || !child->parent_image)
		table_set_parent(child, caller);
	if (!child->image)
		table_set_image(child, caller->image);
}

bool learn_is_new(struct entry *child, const struct entry *caller, int64_t now)
{
	if (now < child->seen || (now == child->seen && !child->forked))
		return false;
	if (identity_counts_as_we(caller))
		return true;
	child->claimant = (pid_t)caller->key.pid;
	child->claimed = now;
	return false;
}
