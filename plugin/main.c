/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: which command, which options. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/complain.h"
#include "check.h"
#include "config.h"
#include "daemon.h"
#include "replay.h"
#include "setup.h"
#include "status/commands.h"
#include "status/selftest.h"

#define STATUS_USAGE 2

#define INSTALLED_CONFIG SYSCONFDIR "/auspawn/auspawn.conf"

static const char usage[] =
	"usage: auspawn [-c FILE] [-r DIR]\n"
	"       auspawn [-c FILE] [-r DIR] replay [--events] [--format=FORMAT] [--state=DIR] [FILE...]\n"
	"       auspawn [-c FILE] [-r DIR] check [--explain ID]\n"
	"       auspawn [-c FILE] status [--format=FORMAT]\n"
	"       auspawn [-c FILE] rare [--format=FORMAT]\n"
	"       auspawn [-c FILE] selftest [--user=NAME]\n"
	"       auspawn import [-o DIR] [--force] FILE...\n"
	"\n"
	"Without a command auspawn is a plugin of auditd: it reads audit records from standard\n"
	"input and sends alerts where its configuration says.\n"
	"\n"
	"  replay    prints what the rules find in recorded audit logs (- or none: standard input)\n"
	"  check     parses the configuration and the rules and reports every mistake\n"
	"  status    prints what the running plugin and the kernel say of themselves\n"
	"  rare      prints what the rarity rules have counted in the windows that are open\n"
	"  selftest  starts a harmless web shell and waits for its alert to arrive\n"
	"  import    makes rule files of Elastic's detection rules (TOML)\n"
	"\n"
	"  -c FILE          configuration (" INSTALLED_CONFIG ")\n"
	"  -r DIR           rule files from there, not from the configuration's rules_dir\n"
	"  --events         with replay: print every process event instead of the alerts\n"
	"  --format=FORMAT  with replay, status, rare: text, json and, with replay, cee or cef (text on a\n"
	"                   terminal, else json)\n"
	"  --state=DIR      with replay: begin with the state kept there, as the plugin does, and keep\n"
	"                   there what is open at the end\n"
	"  --user=NAME      with selftest: run the web shell as NAME (" SELFTEST_USER ")\n"
	"  --explain ID     with check: print the rule in full, as it is judged\n"
	"  -V, -h           print the version or this help\n";

struct command_line {
	const char *config;
	const char *rules_dir;
	const char *command; /* NULL: the plugin */
	struct replay_options replay;
	bool format_given;
	const char *user;    /* with selftest */
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
		{ "user", required_argument, NULL, 'u' },
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
			complain("unknown format '%s'", optarg);
			return false;
		case 'x':
			line->explain = optarg;
			break;
		case 's':
			line->replay.state_dir = optarg;
			break;
		case 'u':
			line->user = optarg;
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

static bool is_command(const struct command_line *line, const char *name)
{
	return line->command && !strcmp(line->command, name);
}

/* Does it ask the running plugin? */
static bool asks_plugin(const struct command_line *line)
{
	return is_command(line, "status") || is_command(line, "rare");
}

/* Each option belongs to some command. Returns NULL or what is wrong. */
static const char *misplaced_option(const struct command_line *line)
{
	bool replay = is_command(line, "replay");

	if (!replay && (line->replay.files || line->replay.events || line->replay.state_dir))
		return "files, --events and --state belong to replay";
	if (line->format_given && !replay && !asks_plugin(line))
		return "--format belongs to replay, status and rare";
	if (line->format_given && asks_plugin(line) && line->replay.format != FORMAT_TEXT &&
	    line->replay.format != FORMAT_JSON)
		return "the format of status and rare is text or json";
	if (line->replay.events && line->replay.state_dir)
		return "--events does not go with --state: it judges nothing";
	if (line->explain && !is_command(line, "check"))
		return "--explain belongs to check";
	if (line->user && !is_command(line, "selftest"))
		return "--user belongs to selftest";
	if (line->rules_dir && (asks_plugin(line) || is_command(line, "selftest")))
		return "-r does not change what the running plugin does";
	return NULL;
}

static bool parse(int argc, char **argv, struct command_line *line)
{
	const char *mistake;

	if (!parse_options(argc, argv, line))
		return false;
	if (line->done)
		return true;
	if (optind < argc)
		line->command = argv[optind++];
	if (line->command && !is_command(line, "replay") && !is_command(line, "check") &&
	    !asks_plugin(line) && !is_command(line, "selftest")) {
		complain("unknown command '%s'", line->command);
		return false;
	}
	line->replay.file = argv + optind;
	line->replay.files = argc - optind;
	mistake = misplaced_option(line);
	if (mistake) {
		complain("%s", mistake);
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
		complain("nothing replayed: mend the mistakes first");
		return STATUS_USAGE;
	}
	return replay_run(config, ruleset, &line->replay);
}

static int run_on_rules(const struct command_line *line)
{
	struct mistakes mistakes = { 0 };
	bool check = is_command(line, "check");
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
	if (trust == SETTINGS_WARN_OF_OTHERS)
		setup_check_machine(config, config_path(line), "/etc/passwd", &mistakes);
	if (check)
		status = check_run(ruleset, &mistakes, line->explain);
	else
		status = replay(line, config, ruleset, &mistakes);
	mistakes_clear(&mistakes);
	ruleset_free(ruleset);
	config_free(config);
	return status;
}

/* Others may not read the configuration: then nobody knows which plugin is meant. */
static bool is_for_root(const char *config)
{
	return config && access(config, R_OK) && errno == EACCES;
}

static int run_on_plugin(const struct command_line *line)
{
	struct mistakes mistakes = { 0 };
	bool text = line->replay.format == FORMAT_TEXT;
	struct config *config;
	int status;

	if (is_for_root(config_path(line))) {
		complain("%s can't be read: %s is for root", config_path(line), line->command);
		return STATUS_USAGE;
	}
	config = config_load(config_path(line), SETTINGS_TRUST_ALL, &mistakes);
	/* The plugin goes by what it could read, too. */
	mistakes_print(&mistakes, MISTAKES_WITHOUT_WARNINGS, stderr);
	mistakes_clear(&mistakes);
	if (is_command(line, "status"))
		status = status_command(config, text);
	else if (is_command(line, "rare"))
		status = rare_command(config, text);
	else
		status = selftest_command(config, line->user ? line->user : SELFTEST_USER);
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
	bool missing;
	char *slash;

	path[length < 0 ? 0 : length] = '\0';
	slash = strrchr(path, '/');
	if (!slash) {
		complain("/proc/self/exe can't be read: %s", strerror(errno));
		return STATUS_USAGE;
	}
	memcpy(slash + 1, name, sizeof(name));
	execv(path, argv);
	missing = errno == ENOENT;
	complain("%s: %s", path, strerror(errno));
	if (missing)
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
	/* Somebody tries it by hand. */
	if (!line.command && isatty(STDIN_FILENO)) {
		complain("standard input is a terminal: auditd starts the plugin; 'auspawn -h' names the commands");
		return STATUS_USAGE;
	}
	if (!line.command)
		daemon_run(config_path(&line), line.rules_dir);
	if (asks_plugin(&line) || is_command(&line, "selftest"))
		return run_on_plugin(&line);
	return run_on_rules(&line);
}
