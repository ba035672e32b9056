/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process/entry.h"

#include <fnmatch.h>
#include <stdio.h>

#include "process/field.h"

#define INIT_PID 1
#define MAX_BASE 64 /* bytes of a base name that count */

/* By base name of the program; of the process's own name where the program is not known. */
static const struct {
	const char *pattern;
	const char *type;
} entry_points[] = {
	{ "agetty", "console" },
	{ "getty", "console" },
	{ "login", "console" },
	{ "mingetty", "console" },

	{ "conmon", "container" },
	{ "containerd-shim*", "container" },
	{ "crun*", "container" },
	{ "docker-containerd-shim*", "container" },
	{ "docker-runc*", "container" },
	{ "lxc-start", "container" },
	{ "runc*", "container" },
	{ "systemd-nspawn", "container" },

	{ "sshd", "sshd" },
	{ "sshd-auth", "sshd" },
	{ "sshd-session", "sshd" },

	{ "ssm-session-worker", "ssm" }, /* AWS Systems Manager */

	{ "teleport", "teleport" },

	{ "alacritty", "terminal" },
	{ "gnome-terminal-*", "terminal" }, /* the server; gnome-terminal only calls it */
	{ "kitty", "terminal" },
	{ "konsole", "terminal" },
	{ "mate-terminal", "terminal" },
	{ "ptyxis-agent", "terminal" },
	{ "screen", "terminal" },
	{ "screen-*", "terminal" },
	{ "tmux", "terminal" },
	{ "tmux: server", "terminal" },
	{ "xfce4-terminal", "terminal" },
	{ "xterm", "terminal" },
};

static struct span program_of(const struct image *image)
{
	struct span base = field_program_name(image->executable);

	return base.start ? base : span_of(image->comm);
}

/* The type of entry point that the process is; NULL if it is none. */
static const char *kind_of(const struct process *process)
{
	char name[MAX_BASE];
	struct span program;

	if (process->pid == INIT_PID)
		return "init";
	if (!process->image)
		return NULL;
	program = program_of(process->image);
	if (!program.start || program.length >= sizeof(name))
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)program.length, program.start);
	for (size_t i = 0; i < sizeof(entry_points) / sizeof(entry_points[0]); i++) {
		if (!fnmatch(entry_points[i].pattern, name, 0))
			return entry_points[i].type;
	}
	return NULL;
}

void entry_begin(struct entry_walk *walk, const struct process *process)
{
	walk->leader = *process;
	walk->kind = kind_of(process);
}

const char *entry_step(struct entry_walk *walk, const struct process *creator)
{
	const char *kind = kind_of(creator);

	if (kind && (!walk->kind || strcmp(kind, walk->kind) != 0))
		return kind;
	walk->leader = *creator;
	walk->kind = kind;
	return NULL;
}
