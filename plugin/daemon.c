/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "config.h"
#include "delivery.h"
#include "feed.h"
#include "keeper.h"
#include "machine.h"
#include "pipeline.h"
#include "privilege/inheritance.h"
#include "privilege/privilege.h"
#include "sinks.h"
#include "status/status.h"

#define DRAIN_MS      20 /* of the 50 ms in which the end must come */
#define COMPLAIN_AGAIN_MS 60000
#define IDLE_EVERY_MS 100 /* at least, between looks at what waits, on a stream that never rests */

struct daemon {
	const char *config_path;
	const char *rules_dir; /* of the command line; NULL: the configuration's */
	struct config *config;
	struct ruleset *ruleset;
	struct sinks *sinks;
	struct names *names; /* NULL: nobody is asked */
	bool names_missed;   /* it was told that they are gone */
	struct users *users;
	struct procfs *procfs;
	struct pipeline *pipeline;
	struct keeper *keeper;
	struct delivery *delivery;
	struct feed *feed; /* while the loop runs */
	struct status *status;
	struct machine machine; /* for good: a reload does not change it */
	pid_t auditd; /* who started us, and alone may end us */
	int signals;
	bool ending;
	struct pipeline_stats told; /* what rules had no room for, as far as it was logged */
	int64_t complain;   /* not before */
	int64_t looked; /* when what waits was last looked after */
};

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

static void log_mistakes(struct daemon *daemon, const struct mistakes *mistakes)
{
	for (size_t i = 0; i < mistakes->total; i++) {
		if (!mistakes->all[i].warning)
			sinks_log(daemon->sinks, now_ms(), MESSAGE_MISTAKE, "%s", mistakes->all[i].text);
	}
}

static void on_event(void *user, const struct process_event *event)
{
	struct daemon *daemon = user;
	int64_t now = now_ms();

	status_event(daemon->status, event, now);
	sinks_event(daemon->sinks, event, now);
}

static void on_alert(void *user, const struct rule *rule, struct json_object *document)
{
	struct daemon *daemon = user;

	status_alert(daemon->status, rule, document);
	delivery_alert(daemon->delivery, rule->tuning.severity, document);
}

static void on_message(void *user, enum message_number number, const char *text)
{
	struct daemon *daemon = user;

	sinks_log(daemon->sinks, now_ms(), number, "%s", text);
}

static void on_limit(void *user, const struct rule *rule, const struct process_event *event)
{
	struct daemon *daemon = user;

	sinks_log(daemon->sinks, now_ms(), MESSAGE_REGEX_LIMIT,
		  "rule %s: a regular expression gave up on event %s, and perhaps on others; "
		  "'like' never does",
		  rule->id, event->id);
}

static struct ruleset *load_rules(const struct daemon *daemon, const struct config *config,
				  struct mistakes *mistakes)
{
	/* Rules of the command line stand for themselves. */
	const struct ruleset_sources sources = {
		.rules_dir = daemon->rules_dir ? daemon->rules_dir : config->rules_dir,
		.local_dir = daemon->rules_dir ? NULL : config->local_dir,
		.trust = SETTINGS_TRUST_ROOT,
	};

	return ruleset_load(&sources, mistakes);
}

/* SIGHUP: all of the new or, if anything is wrong with it, all of the old. */
static void reload(struct daemon *daemon)
{
	struct mistakes mistakes = { 0 };
	struct config *config = config_load(daemon->config_path, SETTINGS_TRUST_ROOT, &mistakes);
	struct ruleset *ruleset = load_rules(daemon, config, &mistakes);

	if (mistakes.count) {
		log_mistakes(daemon, &mistakes);
		sinks_log(daemon->sinks, now_ms(), MESSAGE_NOT_RELOADED,
			  "not reloaded: %zu %s; the old configuration and rules stay",
			  mistakes.count, mistakes.count == 1 ? "mistake" : "mistakes");
		sinks_reopen(daemon->sinks);
		status_loaded(daemon->status, daemon->config, mistakes.count, false, now_ms());
		ruleset_free(ruleset);
		config_free(config);
	} else {
		keeper_save(daemon->keeper, false, now_ms());
		pipeline_set_rules(daemon->pipeline, ruleset);
		pipeline_set_env_vars(daemon->pipeline, (const char *const *)config->env_vars);
		sinks_configure(daemon->sinks, config);
		keeper_set_folder(daemon->keeper, config->state_dir);
		keeper_synchronise(daemon->keeper, config->sync);
		delivery_configure(daemon->delivery, config->outbox_size);
		ruleset_free(daemon->ruleset);
		config_free(daemon->config);
		daemon->ruleset = ruleset;
		daemon->config = config;
		status_loaded(daemon->status, config, 0, true, now_ms());
		sinks_log(daemon->sinks, now_ms(), MESSAGE_RELOADED, "reloaded: %zu rules in %zu files",
			  ruleset->rules, ruleset->files);
	}
	mistakes_clear(&mistakes);
}

