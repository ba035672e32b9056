/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/selftest.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "process/document.h"
#include "status/commands.h"
#include "status/figures.h"
#include "status/kernel.h"
#include "status/running.h"
#include "status/status.h"
#include "status/tail.h"

#define STATUS_NO_ALERT 1
#define STATUS_NOT_TRIED 2
#define LOOK_AGAIN_MS 100
#define NONCE_SIZE 17

struct selftest {
	const struct config *config;
	const struct passwd *user;
	char nonce[NONCE_SIZE];
	char folder[64];   /* private, with the server in it */
	char server[80];
	int64_t began;	   /* by the monotonic clock, in ms */
	int64_t execs;	   /* that the plugin had seen before */
	int64_t syslog_lost;
	off_t file_end;	   /* of the file of alerts, before */
	int64_t judged;	   /* after so many ms; -1: not yet, as the next two */
	int64_t in_file;
	int64_t in_syslog;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- the web shell --- */

/* A server by its name alone: what is executed is the system's shell, so that it works where nothing in /tmp may be. */
static bool make_server(struct selftest *test)
{
	snprintf(test->folder, sizeof(test->folder), "/tmp/auspawn-selftest.XXXXXX");
	if (!mkdtemp(test->folder))
		return false;
	snprintf(test->server, sizeof(test->server), "%s/httpd", test->folder);
	return !chmod(test->folder, 0755) && !symlink("/bin/sh", test->server);
}

static void remove_server(const struct selftest *test)
{
	unlink(test->server);
	rmdir(test->folder);
}

static _Noreturn void become_server(const struct selftest *test)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
	char script[128];

	/* The second command keeps the shell from becoming the first. */
	snprintf(script, sizeof(script), "sh -c ': " STATUS_SELF_TEST "%s'; :", test->nonce);
	if (setgroups(0, NULL) || setgid(test->user->pw_gid) || setuid(test->user->pw_uid) || chdir("/"))
		_exit(127);
	execle(test->server, "sh", "-c", script, NULL, environment);
	_exit(127);
}

/* Returns whether the server did its work. */
static bool run_server(const struct selftest *test)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0)
		become_server(test);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && status == 0;
}

static bool make_nonce(struct selftest *test)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return false;
	snprintf(test->nonce, sizeof(test->nonce), "%016" PRIx64, number);
	return true;
}

/* --- where its alert is --- */

static struct json_object *syslog_of(struct json_object *document)
{
	struct json_object *sinks = document_get(document, figure_set(FIGURES_SINKS)->member);

	if (!json_object_is_type(sinks, json_type_array))
		return NULL;
	for (size_t i = 0; i < json_object_array_length(sinks); i++) {
		struct json_object *sink = json_object_array_get_idx(sinks, i);
		const char *name = json_object_get_string(document_get(sink, "name"));

		if (name && !strcmp(name, "syslog"))
			return sink;
	}
	return NULL;
}

static int64_t number_of(struct json_object *object, const char *name)
{
	return json_object_get_int64(document_get(object, name));
}

static bool is_judged(const struct selftest *test, struct json_object *document)
{
	struct json_object *last = document_get(document, "alerts.self_test");

	return last && !strcmp(json_object_get_string(last), test->nonce);
}

static void note_before(struct selftest *test, struct json_object *document)
{
	struct stat status;

	test->execs = number_of(document, "input.execs");
	test->syslog_lost = number_of(syslog_of(document), "lost");
	if (!lstat(test->config->file.path, &status))
		test->file_end = status.st_size;
	test->began = now_ms();
}

/* Looks after the alert; `document` is a fresh status. Returns whether it is everywhere. */
static bool look(struct selftest *test, struct json_object *document)
{
	const struct config *config = test->config;
	struct json_object *syslog = syslog_of(document);
	int64_t passed = now_ms() - test->began;

	if (test->judged < 0 && is_judged(test, document))
		test->judged = passed;
	if (test->judged >= 0 && test->in_syslog < 0 && !number_of(syslog, "waiting") &&
	    number_of(syslog, "lost") == test->syslog_lost)
		test->in_syslog = passed;
	if (test->judged >= 0 && test->in_file < 0 && config->file.enabled &&
	    tail_has(config->file.path, test->file_end, test->nonce))
		test->in_file = passed;
	return test->judged >= 0 && (test->in_syslog >= 0 || !config->syslog.enabled) &&
	       (test->in_file >= 0 || !config->file.enabled);
}

/* --- what is told --- */

