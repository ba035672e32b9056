/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/ruleset.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "rules/rulefile.h"

#include <utlist.h>

void ruleset_free(struct ruleset *ruleset)
{
	if (!ruleset)
		return;
	for (size_t i = 0; i < ruleset->rules; i++)
		rule_free(ruleset->rule[i]);
	for (size_t i = 0; i < ruleset->refusals; i++) {
		free(ruleset->refused[i].id);
		free(ruleset->refused[i].file);
	}
	lists_free(&ruleset->lists);
	free(ruleset->refused);
	free(ruleset->rule);
	free(ruleset);
}

struct rule *ruleset_find(const struct ruleset *ruleset, const char *id)
{
	for (size_t i = 0; i < ruleset->rules; i++) {
		if (!strcmp(ruleset->rule[i]->id, id))
			return ruleset->rule[i];
	}
	return NULL;
}

const char *ruleset_find_refused(const struct ruleset *ruleset, const char *id)
{
	for (size_t i = 0; i < ruleset->refusals; i++) {
		if (!strcmp(ruleset->refused[i].id, id))
			return ruleset->refused[i].file;
	}
	return NULL;
}

static void refuse(struct ruleset *ruleset, struct rule *rule)
{
	ruleset->refused = mem_resize(ruleset->refused, ruleset->refusals + 1,
				      sizeof(*ruleset->refused));
	ruleset->refused[ruleset->refusals++] =
		(struct refused_rule){ mem_strdup(rule->id), mem_strdup(rule->file) };
	rule_free(rule);
}

/* Drops the rules from number `first` on: their file has a mistake. */
static void drop_rules(struct ruleset *ruleset, size_t first)
{
	for (size_t i = first; i < ruleset->rules; i++)
		refuse(ruleset, ruleset->rule[i]);
	ruleset->rules = first;
}

struct rule_file {
	struct settings settings;
	struct mistakes opening;  /* before anything in it was read */
	struct mistakes mistakes; /* in this file: one with any loads no rules */
	enum rulefile_kind kind;
	bool parsed;
	bool ignored; /* a local file with a mistake: only lists of its own count, for who uses them
		       */
	struct mistakes again; /* what is found in an ignored file once more */
	struct rule_file *prev, *next;
};

static void open_file(struct rule_file **files, const char *path, enum rulefile_kind kind,
		      enum settings_trust trust)
{
	struct rule_file *file = mem_zalloc(sizeof(*file));

	file->kind = kind;
	file->parsed = settings_open(&file->settings, path, trust, &file->opening);
	file->settings.mistakes = &file->mistakes;
	DL_APPEND(*files, file);
}

/* The folder's name can hold what glob() takes for a pattern. */
static char *escape_pattern(const char *folder)
{
	char *pattern = mem_resize(NULL, strlen(folder) * 2 + sizeof("/*.conf"), 1);
	char *end = pattern;

	for (; *folder; folder++) {
		if (strchr("\\*?[", *folder))
			*end++ = '\\';
		*end++ = *folder;
	}
	memcpy(end, "/*.conf", sizeof("/*.conf"));
	return pattern;
}

static void open_folder(struct rule_file **files, const char *folder, enum rulefile_kind kind,
			enum settings_trust trust, struct mistakes *mistakes)
{
	char *pattern = escape_pattern(folder);
	struct stat status;
	glob_t found = { 0 };
	int error = 0;

	if (stat(folder, &status) && errno == ENOENT && kind == RULEFILE_LOCAL)
		errno = 0;
	else if (settings_check_folder(folder, trust, mistakes))
		error = glob(pattern, GLOB_ERR, NULL, &found);
	/* Rules that can't be read are not no rules. */
	if (error && error != GLOB_NOMATCH)
		mistakes_add(mistakes, &(struct place){ .file = folder }, "can't be read: %s",
			     strerror(errno));
	if (found.gl_pathc > RULESET_MAX_FILES)
		mistakes_add(mistakes, &(struct place){ .file = folder },
			     "there are more than %d rule files: the others are not read",
			     RULESET_MAX_FILES);
	for (size_t i = 0; i < found.gl_pathc && i < RULESET_MAX_FILES; i++)
		open_file(files, found.gl_pathv[i], kind, trust);
	globfree(&found);
	free(pattern);
}

/* Lists of every file come first, so that a rule can use one of any file. */
static void read_lists(struct ruleset *ruleset, struct rule_file *files)
{
	struct rule_file *file;

	DL_FOREACH (files, file) {
		if (!file->parsed)
			continue;
		rulefile_check(&file->settings, file->kind);
		lists_collect(&ruleset->lists, &file->settings);
	}
	DL_FOREACH (files, file) {
		if (file->parsed && file->kind == RULEFILE_LOCAL && !file->ignored)
			lists_collect_additions(&ruleset->lists, &file->settings);
	}
	lists_resolve(ruleset->lists);
}

static void read_rules(struct ruleset *ruleset, struct rule_file *files)
{
	struct rule_file *file;

	DL_FOREACH (files, file) {
		size_t first = ruleset->rules;

		if (file->parsed && !file->ignored)
			rulefile_read_rules(&file->settings, ruleset);
		if (file->mistakes.count)
			drop_rules(ruleset, first);
	}
	/* The last of two files that change the same has its way. */
	DL_FOREACH (files, file) {
		if (file->parsed && file->kind == RULEFILE_LOCAL && !file->ignored)
			rulefile_override(&file->settings, ruleset);
	}
}

/* A local file changes all that it says or nothing, but its additions to lists come before the rest
 * is read: notes whose must not count. Returns whether there is another. */
static bool ignore_mistaken(struct rule_file *files)
{
	struct rule_file *file;
	bool more = false;

	DL_FOREACH (files, file) {
		if (file->kind != RULEFILE_LOCAL || !file->parsed || !file->mistakes.count ||
		    file->ignored)
			continue;
		file->ignored = true;
		file->settings.mistakes = &file->again;
		more = true;
	}
	return more;
}

static struct ruleset *build(struct rule_file *files)
{
	struct ruleset *ruleset = mem_zalloc(sizeof(*ruleset));
	struct rule_file *file;

	/* Those of an earlier attempt, where this one finds them again. */
	DL_FOREACH (files, file) {
		if (file->parsed && !file->ignored)
			mistakes_clear(&file->mistakes);
	}
	read_lists(ruleset, files);
	read_rules(ruleset, files);
	return ruleset;
}

struct ruleset *ruleset_load(const struct ruleset_sources *sources, struct mistakes *mistakes)
{
	struct ruleset *ruleset;
	struct rule_file *files = NULL;
	struct rule_file *file, *next;

	open_folder(&files, sources->rules_dir, RULEFILE_SHIPPED, sources->trust, mistakes);
	if (sources->local_dir)
		open_folder(&files, sources->local_dir, RULEFILE_LOCAL, sources->trust, mistakes);
	ruleset = build(files);
	while (ignore_mistaken(files)) {
		ruleset_free(ruleset);
		ruleset = build(files);
	}
	DL_FOREACH_SAFE (files, file, next) {
		ruleset->files += file->parsed && !file->mistakes.count;
		mistakes_move(mistakes, &file->opening);
		mistakes_move(mistakes, &file->mistakes);
		mistakes_clear(&file->again);
		settings_close(&file->settings);
		free(file);
	}
	return ruleset;
}