/* Exactly these are blocked and read from the descriptor; others are unblocked. */
static void take_signals(struct daemon *daemon)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGHUP);
	sigaddset(&wanted, SIGUSR1);
	sigprocmask(SIG_SETMASK, &wanted, NULL);
	daemon->signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	daemon->auditd = getppid();
}

/* What is asked for names is forked before all else, while there is little to copy. */
static void drop_privileges(struct daemon *daemon)
{
	const struct config *config = daemon->config;
	const struct privilege_settings settings = {
		.user = config->user,
		.sandbox = config->sandbox,
		.state_dir = config->state_dir,
		.output = { config->file.enabled ? config->file.path : NULL,
			    config->events.enabled ? config->events.path : NULL },
		.metrics = config->metrics.enabled ? config->metrics.path : NULL,
	};

	struct users_source source;

	daemon->names = privilege_enter(&settings, on_message, daemon);
	source = names_source(daemon->names);
	daemon->users = users_new(&source);
}

static bool start_pipeline(struct daemon *daemon)
{
	const struct pipeline_options options = {
		.clock = GATHER_BY_CLOCK,
		.max_processes = daemon->config->max_processes,
		.sources = { daemon->procfs, daemon->users, daemon->machine.node,
			     (const char *const *)daemon->config->env_vars },
		.host = machine_host(&daemon->machine),
		.recovery = { daemon->config->auditd_conf, daemon->config->read_back_ms },
	};
	const struct pipeline_handlers handlers = { on_event, on_alert, on_limit, daemon };

	daemon->pipeline = pipeline_new(daemon->ruleset, &options, &handlers);
	if (!daemon->pipeline)
		sinks_log(daemon->sinks, now_ms(), MESSAGE_NOT_STARTED, "libauparse can't be had: %s",
			  strerror(errno));
	return daemon->pipeline;
}

static void start_status(struct daemon *daemon, size_t mistakes)
{
	const struct status_sources sources = { daemon->pipeline, daemon->sinks, daemon->keeper,
						daemon->delivery };

	daemon->status = status_new(&sources);
	status_loaded(daemon->status, daemon->config, mistakes, true, now_ms());
}

static bool start(struct daemon *daemon)
{
	struct mistakes mistakes = { 0 };
	size_t found;

	inheritance_reset();
	take_signals(daemon);
	daemon->config = config_load(daemon->config_path, SETTINGS_TRUST_ROOT, &mistakes);
	daemon->sinks = sinks_new(daemon->config);
	drop_privileges(daemon);
	/* Read with no more rights than a reload has. */
	daemon->ruleset = load_rules(daemon, daemon->config, &mistakes);
	log_mistakes(daemon, &mistakes);
	found = mistakes.count;
	mistakes_clear(&mistakes);

	machine_read(&daemon->machine, daemon->config);
	daemon->procfs = procfs_open("/proc", daemon->users);
	if (!daemon->procfs)
		sinks_log(daemon->sinks, now_ms(), MESSAGE_NO_PROC,
			  "/proc can't be read: %s; parents are known from records only",
			  strerror(errno));
	if (daemon->signals < 0 || !start_pipeline(daemon))
		return false;
	daemon->keeper = keeper_new(daemon->config->state_dir, daemon->pipeline, on_message, daemon);
	keeper_synchronise(daemon->keeper, daemon->config->sync);
	daemon->delivery = delivery_new(daemon->sinks, daemon->keeper, daemon->config->outbox_size);
	start_status(daemon, found);
	pipeline_advance(daemon->pipeline, clock_ms(CLOCK_REALTIME));
	keeper_load(daemon->keeper, now_ms());
	pipeline_scan(daemon->pipeline);
	status_look_after(daemon->status, now_ms());
	sinks_log(daemon->sinks, now_ms(), MESSAGE_STARTED,
		  "started: version " PACKAGE_VERSION ", %zu rules in %zu files, %zu processes",
		  daemon->ruleset->rules, daemon->ruleset->files,
		  pipeline_stats(daemon->pipeline).processes);
	return true;
}

