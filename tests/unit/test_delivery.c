/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <syslog.h>

#include "delivery.h"

#define SETTLED (DELIVERY_MARKS_MS + 1) /* so long after an alert was taken that is kept */

static struct rule rules[] = {
	{ .id = (char[]){ "low" }, .name = (char[]){ "L" }, .tuning.severity = SEVERITY_LOW },
	{ .id = (char[]){ "high" }, .name = (char[]){ "H" }, .tuning.severity = SEVERITY_HIGH },
};

/* A plugin without its input; the pipeline is there because the keeper wants one. */
struct fixture {
	struct folder *folder;
	struct config *config;
	struct ruleset *ruleset;
	struct pipeline *pipeline;
	struct sinks *sinks;
	struct keeper *keeper;
	struct delivery *delivery;
	int receiver; /* -1 while there is none */
	int next;     /* number of the next alert */
	int64_t now;
	UT_string said;
};

static void replace(char **text, const char *by)
{
	free(*text);
	*text = mem_strdup(by);
}

static void on_message(void *user, enum message_number number, const char *text)
{
	const char *message = strstr(text, ": ");

	(void)number;
	utstring_printf(&((struct fixture *)user)->said, "%.22s\n", message + 2);
}

static void fixture_prepare(struct fixture *f, void **state)
{
	struct mistakes mistakes = { 0 };

	*f = (struct fixture){ .folder = *state, .receiver = -1, .now = 1000 };
	f->config = config_load(NULL, SETTINGS_TRUST_ALL, &mistakes);
	replace(&f->config->syslog.socket, folder_file(*state, "log"));
	replace(&f->config->file.path, folder_file(*state, "alerts"));
	replace(&f->config->state_dir, folder_file(*state, "state"));
	f->ruleset = load_rules(*state, "rules = ();");
	utstring_init(&f->said);
}

static void start(struct fixture *f)
{
	const struct pipeline_options options = { .clock = GATHER_BY_EVENTS, .max_processes = 64 };
	const struct pipeline_handlers handlers = { 0 };

	f->pipeline = pipeline_new(f->ruleset, &options, &handlers);
	f->sinks = sinks_new(f->config);
	f->keeper = keeper_new(f->config->state_dir, f->pipeline, on_message, f);
	f->delivery = delivery_new(f->sinks, f->keeper, f->config->outbox_size);
	keeper_load(f->keeper, f->now);
}

/* As a crash does. */
static void stop(struct fixture *f)
{
	keeper_free(f->keeper);
	delivery_free(f->delivery);
	sinks_free(f->sinks);
	pipeline_free(f->pipeline);
}

static void restart(struct fixture *f)
{
	stop(f);
	start(f);
}

static void fixture_begin(struct fixture *f, void **state)
{
	fixture_prepare(f, state);
	start(f);
}

static void syslog_goes(struct fixture *f)
{
	if (f->receiver >= 0)
		close(f->receiver);
	f->receiver = -1;
	unlink(folder_file(f->folder, "log"));
}

static void syslog_comes(struct fixture *f)
{
	f->receiver = bind_socket(f->folder, "log", SOCK_DGRAM);
}

static void fixture_end(struct fixture *f)
{
	stop(f);
	syslog_goes(f);
	ruleset_free(f->ruleset);
	config_free(f->config);
	utstring_done(&f->said);
}

/* The next alert; its number is its process's id. */
static void alert(struct fixture *f, const struct rule *rule)
{
	struct scene scene;

	scene_web_shell(&scene);
	scene.event.process.pid = f->next++;
	delivery_alert(f->delivery, rule->tuning.severity, alert_of_event(rule, &scene.event));
}

static void alerts(struct fixture *f, int count)
{
	while (count--) {
		alert(f, &rules[0]);
		delivery_batch(f->delivery, count % 50, f->now);
	}
}

static int number_in(const char *line)
{
	struct json_object *document = json_tokener_parse(line);
	int number = json_object_get_int(document_get(document, "process.pid"));

	assert_non_null(document);
	json_object_put(document);
	return number;
}

/* The event loop, for `ms`. */
static void pass(struct fixture *f, int64_t ms)
{
	for (int64_t end = f->now + ms; f->now < end; f->now += 100) {
		sinks_flush(f->sinks, f->now);
		keeper_look_after(f->keeper, f->now);
		delivery_flush(f->delivery, f->now);
	}
}

