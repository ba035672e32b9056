/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "process/entry.h"

#define MAX_CHAIN 8

/* A process and its ancestors, oldest last, as executables ("?": only the pid is known). Pids go down from 100;
 * the last is 1 where it is "init". */
struct chain {
	const char *executable[MAX_CHAIN];
	const char *type; /* NULL: no entry point */
	int leader;       /* index into the chain */
};

static void check_chain(const struct chain *chain)
{
	struct image images[MAX_CHAIN];
	struct process process[MAX_CHAIN];
	struct entry_walk walk;
	const char *type = NULL;

	for (int i = 0; i < MAX_CHAIN && chain->executable[i]; i++) {
		bool init = !strcmp(chain->executable[i], "init");

		images[i] = (struct image){ .executable = chain->executable[i] };
		process[i] = (struct process){
			init ? 1 : 100 - i, 0,
			strcmp(chain->executable[i], "?") != 0 ? &images[i] : NULL
		};
		if (i == 0)
			entry_begin(&walk, &process[i]);
		else
			type = entry_step(&walk, &process[i]);
		if (type)
			break;
	}
	if ((type == NULL) != (chain->type == NULL) || (type && strcmp(type, chain->type) != 0))
		fail_msg("%s ...: %s", chain->executable[0], type ? type : "none");
	if (type && walk.leader.pid != process[chain->leader].pid)
		fail_msg("%s ...: leader %d", chain->executable[0], (int)walk.leader.pid);
}

static void test_leader_is_the_child_of_the_nearest_entry_point(void **state)
{
	static const struct chain chains[] = {
		{ { "/usr/bin/id", "/bin/bash", "/usr/sbin/sshd", "/usr/sbin/sshd", "/usr/sbin/sshd",
		    "init" }, "sshd", 1 },
		/* The command that ssh was given. */
		{ { "/usr/bin/id", "/usr/sbin/sshd", "/usr/sbin/sshd", "init" }, "sshd", 0 },
		{ { "/bin/bash", "/usr/lib/openssh/sshd-session", "/usr/lib/openssh/sshd-session",
		    "/usr/sbin/sshd", "init" }, "sshd", 0 },
		/* Became root in the session. */
		{ { "/usr/bin/id", "/bin/bash", "/usr/bin/su", "/bin/bash", "/usr/sbin/sshd" }, "sshd", 3 },
		{ { "/usr/bin/id", "/bin/bash", "/usr/bin/login", "init" }, "console", 1 },
		{ { "/bin/bash", "/usr/sbin/agetty", "init" }, "console", 0 },
		{ { "/usr/bin/id", "/bin/bash", "/usr/libexec/gnome-terminal-server",
		    "/usr/lib/systemd/systemd", "init" }, "terminal", 1 },
		{ { "/bin/bash", "/usr/bin/tmux", "init" }, "terminal", 0 },
		{ { "/bin/bash", "/usr/bin/xterm", "/bin/bash", "/usr/sbin/sshd" }, "terminal", 0 },
		/* tmux itself was started in the session. */
		{ { "/usr/bin/tmux", "/bin/bash", "/usr/sbin/sshd" }, "sshd", 1 },
		{ { "/bin/sh", "/usr/bin/php-fpm", "/usr/bin/containerd-shim-runc-v2", "init" },
		  "container", 1 },
		{ { "/usr/bin/php-fpm", "/usr/bin/conmon", "init" }, "container", 0 },
		/* A runtime that its shim started is still outside, what it starts is inside. */
		{ { "/bin/sh", "/usr/sbin/runc", "/usr/bin/containerd-shim-runc-v2", "init" },
		  "container", 0 },
		{ { "/usr/bin/crun", "/usr/bin/conmon", "init" }, "init", 1 },
		{ { "/sbin/init", "/usr/bin/lxc-start", "init" }, "container", 0 },
		{ { "/sbin/init", "/usr/bin/systemd-nspawn", "init" }, "container", 0 },
		{ { "/bin/bash", "/usr/sbin/sshd", "/sbin/init", "/usr/bin/lxc-start" }, "sshd", 0 },
		{ { "/usr/bin/id", "/bin/sh", "/usr/bin/ssm-session-worker", "/usr/bin/amazon-ssm-agent",
		    "init" }, "ssm", 1 },
		/* It starts itself anew for each session. */
		{ { "/bin/bash", "/usr/local/bin/teleport", "/usr/local/bin/teleport", "init" }, "teleport",
		  0 },
		/* Services. */
		{ { "/usr/bin/id", "/bin/sh", "/usr/sbin/php-fpm8.2", "/usr/sbin/php-fpm8.2", "init" },
		  "init", 3 },
		{ { "/bin/sh", "/usr/sbin/cron", "init" }, "init", 1 },
		{ { "/usr/sbin/nginx", "init" }, "init", 0 },
		/* The service that lets in did not come in by itself. */
		{ { "/usr/sbin/sshd", "/usr/sbin/sshd", "init" }, "init", 1 },
		{ { "/usr/sbin/sshd", "init" }, "init", 0 },
		{ { "/usr/bin/login", "/usr/sbin/agetty", "init" }, "init", 1 },
		/* Of a process in between only the pid is known. */
		{ { "/usr/bin/id", "?", "/usr/sbin/sshd" }, "sshd", 1 },
		/* Replaced while it ran. */
		{ { "/bin/bash", "/usr/sbin/sshd (deleted)", "init" }, "sshd", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++)
		check_chain(&chains[i]);
}

static void test_nothing_is_guessed_where_the_ancestors_end(void **state)
{
	static const struct chain chains[] = {
		{ { "/usr/bin/id" }, NULL, 0 },
		{ { "/usr/bin/id", "/bin/bash", "?" }, NULL, 0 },
		{ { "/usr/sbin/sshd", "/usr/sbin/sshd" }, NULL, 0 },
		{ { "init" }, NULL, 0 },
		{ { "/bin/sh", "/home/me/sshd/x", "/usr/bin/sshd-x", "/bin/xsshd", "/bin/screens" },
		  NULL, 0 },
		{ { "/bin/sh", "/usr/sbin/dockerd", "/usr/bin/containerd", "(deleted)", " (deleted)" },
		  NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++)
		check_chain(&chains[i]);
}

static void test_kinds_by_name(void **state)
{
	static const struct {
		const char *executable, *comm, *type;
	} cases[] = {
		{ NULL, "sshd", "sshd" },
		{ NULL, "tmux: server", "terminal" },
		/* A process's own name is its own choice; the program's counts. */
		{ "/usr/bin/perl", "sshd", NULL },
		{ "/bin/mingetty", NULL, "console" },
		{ "/sbin/getty", NULL, "console" },
		{ "/usr/bin/docker-containerd-shim", NULL, "container" },
		{ "/usr/bin/runc.amd64", NULL, "container" },
		{ "/usr/bin/screen", "screen", "terminal" },
		{ "/usr/bin/konsole", NULL, "terminal" },
		{ "/", NULL, NULL },
		{ NULL, NULL, NULL },
		{ "/x/runc-0123456789012345678901234567890123456789012345678901234567890", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct image image = { .executable = cases[i].executable,
					     .comm = cases[i].comm };
		const struct process child = { .pid = 100 };
		const struct process process = { 90, 0, &image };
		struct entry_walk walk;

		entry_begin(&walk, &child);
		assert_text(entry_step(&walk, &process), cases[i].type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leader_is_the_child_of_the_nearest_entry_point),
		cmocka_unit_test(test_nothing_is_guessed_where_the_ancestors_end),
		cmocka_unit_test(test_kinds_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