static void log_end(struct daemon *daemon)
{
	struct pipeline_stats stats = pipeline_stats(daemon->pipeline);
	struct intake_stats queue = feed_queue(daemon->feed);

	sinks_log(daemon->sinks, now_ms(), MESSAGE_ENDED,
		  "ended: %" PRIu64 " records, %" PRIu64 " execs, %" PRIu64 " failed execs, %" PRIu64
		  " forks, %" PRIu64 " without an end, %" PRIu64 " malformed, %" PRIu64
		  " dropped, %" PRIu64 " uncounted, %" PRIu64 " forgotten, %" PRIu64
		  " unfolded, %" PRIu64 " regex limits, %" PRIu64 " missing of which %" PRIu64
		  " were read back; the queue had %zu bytes at most, %" PRIu64
		  " lines were dropped",
		  stats.records.records, stats.execs, stats.records.failed_execs, stats.forks,
		  stats.records.unended, stats.malformed, stats.records.dropped, stats.uncounted,
		  stats.forgotten, stats.unfolded, stats.limited, stats.recovery.serials.lost,
		  stats.recovery.read_back.found, queue.max_depth, queue.dropped_lines);
}

static void finish(struct daemon *daemon)
{
	if (daemon->pipeline) {
		pipeline_end(daemon->pipeline);
		/* What can't be kept must not vanish. */
		if (daemon->keeper && !keeper_save(daemon->keeper, false, now_ms()))
			pipeline_unfold(daemon->pipeline);
		delivery_end(daemon->delivery, now_ms());
		log_end(daemon);
		if (daemon->status)
			status_end(daemon->status, now_ms());
		sinks_end(daemon->sinks, now_ms());
	}
	status_free(daemon->status);
	feed_free(daemon->feed);
	keeper_free(daemon->keeper);
	delivery_free(daemon->delivery);
	names_free(daemon->names);
	sinks_free(daemon->sinks);
}

static void read_signals(struct daemon *daemon)
{
	struct signalfd_siginfo signal;

	while (read(daemon->signals, &signal, sizeof(signal)) == sizeof(signal)) {
		if (signal.ssi_signo == SIGHUP)
			reload(daemon);
		else if (signal.ssi_signo == SIGUSR1)
			status_ask(daemon->status, now_ms());
		/* A service manager that stops auditd signals us too; auditd still has records for us.
		 * The kernel sends the terminal's ^C. */
		else if ((pid_t)signal.ssi_pid == daemon->auditd ||
			 signal.ssi_code == SI_KERNEL)
			daemon->ending = true;
	}
}

/* An alert that does not come because of it must not be missed in silence. */
static void complain_of_limits(struct daemon *daemon, int64_t now)
{
	struct pipeline_stats stats = pipeline_stats(daemon->pipeline);
	const struct pipeline_stats *told = &daemon->told;

	if (now < daemon->complain ||
	    (stats.uncounted == told->uncounted && stats.forgotten == told->forgotten &&
	     stats.unfolded == told->unfolded))
		return;
	sinks_log(daemon->sinks, now, MESSAGE_RULE_LIMITS,
		  "limits of rules: %" PRIu64
		  " events not counted, too many groups or too late; %" PRIu64
		  " groups or terms forgotten early; %" PRIu64 " alerts not folded",
		  stats.uncounted - told->uncounted, stats.forgotten - told->forgotten,
		  stats.unfolded - told->unfolded);
	daemon->told = stats;
	daemon->complain = now + COMPLAIN_AGAIN_MS;
}

