/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved counts of rarity windows: whatever is restored can be judged, saved and restored again. */
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "rules/rarity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char id[] = "r";
static char name[] = "user.id";
static struct group_field field = { .name = name };
static struct rule rule = {
	.id = id,
	.type = RULE_RARITY,
	.by = { &field, 1 },
	.tuning.rarity = { 3660000, 3600000, 5, 1, false },
};
static struct rule *rules[] = { &rule };
static const struct ruleset ruleset = { .rule = rules, .rules = 1 };

static void on_finding(void *user, const struct rarity_finding *finding)
{
	(void)user;
	if (finding->count < 1 || finding->count >= 5 || !finding->document)
		abort();
}

static void restore(struct json_object *saved)
{
	struct rarity *rarity = rarity_new(&ruleset, on_finding, NULL);
	struct rarity *again = rarity_new(&ruleset, on_finding, NULL);
	bool good = rarity_restore(rarity, saved);
	struct json_object *copy = rarity_save(rarity);

	if (good && !rarity_restore(again, copy))
		abort();
	rarity_finish(rarity);
	rarity_advance(again, 4000000000000);
	json_object_put(copy);
	rarity_free(rarity);
	rarity_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct json_object *saved = json_tokener_parse(text);

	if (!field_find(span_of(name), &field.ref))
		abort();
	if (saved)
		restore(saved);
	json_object_put(saved);
	free(text);
	return 0;
}
