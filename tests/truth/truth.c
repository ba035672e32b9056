/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORKERS 16
#define KINDS	3

static int usage(void)
{
	fprintf(stderr, "usage: truth record SOCKET OUT [UID GID DIR COUNT]\n"
			"Records in OUT who really starts whom, until stdin ends or, where UID is given, until the\n"
			"thousands of processes are gone that it starts itself.\n");
	return 2;
}

static void run_all(struct actor *actor, const struct way *ways, int count)
{
	for (; ways->name; ways++) {
		for (int i = 0; i < count; i++)
			ways->run(actor, ways->name);
	}
}

static const struct way *any_of(const struct way *ways)
{
	size_t n = 0;

	while (ways[n].name)
		n++;
	return &ways[(size_t)random() % n];
}

/* Many at once, each doing whatever comes to its mind. */
static void run_at_once(struct actor *actor, int count)
{
	static const struct way *const kinds[KINDS] = { ways_of_forking, ways_of_running,
							ways_through_namespaces };
	char id[TRUTH_ID];

	actor->phase = "at-once/";
	for (int i = 0; i < WORKERS; i++) {
		if (ways_fork(actor, id))
			continue;
		srandom((unsigned int)i + 1);
		for (int j = 0; j < count; j++) {
			const struct way *way = any_of(kinds[random() % KINDS]);

			way->run(actor, way->name);
		}
		_exit(0);
	}
	ways_reap();
}

static void tell_driver(struct actor *actor, char *argv[])
{
	struct start start = { .way = "driver",
			       .tag = actor->tag,
			       .exe = actor->path,
			       .argv = (const char *const *)argv };

	report_exec(actor, &start);
}

/* argv: drive TAG DIR COUNT */
static int drive(struct actor *actor, char *argv[])
{
	int count = atoi(argv[4]);
	char number[16];

	snprintf(actor->dir, sizeof(actor->dir), "%s", argv[3]);
	snprintf(number, sizeof(number), "%d", (int)getpid());
	setenv("TRUTH_DRIVER", number, 1);
	setenv("TRUTH_PATH", actor->path, 1);
	programs_prepare(actor);
	run_all(actor, ways_of_forking, count);
	run_all(actor, ways_of_running, count);
	run_all(actor, ways_through_namespaces, count / 4 + 1);
	run_all(actor, ways_with_old_pids, count);
	if (getenv("TRUTH_I386"))
		run_all(actor, ways_elsewhere, count);
	run_at_once(actor, count);
	return 0;
}

/* The first process of a container. argv: contained TAG SOCKET COUNT */
static int drive_container(struct actor *actor, char *argv[])
{
	if (!elsewhere_connect(argv[3]))
		return 1;
	tell_driver(actor, argv);
	actor->phase = "container/";
	run_all(actor, ways_of_forking, atoi(argv[4]));
	return 0;
}

static int record_with_driver(struct actor *actor, char *argv[])
{
	char tag[TRUTH_TAG];
	char *driver[] = { actor->path, "drive", tag, argv[6], argv[7], NULL };

	report_tag(actor, "driver", tag);
	return record(argv[2], argv[3], (uid_t)atoi(argv[4]), (gid_t)atoi(argv[5]), driver);
}

/* Whoever is started without code of ours before reports on itself.
 * argv: self TAG created|by CREATION|TAG [sh] */
static void report_self(struct actor *actor, char *argv[])
{
	const char *way = strchr(argv[2], ':') + 1;
	char name[TRUTH_TAG];
	struct start start = { .way = name,
			       .tag = actor->tag,
			       .exe = actor->path,
			       .argv = (const char *const *)argv };

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(way, ":"), way);
	if (argv[3] && argv[4] && !strcmp(argv[3], "created"))
		start.created = argv[4];
	else if (argv[3] && argv[4] && !strcmp(argv[3], "by"))
		start.by = argv[4];
	if (argv[3] && argv[4] && argv[5])
		start.previous = realpath("/bin/sh", NULL);
	report_exec(actor, &start);
}

int main(int argc, char *argv[])
{
	struct actor actor = { .phase = "", .socket = TRUTH_SOCKET };
	const char *role = argc > 1 ? argv[1] : "";
	ssize_t length = readlink("/proc/self/exe", actor.path, sizeof(actor.path) - 1);

	if (argv[0][0] == '/')
		snprintf(actor.path, sizeof(actor.path), "%s", argv[0]);
	else if (length <= 0)
		return 1;
	if (!strcmp(role, "record") && (argc == 4 || argc == 8))
		return argc == 4 ? record(argv[2], argv[3], 0, 0, NULL)
				 : record_with_driver(&actor, argv);
	if (argc < 3)
		return usage();
	snprintf(actor.tag, sizeof(actor.tag), "%s", argv[2]);
	if (!strcmp(role, "leaf") && argc == 4) {
		ways_nap((unsigned int)atoi(argv[3]));
	} else if (!strcmp(role, "self")) {
		report_self(&actor, argv);
	} else if (!strcmp(role, "drive") && argc == 5) {
		tell_driver(&actor, argv);
		return drive(&actor, argv);
	} else if (!strcmp(role, "contained") && argc == 5) {
		return drive_container(&actor, argv);
	} else if (!strcmp(role, "chain") && argc == 5) {
		role_chain(&actor, argv);
	} else if (!strcmp(role, "parent")) {
		role_parent(&actor, argv);
	} else if (!strcmp(role, "orphaner") && argc == 4) {
		role_orphaner(&actor, argv);
	} else {
		return usage();
	}
	return 0;
}
