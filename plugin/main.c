/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: which command, which options. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "daemon.h"
#include "replay.h"

#define STATUS_MISTAKES 1
#define STATUS_USAGE    2

#define INSTALLED_CONFIG SYSCONFDIR "/auspawn/auspawn.conf"

static const char usage[] =
	"usage: auspawn [-c FILE] [-r DIR]\n"
	"       auspawn [-c FILE] [-r DIR] replay [--events] [--format=FORMAT] [--state=DIR] [FILE...]\n"
	"       auspawn [-c FILE] [-r DIR] check\n"
	"\n"
	"Without a command auspawn is a plugin of auditd: it reads audit records from standard\n"
	"input and sends alerts where its configuration says.\n"
	"\n"
	"  replay  prints what the rules find in recorded audit logs (- or none: standard input)\n"
	"  check   parses the configuration and the rules and reports every mistake\n"
	"\n"
	"  -c FILE          configuration (" INSTALLED_CONFIG ")\n"
	"  -r DIR           rule files from there, not from the configuration's rules_dir\n"
	"  --events         with replay: print every process event instead of the alerts\n"
	"  --format=FORMAT  with replay: text, json, cee or cef (text on a terminal, else json)\n"
	"  --state=DIR      with replay: begin with the state kept there, as the plugin does, and keep\n"
	"                   there what is open at the end\n"
	"  -V, -h           print the version or this help\n";

struct command_line {
	const char *config;
	const char *rules_dir;
	const char *command; /* NULL: the plugin */
	struct replay_options replay;
	bool format_given;
	bool done; /* -V or -h: nothing more to do */
};

/* Options may stand before and behind the command. Returns false if they make no sense. */
static bool parse_options(int argc, char **argv, struct command_line *line)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "rules", required_argument, NULL, 'r' },
		{ "events", no_argument, NULL, 'e' },       { "format", required_argument, NULL, 'f' },
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

static void print_rules(const struct ruleset *ruleset)
{
	for (size_t i = 0; i < ruleset->rules; i++) {
		const struct rule *rule = ruleset->rule[i];

		printf("%-28s %-9s %-9s %3d  %s\n", rule->id, rule_type_name(rule->type),
		       severity_name(rule->tuning.severity), rule->tuning.risk_score, rule->name);
	}
	printf("%zu rules in %zu files\n", ruleset->rules, ruleset->files);
}

static int run_on_rules(const struct command_line *line)
{
	struct mistakes mistakes = { 0 };
	struct config *config = config_load(config_path(line), SETTINGS_TRUST_ALL, &mistakes);
	/* Rules of the command line stand for themselves. */
	const struct ruleset_sources sources = {
		.rules_dir = line->rules_dir ? line->rules_dir : config->rules_dir,
		.local_dir = line->rules_dir ? NULL : config->local_dir,
		.trust = SETTINGS_TRUST_ALL,
	};
	struct ruleset *ruleset = ruleset_load(&sources, &mistakes);
	bool replay = !strcmp(line->command, "replay");
	int status = 0;

	mistakes_print(&mistakes, stderr);
	if (replay && mistakes.count && !line->replay.events) {
		fprintf(stderr, "auspawn: nothing replayed: mend the mistakes first\n");
		status = STATUS_USAGE;
	} else if (replay) {
		status = replay_run(config, ruleset, &line->replay);
	} else {
		print_rules(ruleset);
		status = mistakes.count ? STATUS_MISTAKES : 0;
	}
	mistakes_clear(&mistakes);
	ruleset_free(ruleset);
	config_free(config);
	return status;
}

int main(int argc, char **argv)
{
	struct command_line line = { 0 };

	if (!parse(argc, argv, &line)) {
		fputs(usage, stderr);
		return STATUS_USAGE;
	}
	if (line.done)
		return 0;
	if (!line.command)
		return daemon_run(config_path(&line), line.rules_dir);
	return run_on_rules(&line);
}