/* Receives all that there is; `*next` goes on from number to number, in order and each once. Returns how many. */
static int receive(struct fixture *f, int *next)
{
	static char message[65536];
	ssize_t length;
	int count = 0;

	for (;;) {
		length = recv(f->receiver, message, sizeof(message) - 1, 0);
		if (length < 0) {
			sinks_flush(f->sinks, f->now);
			delivery_flush(f->delivery, f->now);
			length = recv(f->receiver, message, sizeof(message) - 1, 0);
		}
		if (length < 0)
			return count;
		message[length] = '\0';
		if (strstr(message, "]: {\"")) {
			assert_int_equal(number_in(strchr(message, '{')), *next);
			(*next)++;
			count++;
		}
	}
}

/* Receives all that there is, in whatever order; `*next` is above the highest number. Returns how many. */
static int receive_any(struct fixture *f, int *next)
{
	static char message[65536];
	ssize_t length;
	int count = 0;

	for (int empty = 0; empty < 2;) {
		length = recv(f->receiver, message, sizeof(message) - 1, 0);
		if (length < 0) {
			empty++;
			sinks_flush(f->sinks, f->now);
			delivery_flush(f->delivery, f->now);
			continue;
		}
		message[length] = '\0';
		if (!strstr(message, "]: {\""))
			continue;
		empty = 0;
		count++;
		if (number_in(strchr(message, '{')) >= *next)
			*next = number_in(strchr(message, '{')) + 1;
	}
	return count;
}

/* The same of the file: its lines that are whole documents are alerts 0 to the result - 1. */
static int count_in_file(struct fixture *f)
{
	char *text = read_text(folder_file(f->folder, "alerts"));
	int count = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		struct json_object *document = json_tokener_parse(line);

		/* What was torn is there once more. */
		if (document)
			assert_int_equal(number_in(line), count++);
		json_object_put(document);
	}
	free(text);
	return count;
}

static uint64_t waiting(const struct fixture *f, enum sink sink)
{
	return delivery_stats(f->delivery).sink[sink].waiting;
}

static void test_an_alert_is_kept_until_it_is_taken(void **state)
{
	struct fixture f;
	int next = 0;

	fixture_begin(&f, state);
	alerts(&f, 3);
	assert_int_equal(waiting(&f, SINK_SYSLOG), 3);
	assert_true(delivery_stats(f.delivery).kept > 0);
	restart(&f);
	assert_int_equal(waiting(&f, SINK_SYSLOG), 3);
	/* Those go first. */
	alerts(&f, 1);
	syslog_comes(&f);
	pass(&f, 1000);
	assert_int_equal(receive(&f, &next), 4);
	assert_int_equal(waiting(&f, SINK_SYSLOG), 0);
	pass(&f, SETTLED);
	assert_int_equal(delivery_stats(f.delivery).kept, 0);
	restart(&f);
	pass(&f, 1000);
	assert_int_equal(receive(&f, &next), 0);
	assert_string_equal(utstring_body(&f.said), "");
	fixture_end(&f);
}

static void test_a_crash_repeats_no_more_than_a_second(void **state)
{
	struct fixture f;
	int next = 0;

	fixture_begin(&f, state);
	syslog_comes(&f);
	alerts(&f, 3);
	pass(&f, SETTLED);
	alerts(&f, 2);
	assert_int_equal(receive(&f, &next), 5);
	restart(&f);
	pass(&f, 100);
	next = 3;
	assert_int_equal(receive(&f, &next), 2);
	fixture_end(&f);
}

static void test_the_end_repeats_nothing(void **state)
{
	struct fixture f;
	int next = 0;

	fixture_begin(&f, state);
	syslog_comes(&f);
	alert(&f, &rules[0]);
	delivery_end(f.delivery, f.now);
	assert_int_equal(receive(&f, &next), 1);
	restart(&f);
	pass(&f, 100);
	assert_int_equal(receive(&f, &next), 0);
	fixture_end(&f);
}

