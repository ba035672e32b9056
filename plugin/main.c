/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: which command, which options. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "config.h"
#include "daemon.h"
#include "replay.h"
#include "setup.h"

#define STATUS_USAGE 2

#define INSTALLED_CONFIG SYSCONFDIR "/auspawn/auspawn.conf"

static const char usage[] =
	"usage: auspawn [-c FILE] [-r DIR]\n"
	"       auspawn [-c FILE] [-r DIR] replay [--events] [--format=FORMAT] [--state=DIR] [FILE...]\n"
	"       auspawn [-c FILE] [-r DIR] check [--explain ID]\n"
	"       auspawn import [-o DIR] [--force] FILE...\n"
	"\n"
	"Without a command auspawn is a plugin of auditd: it reads audit records from standard\n"
	"input and sends alerts where its configuration says.\n"
	"\n"
	"  replay  prints what the rules find in recorded audit logs (- or none: standard input)\n"
	"  check   parses the configuration and the rules and reports every mistake\n"
	"  import  makes rule files of Elastic's detection rules (TOML)\n"
	"\n"
	"  -c FILE          configuration (" INSTALLED_CONFIG ")\n"
	"  -r DIR           rule files from there, not from the configuration's rules_dir\n"
	"  --events         with replay: print every process event instead of the alerts\n"
	"  --format=FORMAT  with replay: text, json, cee or cef (text on a terminal, else json)\n"
	"  --state=DIR      with replay: begin with the state kept there, as the plugin does, and keep\n"
	"                   there what is open at the end\n"
	"  --explain ID     with check: print the rule in full, as it is judged\n"
	"  -V, -h           print the version or this help\n";

struct command_line {
	const char *config;
	const char *rules_dir;
	const char *command; /* NULL: the plugin */
	struct replay_options replay;
	bool format_given;
	const char *explain; /* with check: the id of a rule */
	bool done; /* -V or -h: nothing more to do */
};

/* Options may stand before and behind the command. Returns false if they make no sense. */
static bool parse_options(int argc, char **argv, struct command_line *line)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "rules", required_argument, NULL, 'r' },
		{ "events", no_argument, NULL, 'e' },       { "format", required_argument, NULL, 'f' },
		{ "explain", required_argument, NULL, 'x' },
		{ "state", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'V' },      { "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:r:Vh", options, NULL)) >= 0) {
		switch (option) {
		case 'c':
			line->config = optarg;
			break;
		case 'r':
			line->rules_dir = optarg;
			break;
		case 'e':
			line->replay.events = true;
			break;
		case 'f':
			line->format_given = true;
			if (alert_format_named(optarg, &line->replay.format))
				break;
			fprintf(stderr, "auspawn: unknown format '%s'\n", optarg);
			return false;
		case 'x':
			line->explain = optarg;
			break;
		case 's':
			line->replay.state_dir = optarg;
			break;
		case 'V':
			puts("auspawn " PACKAGE_VERSION);
			line->done = true;
			return true;
		case 'h':
			fputs(usage, stdout);
			line->done = true;
			return true;
		default:
			return false;
		}
	}
	return true;
}

static bool parse(int argc, char **argv, struct command_line *line)
{
	bool replay;

	if (!parse_options(argc, argv, line))
		return false;
	if (line->done)
		return true;
	if (optind < argc)
		line->command = argv[optind++];
	replay = line->command && !strcmp(line->command, "replay");
	if (line->command && !replay && strcmp(line->command, "check")) {
		fprintf(stderr, "auspawn: unknown command '%s'\n", line->command);
		return false;
	}
	line->replay.file = argv + optind;
	line->replay.files = argc - optind;
	if (!replay && (line->replay.files || line->replay.events || line->format_given ||
			line->replay.state_dir)) {
		fprintf(stderr, "auspawn: files, --events, --format and --state belong to replay\n");
		return false;
	}
	if (line->replay.events && line->replay.state_dir) {
		fprintf(stderr, "auspawn: --events does not go with --state: it judges nothing\n");
		return false;
	}
	if (line->explain && (!line->command || strcmp(line->command, "check"))) {
		fprintf(stderr, "auspawn: --explain belongs to check\n");
		return false;
	}
	if (!line->format_given)
		line->replay.format = isatty(STDOUT_FILENO) ? FORMAT_TEXT : FORMAT_JSON;
	return true;
}

/* The installed configuration counts if there is one; a named one must exist. */
static const char *config_path(const struct command_line *line)
{
	if (line->config)
		return line->config;
	return access(INSTALLED_CONFIG, F_OK) == 0 ? INSTALLED_CONFIG : NULL;
}

static int replay(const struct command_line *line, const struct config *config,
		  const struct ruleset *ruleset, const struct mistakes *mistakes)
{
	mistakes_print(mistakes, MISTAKES_WITHOUT_WARNINGS, stderr);
	if (mistakes->count && !line->replay.events) {
		fprintf(stderr, "auspawn: nothing replayed: mend the mistakes first\n");
		return STATUS_USAGE;
	}
	return replay_run(config, ruleset, &line->replay);
}

static int run_on_rules(const struct command_line *line)
{
	struct mistakes mistakes = { 0 };
	bool check = !strcmp(line->command, "check");
	/* What root checks shall run; anybody else only writes rules. */
	enum settings_trust trust = check && !line->rules_dir && geteuid() == 0 ?
					    SETTINGS_WARN_OF_OTHERS :
					    SETTINGS_TRUST_ALL;
	struct config *config = config_load(config_path(line), trust, &mistakes);
	/* Rules of the command line stand for themselves. */
	const struct ruleset_sources sources = {
		.rules_dir = line->rules_dir ? line->rules_dir : config->rules_dir,
		.local_dir = line->rules_dir ? NULL : config->local_dir,
		.trust = trust,
	};
	struct ruleset *ruleset = ruleset_load(&sources, &mistakes);
	int status;

	if (check && !line->rules_dir)
		setup_check(config, config_path(line), ruleset, &mistakes);
	if (check)
		status = check_run(ruleset, &mistakes, line->explain);
	else
		status = replay(line, config, ruleset, &mistakes);
	mistakes_clear(&mistakes);
	ruleset_free(ruleset);
	config_free(config);
	return status;
}

/* Becomes the program auspawn-import of the same folder, which has options of its own. Returns only after a
 * mistake. */
static int run_import(char **argv)
{
	static const char name[] = "auspawn-import";
	char path[PATH_MAX + sizeof(name)];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	path[length < 0 ? 0 : length] = '\0';
	slash = strrchr(path, '/');
	if (!slash) {
		fprintf(stderr, "auspawn: /proc/self/exe can't be read: %s\n", strerror(errno));
		return STATUS_USAGE;
	}
	memcpy(slash + 1, name, sizeof(name));
	execv(path, argv);
	fprintf(stderr, "auspawn: %s: %s\n", path, strerror(errno));
	if (errno == ENOENT)
		fprintf(stderr, "auspawn: 'import' is a program of its own, which is not installed here: auspawn must\n"
				"be configured with it (that is the default, --without-import leaves it out)\n");
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	struct command_line line = { 0 };

	if (argc > 1 && !strcmp(argv[1], "import"))
		return run_import(argv + 1);
	if (!parse(argc, argv, &line)) {
		fputs(usage, stderr);
		return STATUS_USAGE;
	}
	if (line.done)
		return 0;
	if (!line.command)
		daemon_run(config_path(&line), line.rules_dir);
	return run_on_rules(&line);
}