static void complain_of_names(struct daemon *daemon, int64_t now)
{
	if (!daemon->names || daemon->names_missed || !names_lost(daemon->names))
		return;
	sinks_log(daemon->sinks, now, MESSAGE_NO_HELPER,
		  "the helper for user names is gone; names that records lack stay absent");
	daemon->names_missed = true;
}

/* Looks after what waits: for a sink, for the state, for a window's end and, if the stream is drained, for an
 * end record. */
static void look_after(struct daemon *daemon, bool drained)
{
	int64_t now = now_ms();

	pipeline_advance(daemon->pipeline, clock_ms(CLOCK_REALTIME));
	if (drained)
		pipeline_drained(daemon->pipeline, now);
	sinks_flush(daemon->sinks, now);
	keeper_look_after(daemon->keeper, now);
	delivery_flush(daemon->delivery, now);
	status_look_after(daemon->status, now);
	complain_of_limits(daemon, now);
	complain_of_names(daemon, now);
	daemon->looked = now;
}

/* How long poll() may wait, in ms; -1 for ever. */
static int waiting_time(const struct daemon *daemon)
{
	int64_t now = now_ms();
	int64_t wait = pipeline_wait(daemon->pipeline, now, clock_ms(CLOCK_REALTIME));
	const int64_t deadlines[] = { sinks_deadline(daemon->sinks),
				      keeper_deadline(daemon->keeper),
				      delivery_deadline(daemon->delivery),
				      status_deadline(daemon->status) };

	for (size_t i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++) {
		if (deadlines[i] >= 0 && (wait < 0 || deadlines[i] - now < wait))
			wait = deadlines[i] > now ? deadlines[i] - now : 0;
	}
	/* A window's end is in wall-clock time, which can be set: look again now and then. */
	return wait > 60000 ? 60000 : (int)wait;
}

static void loop(struct daemon *daemon)
{
	bool more = false;

	while (!daemon->ending) {
		struct pollfd fds[] = {
			{ .fd = feed_fd(daemon->feed), .events = POLLIN },
			{ .fd = daemon->signals, .events = POLLIN },
			{ .fd = sinks_fd(daemon->sinks), .events = POLLOUT },
		};
		int ready = poll(fds, 3, more ? 0 : waiting_time(daemon));

		if (ready < 0 && errno != EINTR)
			return;
		more = ready > 0 && fds[0].revents && feed_read(daemon->feed, now_ms());
		pipeline_recover(daemon->pipeline, now_ms(), !more && feed_is_drained(daemon->feed));
		delivery_batch(daemon->delivery, more, now_ms());
		/* What has changed must not pile up: the end has to save it. */
		if (ready <= 0 || fds[2].revents || !keeper_deadline(daemon->keeper) ||
		    now_ms() - daemon->looked >= IDLE_EVERY_MS)
			look_after(daemon, !more && feed_is_drained(daemon->feed));
		if (ready > 0 && fds[1].revents)
			read_signals(daemon);
		daemon->ending |= feed_has_ended(daemon->feed);
	}
	feed_drain(daemon->feed, now_ms() + DRAIN_MS);
}

/* Reading begins last, for it is a thread's: whatever is given up or forbidden before holds for that too. */
static bool run(struct daemon *daemon)
{
	daemon->feed = feed_new(STDIN_FILENO, daemon->config->queue_size, daemon->pipeline);
	if (!daemon->feed) {
		sinks_log(daemon->sinks, now_ms(), MESSAGE_NOT_STARTED, "standard input can't be read: %s",
			  strerror(errno));
		return false;
	}
	status_watch(daemon->status, daemon->feed);
	loop(daemon);
	return true;
}

void daemon_run(const char *config_path, const char *rules_directory)
{
	struct daemon daemon = {
		.config_path = config_path,
		.rules_dir = rules_directory,
		.signals = -1,
	};
	bool started = start(&daemon) && run(&daemon);

	finish(&daemon);
	/* What the rules remember is many small pieces, and auditd waits for our end: the kernel takes them back at
	 * once. A search for leaks still finds them from here, and complains of those alone that were lost. */
	exit(started ? 0 : 2);
}