static void test_more_wait_than_memory_holds(void **state)
{
	struct fixture f;
	int next = 0;

	fixture_begin(&f, state);
	alerts(&f, 3000);
	assert_true(delivery_stats(f.delivery).kept > 4 * DELIVERY_WINDOW);
	assert_int_equal(delivery_stats(f.delivery).unkept, 0);
	syslog_comes(&f);
	f.now += 1000;
	assert_int_equal(receive(&f, &next), 3000);
	alerts(&f, 5);
	assert_int_equal(receive(&f, &next), 5);
	pass(&f, SETTLED);
	assert_int_equal(delivery_stats(f.delivery).kept, 0);
	assert_int_equal(delivery_stats(f.delivery).sink[SINK_SYSLOG].taken, 3005);
	fixture_end(&f);
}

static void test_sinks_do_not_wait_for_each_other(void **state)
{
	struct fixture f;
	int next = 0;

	fixture_prepare(&f, state);
	f.config->file.enabled = true;
	start(&f);
	alerts(&f, 1500);
	assert_int_equal(count_in_file(&f), 1500);
	assert_int_equal(waiting(&f, SINK_FILE), 0);
	assert_int_equal(waiting(&f, SINK_SYSLOG), 1500);
	pass(&f, SETTLED);
	restart(&f);
	syslog_comes(&f);
	pass(&f, 1000);
	assert_int_equal(receive(&f, &next), 1500);
	alerts(&f, 2);
	assert_int_equal(receive(&f, &next), 2);
	assert_int_equal(count_in_file(&f), 1502);
	pass(&f, SETTLED);
	assert_int_equal(delivery_stats(f.delivery).kept, 0);
	fixture_end(&f);
}

static void test_formats_may_differ(void **state)
{
	struct fixture f;
	int next = 0;
	char *text;

	fixture_prepare(&f, state);
	f.config->file.enabled = true;
	f.config->file.format = FORMAT_CEF;
	start(&f);
	alerts(&f, 2);
	restart(&f);
	syslog_comes(&f);
	pass(&f, SETTLED);
	assert_int_equal(receive(&f, &next), 2);
	pass(&f, SETTLED);
	text = read_text(folder_file(f.folder, "alerts"));
	assert_memory_equal(text, "CEF:0|", 6);
	free(text);
	assert_int_equal(delivery_stats(f.delivery).kept, 0);
	fixture_end(&f);
}

/* Receives what there is and counts it by severity. */
static void receive_by_severity(struct fixture *f, int *low, int *high)
{
	static char message[65536];
	ssize_t length;

	*low = *high = 0;
	for (;;) {
		sinks_flush(f->sinks, f->now);
		delivery_flush(f->delivery, f->now);
		length = recv(f->receiver, message, sizeof(message) - 1, 0);
		if (length < 0)
			return;
		message[length] = '\0';
		*low += strstr(message, "\"id\":\"low\"") != NULL;
		*high += strstr(message, "\"id\":\"high\"") != NULL;
	}
}

static void assert_bounded(struct fixture *f)
{
	struct delivery_stats stats;
	int low, high;

	for (int i = 0; i < 5000; i++) {
		alert(f, &rules[i % 20 == 0]);
		delivery_batch(f->delivery, i % 50, f->now);
	}
	delivery_flush(f->delivery, f->now);
	stats = delivery_stats(f->delivery);
	assert_true(stats.kept + stats.unkept <= DELIVERY_MIN_OUTBOX);
	assert_true(stats.dropped > 1000);
	syslog_comes(f);
	f->now += KEEPER_AGAIN_MS;
	receive_by_severity(f, &low, &high);
	assert_int_equal(high, 250);
	assert_in_range(low, 50, 4500);
	assert_int_equal((uint64_t)(low + high) + stats.dropped, 5000);
	assert_int_equal(waiting(f, SINK_SYSLOG), 0);
}

static void test_at_the_bound_the_least_go(void **state)
{
	struct fixture f;

	fixture_prepare(&f, state);
	f.config->outbox_size = DELIVERY_MIN_OUTBOX;
	start(&f);
	assert_bounded(&f);
	fixture_end(&f);
}