static void tell_broken(const struct selftest *test, const struct running *running)
{
	int64_t execs = number_of(running->document, "input.execs") - test->execs;

	if (test->judged < 0 && !execs)
		fprintf(stderr, "broken: auditd passes no execs on to the plugin, or they come late\n");
	else if (test->judged < 0)
		fprintf(stderr, "broken: the plugin got %" PRId64 " execs, but made no alert of ours: see "
				"'auspawn check --explain web-shell-spawn'\n", execs);
	if (test->judged >= 0 && test->config->syslog.enabled && test->in_syslog < 0)
		fprintf(stderr, "broken: %s does not take what the plugin sends\n",
			test->config->syslog.socket);
	if (test->judged >= 0 && test->config->file.enabled && test->in_file < 0)
		fprintf(stderr, "broken: the alert is not in %s\n", test->config->file.path);
}

static void tell_working(const struct selftest *test)
{
	if (test->judged >= 0)
		printf("works: the plugin made an alert of it after %" PRId64 " ms\n", test->judged);
	if (test->config->syslog.enabled && test->in_syslog >= 0)
		printf("works: %s took the alert\n", test->config->syslog.socket);
	if (test->config->file.enabled && test->in_file >= 0)
		printf("works: the alert is in %s\n", test->config->file.path);
}

/* Links that are broken before anything is tried. */
static bool check_kernel(const struct selftest *test)
{
	struct kernel_figures kernel;
	int error = kernel_read(&kernel, test->user->pw_uid);

	if (error) {
		/* The plugin may get its records all the same. */
		fprintf(stderr, "unknown: the kernel does not answer about auditing: %s\n", strerror(-error));
		return true;
	}
	if (!kernel.enabled)
		fprintf(stderr, "broken: the kernel does not audit (auditctl -e 1)\n");
	if (!kernel.auditd)
		fprintf(stderr, "broken: no auditd gets the kernel's records\n");
	if (!kernel.exec_rules)
		fprintf(stderr, "broken: no audit rule records execs of %s\n", test->user->pw_name);
	if (!kernel.enabled || !kernel.auditd || !kernel.exec_rules)
		return false;
	printf("works: the kernel audits execs of %s for auditd, pid %" PRIu64 "\n", test->user->pw_name,
	       kernel.auditd);
	return true;
}

/* Asks until the alert is everywhere or the time is up. */
static int await(struct selftest *test)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_MS * 1000000 };
	struct running running;
	bool done = false;
	int error;

	for (;;) {
		error = running_ask(test->config->state_dir, &running);
		if (error || !running.alive)
			break;
		done = look(test, running.document);
		if (done || now_ms() - test->began >= SELFTEST_WAIT_MS)
			break;
		running_clear(&running);
		nanosleep(&pause, NULL);
	}
	if (error || !running.alive)
		running_complain(test->config->state_dir, error, &running);
	tell_working(test);
	if (!error && running.alive && !done)
		tell_broken(test, &running);
	running_clear(&running);
	return done ? 0 : STATUS_NO_ALERT;
}

static int run(struct selftest *test)
{
	int status = STATUS_NOT_TRIED;

	if (!make_nonce(test) || !make_server(test)) {
		fprintf(stderr, "auspawn: no web server could be made in /tmp: %s\n", strerror(errno));
		return STATUS_NOT_TRIED;
	}
	printf("a harmless web shell runs as %s: sh -c ': " STATUS_SELF_TEST "%s'\n", test->user->pw_name,
	       test->nonce);
	fflush(stdout);
	if (run_server(test))
		status = await(test);
	else
		fprintf(stderr, "auspawn: it could not be run as %s\n", test->user->pw_name);
	remove_server(test);
	return status;
}

int selftest_command(const struct config *config, const char *user)
{
	struct selftest test = { .config = config, .user = getpwnam(user),
				 .judged = -1, .in_file = -1, .in_syslog = -1 };
	struct running running;
	bool sound;
	int error;

	if (!test.user || geteuid() != 0) {
		fprintf(stderr, test.user ? "auspawn: selftest is for root\n" :
					    "auspawn: there is no account %s\n", user);
		return STATUS_NOT_TRIED;
	}
	sound = check_kernel(&test);
	error = running_ask(config->state_dir, &running);
	if (error || !running.alive) {
		running_complain(config->state_dir, error, &running);
		sound = false;
	}
	if (!config->syslog.enabled && !config->file.enabled) {
		fprintf(stderr, "broken: alerts go nowhere: neither 'syslog' nor 'file' is enabled\n");
		sound = false;
	}
	if (sound) {
		printf("works: the plugin answers, pid %" PRId64 "\n",
		       number_of(running.document, "plugin.pid"));
		note_before(&test, running.document);
	}
	running_clear(&running);
	return sound ? run(&test) : STATUS_NO_ALERT;
}
