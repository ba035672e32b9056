/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/ruleset.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/settings.h"
#include "rules/rulefile.h"

const char *severity_name(enum severity severity)
{
	static const char *const names[] = { "low", "medium", "high", "critical" };

	return names[severity];
}

static void free_rule(struct rule *rule)
{
	for (size_t i = 0; i < rule->threats; i++) {
		free(rule->threat[i].tactic);
		free(rule->threat[i].technique);
	}
	for (size_t i = 0; i < rule->excepts; i++)
		condition_free(rule->except[i]);
	for (size_t i = 0; i < rule->rarity.bys; i++)
		free(rule->rarity.by_name[i]);
	condition_free(rule->condition);
	free(rule->rarity.by);
	free(rule->rarity.by_name);
	free(rule->threat);
	free(rule->except);
	free(rule->id);
	free(rule->name);
	free(rule);
}

static void free_list(struct string_list *list)
{
	for (size_t i = 0; i < list->items; i++)
		free(list->item[i]);
	free(list->item);
	free(list->name);
	free(list);
}

void ruleset_free(struct ruleset *ruleset)
{
	struct string_list *list, *next;

	if (!ruleset)
		return;
	for (size_t i = 0; i < ruleset->rules; i++)
		free_rule(ruleset->rule[i]);
	HASH_ITER(hh, ruleset->lists, list, next) {
		HASH_DEL(ruleset->lists, list);
		free_list(list);
	}
	free(ruleset->rule);
	free(ruleset);
}

/* Drops the rules from number `first` on: their file has a mistake. */
static void drop_rules(struct ruleset *ruleset, size_t first)
{
	while (ruleset->rules > first)
		free_rule(ruleset->rule[--ruleset->rules]);
}

struct rule_file {
	struct settings settings;
	bool parsed;
	size_t mistakes; /* in its lists */
};

/* Lists of every file come first, so that a rule can use one of any file. */
static void load_files(struct ruleset *ruleset, char **paths, size_t count,
		       struct mistakes *mistakes)
{
	struct rule_file *files = mem_zalloc(count * sizeof(*files));

	for (size_t i = 0; i < count; i++) {
		size_t before = mistakes->count;

		files[i].parsed = settings_open(&files[i].settings, paths[i], mistakes);
		if (files[i].parsed)
			rulefile_read_lists(&files[i].settings, ruleset);
		files[i].mistakes = mistakes->count - before;
	}
	for (size_t i = 0; i < count; i++) {
		size_t before = mistakes->count;
		size_t first = ruleset->rules;

		if (files[i].parsed)
			rulefile_read_rules(&files[i].settings, ruleset);
		if (files[i].mistakes || mistakes->count != before)
			drop_rules(ruleset, first);
		else
			ruleset->files++;
		settings_close(&files[i].settings);
	}
	free(files);
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

struct ruleset *ruleset_load(const char *folder, struct mistakes *mistakes)
{
	struct ruleset *ruleset = mem_zalloc(sizeof(*ruleset));
	char *pattern = escape_pattern(folder);
	struct stat status;
	glob_t found;

	if (stat(folder, &status) || (!S_ISDIR(status.st_mode) && (errno = ENOTDIR)))
		mistakes_add(mistakes, &(struct place){ .file = folder }, "can't be read: %s",
			     strerror(errno));
	else if (!glob(pattern, 0, NULL, &found)) {
		load_files(ruleset, found.gl_pathv, found.gl_pathc, mistakes);
		globfree(&found);
	}
	free(pattern);
	return ruleset;
}

bool rule_matches(const struct rule *rule, const struct process_event *event, bool *limited)
{
	struct evaluation evaluation = { .event = event };
	bool matches = condition_evaluate(rule->condition, &evaluation);

	for (size_t i = 0; i < rule->excepts && matches; i++)
		matches = !condition_evaluate(rule->except[i], &evaluation);
	*limited |= evaluation.limited;
	evaluation_end(&evaluation);
	return matches;
}