static void test_memory_has_the_same_bound(void **state)
{
	struct fixture f;

	write_text(folder_file(*state, "state"), "in the way");
	fixture_prepare(&f, state);
	f.config->outbox_size = DELIVERY_MIN_OUTBOX;
	start(&f);
	assert_bounded(&f);
	assert_string_equal(utstring_body(&f.said), "the state can't be kep\n");
	fixture_end(&f);
}

static void test_what_could_not_be_kept_is_when_it_can(void **state)
{
	struct fixture f;
	int next = 0;

	write_text(folder_file(*state, "state"), "in the way");
	fixture_begin(&f, state);
	alerts(&f, 100);
	pass(&f, 2 * KEEPER_AGAIN_MS);
	assert_true(delivery_stats(f.delivery).unkept > 0);
	assert_true(delivery_deadline(f.delivery) > f.now - 1000);
	unlink(folder_file(*state, "state"));
	pass(&f, 2 * KEEPER_AGAIN_MS);
	assert_int_equal(delivery_stats(f.delivery).unkept, 0);
	assert_string_equal(utstring_body(&f.said),
			    "the state can't be kep\nthe state is kept agai\n");
	restart(&f);
	syslog_comes(&f);
	pass(&f, 1000);
	assert_int_equal(receive(&f, &next), 100);
	fixture_end(&f);
}

static void set_size_limit(rlim_t limit)
{
	struct rlimit size;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &size), 0);
	size.rlim_cur = limit == RLIM_INFINITY ? size.rlim_max : limit;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &size), 0);
}

/* A transaction that drops and fails has dropped nothing. */
static void test_what_a_failed_commit_drops_waits(void **state)
{
	uint64_t before, dropped;
	struct fixture f;

	fixture_prepare(&f, state);
	f.config->outbox_size = DELIVERY_MIN_OUTBOX;
	start(&f);
	while (!delivery_stats(f.delivery).dropped)
		alerts(&f, 50);
	before = waiting(&f, SINK_SYSLOG);
	dropped = delivery_stats(f.delivery).sink[SINK_SYSLOG].dropped;
	set_size_limit(4096);
	alerts(&f, 200);
	pass(&f, 2 * KEEPER_AGAIN_MS);
	set_size_limit(RLIM_INFINITY);
	assert_true(delivery_stats(f.delivery).unkept > 0);
	assert_int_equal(waiting(&f, SINK_SYSLOG), before + 200);
	assert_int_equal(delivery_stats(f.delivery).sink[SINK_SYSLOG].dropped, dropped);
	pass(&f, 2 * KEEPER_AGAIN_MS);
	assert_int_equal(delivery_stats(f.delivery).unkept, 0);
	fixture_end(&f);
}

/* A limit on the size of files does what a full disk does. */
static void test_a_full_disk_delays_and_loses_nothing(void **state)
{
	struct fixture f;
	int next = 0;

	fixture_prepare(&f, state);
	f.config->file.enabled = true;
	start(&f);
	alerts(&f, 100);
	assert_int_equal(count_in_file(&f), 100);
	set_size_limit(300000);
	alerts(&f, 900);
	pass(&f, KEEPER_AGAIN_MS);
	set_size_limit(RLIM_INFINITY);
	assert_true(waiting(&f, SINK_FILE) > 0);
	assert_int_equal(waiting(&f, SINK_SYSLOG), 1000);
	assert_true(delivery_stats(f.delivery).unkept > 0);
	pass(&f, 2 * KEEPER_AGAIN_MS);
	assert_int_equal(count_in_file(&f), 1000);
	assert_int_equal(delivery_stats(f.delivery).unkept, 0);
	assert_int_equal(waiting(&f, SINK_FILE), 0);
	assert_string_equal(utstring_body(&f.said),
			    "the state can't be kep\nthe state is kept agai\n");
	restart(&f);
	syslog_comes(&f);
	pass(&f, 1000);
	assert_int_equal(receive(&f, &next), 1000);
	assert_int_equal(delivery_stats(f.delivery).dropped, 0);
	fixture_end(&f);
}

/* Takes what room is left on the disk. */
static void fill_disk(struct folder *folder)
{
	static const char page[4096];
	int fd = open(folder_file(folder, "filler"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	while (write(fd, page, sizeof(page)) > 0)
		;
	close(fd);
}

/* It can be read, and what waits there need not wait for room. */
static void test_a_full_disk_does_not_hold_up_what_is_kept(void **state)
{
	struct folder *folder = *state;
	struct fixture f;
	int next = 0;

	/* Only root can have a small disk. */
	if (mount("none", folder->path, "tmpfs", 0, "size=16m"))
		skip();
	fixture_begin(&f, state);
	alerts(&f, 3000);
	fill_disk(folder);
	/* The log of the database may have room of its own. */
	alerts(&f, 4000);
	assert_true(delivery_stats(f.delivery).unkept > 0);
	assert_string_equal(utstring_body(&f.said), "the state can't be kep\n");
	/* Where the socket is made must be room. */
	unlink(folder_file(folder, "filler"));
	syslog_comes(&f);
	fill_disk(folder);
	f.now += 1000;
	receive(&f, &next);
	assert_int_equal(next, 7000);
	assert_int_equal(delivery_stats(f.delivery).unkept, 0);
	unlink(folder_file(folder, "filler"));
	pass(&f, 2 * KEEPER_AGAIN_MS);
	restart(&f);
	pass(&f, 100);
	assert_int_equal(receive(&f, &next), 0);
	fixture_end(&f);
	assert_int_equal(umount(folder->path), 0);
}

static void move(struct fixture *f, const char *from, const char *to)
{
	char path[108];

	snprintf(path, sizeof(path), "%s", folder_file(f->folder, from));
	assert_int_equal(rename(path, folder_file(f->folder, to)), 0);
}

static void test_a_state_that_is_away_is_waited_for(void **state)
{
	struct fixture f;
	int next = 0;

	fixture_begin(&f, state);
	alerts(&f, 3000);
	set_size_limit(1);
	alerts(&f, 10);
	set_size_limit(RLIM_INFINITY);
	move(&f, "state", "away");
	write_text(folder_file(*state, "state"), "in the way");
	syslog_comes(&f);
	f.now += 1000;
	receive(&f, &next);
	assert_in_range(next, 1, 2999);
	pass(&f, 1000);
	assert_in_range(delivery_deadline(f.delivery), f.now - 1000, f.now + KEEPER_AGAIN_MS);
	assert_int_equal(unlink(folder_file(*state, "state")), 0);
	move(&f, "away", "state");
	pass(&f, 2 * KEEPER_AGAIN_MS);
	receive(&f, &next);
	assert_int_equal(next, 3010);
	fixture_end(&f);
}

static void test_a_damaged_state_loses_nothing_of_memory(void **state)
{
	struct fixture f;
	int next = 0;
	char database[108];

	fixture_begin(&f, state);
	alerts(&f, 50);
	snprintf(database, sizeof(database), "%s", folder_file(*state, "state/state.db"));
	/* Behind a full disk's back: the state is opened anew, and is rubbish by then. */
	set_size_limit(1);
	alerts(&f, 50);
	set_size_limit(RLIM_INFINITY);
	unlink(folder_file(*state, "state/state.db-wal"));
	write_text(database, "rubbish that is longer than a header of a hundred bytes, rubbish "
			     "rubbish rubbish rubbish rubbish rubbish rubbish");
	pass(&f, 2 * KEEPER_AGAIN_MS);
	assert_non_null(strstr(utstring_body(&f.said), "the state is damaged;"));
	restart(&f);
	syslog_comes(&f);
	pass(&f, 1000);
	assert_int_equal(receive(&f, &next), 100);
	fixture_end(&f);
}

/* Overwrites the pages of the table of letters, as far as they are in the database. */
static void damage_letters(struct fixture *f)
{
	char *path = mem_strdup(folder_file(f->folder, "state/state.db"));
	struct stat status;
	FILE *file;
	sqlite3 *database;

	assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(database);
	file = fopen(path, "r+");
	assert_int_equal(fstat(fileno(file), &status), 0);
	/* The first ones are the schema's and the empty tables'. */
	assert_int_equal(fseek(file, 100 * 4096, SEEK_SET), 0);
	for (off_t at = 100 * 4096; at < status.st_size; at++)
		fputc(0x55, file);
	fclose(file);
	free(path);
}

/* A damage that only reading finds must not hold up what comes. */
static void test_letters_that_are_damaged_block_nothing(void **state)
{
	struct fixture f;
	int next = 0;

	fixture_begin(&f, state);
	alerts(&f, 2000);
	damage_letters(&f);
	syslog_comes(&f);
	pass(&f, KEEPER_AGAIN_MS + 1000);
	while (receive(&f, &next))
		pass(&f, 100);
	pass(&f, 2 * KEEPER_AGAIN_MS);
	alerts(&f, 3);
	next = 2000;
	pass(&f, 2 * KEEPER_AGAIN_MS);
	assert_int_equal(receive(&f, &next), 3);
	assert_string_equal(utstring_body(&f.said), "the state is damaged; \n");
	fixture_end(&f);
}

/* One event of the clock can bring more alerts than there is room for. */
static void test_one_moment_has_the_bound_of_the_outbox(void **state)
{
	struct fixture f;

	fixture_prepare(&f, state);
	f.config->outbox_size = DELIVERY_MIN_OUTBOX;
	start(&f);
	for (int i = 0; i < 3000; i++)
		alert(&f, &rules[i == 0]);
	assert_in_range(delivery_stats(f.delivery).unkept, DELIVERY_MIN_OUTBOX / 2, DELIVERY_MIN_OUTBOX);
	assert_true(delivery_stats(f.delivery).dropped > 1000);
	fixture_end(&f);
}

/* Copies the database, with its log. */
static void copy_state(struct fixture *f, const char *to)
{
	char command[512], *from = mem_strdup(folder_file(f->folder, "state"));

	snprintf(command, sizeof(command), "rm -rf %s && cp -r %s %s", folder_file(f->folder, to), from,
		 folder_file(f->folder, to));
	free(from);
	assert_int_equal(system(command), 0);
}

/* Somebody moves the state, and has made the copy a little too early. */
static void test_an_early_copy_of_the_state_loses_nothing(void **state)
{
	struct fixture f;
	int next = 0;

	fixture_begin(&f, state);
	alerts(&f, 3);
	copy_state(&f, "copy");
	alerts(&f, 4);
	keeper_set_folder(f.keeper, folder_file(f.folder, "copy"));
	replace(&f.config->state_dir, folder_file(f.folder, "copy"));
	pass(&f, 2000);
	alerts(&f, 2);
	restart(&f);
	syslog_comes(&f);
	pass(&f, 1000);
	/* The first three are there twice: in the copy, and in memory. */
	assert_int_equal(receive_any(&f, &next), 9 + 3);
	assert_int_equal(next, 9);
	fixture_end(&f);
}

static void test_what_a_sink_wants_that_is_gone_is_dropped(void **state)
{
	struct fixture f;
	int next = 0;

	fixture_begin(&f, state);
	alerts(&f, 3);
	f.config->syslog.enabled = false;
	f.config->file.enabled = true;
	restart(&f);
	pass(&f, SETTLED);
	assert_int_equal(delivery_stats(f.delivery).dropped, 3);
	assert_int_equal(delivery_stats(f.delivery).kept, 0);
	/* And it does not come back with the sink. */
	f.config->syslog.enabled = true;
	sinks_configure(f.sinks, f.config);
	delivery_configure(f.delivery, f.config->outbox_size);
	syslog_comes(&f);
	pass(&f, SETTLED);
	next = 3;
	alerts(&f, 1);
	assert_int_equal(receive(&f, &next), 1);
	fixture_end(&f);
}

/* A datagram has a limit of its own. */
static void test_what_is_too_big_blocks_nothing(void **state)
{
	struct scene scene;
	struct fixture f;
	int next = 0;
	char *text = mem_zalloc(900001);
	struct arg arg = { 0, 900000 };

	memset(text, 'x', 900000);
	fixture_prepare(&f, state);
	f.config->message_size = 1048576;
	start(&f);
	syslog_comes(&f);
	scene_web_shell(&scene);
	scene.image.args = (struct args){ text, 900000, 1, 1, &arg };
	delivery_alert(f.delivery, SEVERITY_HIGH, alert_of_event(&rules[1], &scene.event));
	alerts(&f, 2);
	assert_int_equal(receive(&f, &next), 2);
	assert_int_equal(delivery_stats(f.delivery).sink[SINK_SYSLOG].too_big, 1);
	assert_int_equal(waiting(&f, SINK_SYSLOG), 0);
	free(text);
	fixture_end(&f);
}

static void test_a_rotated_file_is_followed(void **state)
{
	struct fixture f;
	char old[108];

	fixture_prepare(&f, state);
	f.config->file.enabled = true;
	f.config->syslog.enabled = false;
	start(&f);
	alerts(&f, 1);
	snprintf(old, sizeof(old), "%s", folder_file(*state, "alerts.1"));
	assert_int_equal(rename(folder_file(*state, "alerts"), old), 0);
	f.next = 0;
	alerts(&f, 2);
	assert_int_equal(count_in_file(&f), 2);
	fixture_end(&f);
}

/* A socket of another kind is waited for, and what is wrong with it is told. */
static void test_a_stream_socket_is_told_of(void **state)
{
	struct offer offer = { 38, 1700000000, { "text\n", 5 } };
	struct fixture f;
	int stream;

	fixture_begin(&f, state);
	assert_int_equal(sinks_offer(f.sinks, SINK_SYSLOG, &offer, 1000), -ENOENT);
	stream = bind_socket(f.folder, "log", SOCK_STREAM);
	assert_int_equal(sinks_offer(f.sinks, SINK_SYSLOG, &offer, 1001), -EAGAIN);
	assert_int_equal(sinks_offer(f.sinks, SINK_SYSLOG, &offer, 9000), -EPROTOTYPE);
	close(stream);
	syslog_goes(&f);
	syslog_comes(&f);
	assert_int_equal(sinks_offer(f.sinks, SINK_SYSLOG, &offer, 19000), 0);
	fixture_end(&f);
}

static void test_a_slow_sink_is_told_of_once_and_so_is_its_end(void **state)
{
	struct fixture f;
	struct fixture *log = &f;
	char message[4096];
	int away = 0, back = 0;
	ssize_t length;

	fixture_prepare(&f, state);
	f.config->file.enabled = true;
	replace(&f.config->file.path, folder_file(*state, "none/alerts"));
	start(&f);
	syslog_comes(&f);
	alerts(&f, 1);
	pass(&f, 100000);
	assert_int_equal(mkdir(folder_file(*state, "none"), 0700), 0);
	pass(&f, 10000);
	while ((length = recv(log->receiver, message, sizeof(message) - 1, 0)) > 0) {
		message[length] = '\0';
		away += strstr(message, "none/alerts takes no alerts: No such file or directory; 1 wait") != NULL;
		back += strstr(message, "none/alerts takes alerts again") != NULL;
	}
	assert_int_equal(away, 1);
	assert_int_equal(back, 1);
	fixture_end(&f);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_an_alert_is_kept_until_it_is_taken),
		IN_FOLDER(test_a_crash_repeats_no_more_than_a_second),
		IN_FOLDER(test_the_end_repeats_nothing),
		IN_FOLDER(test_more_wait_than_memory_holds),
		IN_FOLDER(test_sinks_do_not_wait_for_each_other),
		IN_FOLDER(test_formats_may_differ),
		IN_FOLDER(test_at_the_bound_the_least_go),
		IN_FOLDER(test_memory_has_the_same_bound),
		IN_FOLDER(test_what_could_not_be_kept_is_when_it_can),
		IN_FOLDER(test_a_full_disk_delays_and_loses_nothing),
		IN_FOLDER(test_a_full_disk_does_not_hold_up_what_is_kept),
		IN_FOLDER(test_a_state_that_is_away_is_waited_for),
		IN_FOLDER(test_a_damaged_state_loses_nothing_of_memory),
		IN_FOLDER(test_letters_that_are_damaged_block_nothing),
		IN_FOLDER(test_what_a_failed_commit_drops_waits),
		IN_FOLDER(test_one_moment_has_the_bound_of_the_outbox),
		IN_FOLDER(test_an_early_copy_of_the_state_loses_nothing),
		IN_FOLDER(test_what_a_sink_wants_that_is_gone_is_dropped),
		IN_FOLDER(test_what_is_too_big_blocks_nothing),
		IN_FOLDER(test_a_rotated_file_is_followed),
		IN_FOLDER(test_a_stream_socket_is_told_of),
		IN_FOLDER(test_a_slow_sink_is_told_of_once_and_so_is_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
