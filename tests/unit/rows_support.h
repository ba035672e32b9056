/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A keeper of rows for tests: rows of rules/rows.h in memory, in the order of their ids. */
#ifndef ROWS_SUPPORT_H
#define ROWS_SUPPORT_H

#include "rules_alert_support.h"

#include "rules/rows.h"

struct held_row {
	struct kept_row row; /* an id of 0: it is forgotten */
	char *kind, *rule, *value, *document;
};

struct kept_rows {
	struct held_row *all;
	size_t count;
	int saved, forgotten; /* since kept_rows_count() */
};

static inline void held_row_free(struct held_row *kept)
{
	free(kept->kind);
	free(kept->rule);
	free(kept->value);
	free(kept->document);
	*kept = (struct held_row){ 0 };
}

static inline void kept_rows_free(struct kept_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		held_row_free(&rows->all[i]);
	free(rows->all);
	*rows = (struct kept_rows){ 0 };
}

static inline int64_t kept_rows_save(void *user, const struct kept_row *row)
{
	struct kept_rows *rows = user;
	struct held_row *kept;
	int64_t id = row->id;

	if (!id) {
		rows->all = mem_resize(rows->all, rows->count + 1, sizeof(*rows->all));
		rows->all[rows->count] = (struct held_row){ 0 };
		id = (int64_t)++rows->count;
	}
	assert_in_range(id, 1, rows->count);
	kept = &rows->all[id - 1];
	held_row_free(kept);
	kept->kind = mem_strdup(row->kind);
	kept->rule = mem_strdup(row->rule);
	kept->value = mem_strdup(row->value);
	kept->document = row->document ? mem_strdup(row->document) : NULL;
	kept->row = (struct kept_row){ id, kept->kind, kept->rule, kept->value, kept->document };
	rows->saved++;
	return id;
}

static inline void kept_rows_forget(void *user, int64_t id)
{
	struct kept_rows *rows = user;

	assert_in_range(id, 1, rows->count);
	held_row_free(&rows->all[id - 1]);
	rows->forgotten++;
}

/* What has happened since the last call, as "+ROWS_SAVED -ROWS_FORGOTTEN"; valid until the next. */
static inline const char *kept_rows_count(struct kept_rows *rows)
{
	static char text[64];

	snprintf(text, sizeof(text), "+%d -%d", rows->saved, rows->forgotten);
	rows->saved = 0;
	rows->forgotten = 0;
	return text;
}

static inline size_t kept_rows_left(const struct kept_rows *rows)
{
	size_t left = 0;

	for (size_t i = 0; i < rows->count; i++)
		left += rows->all[i].row.id != 0;
	return left;
}

#define KEPT_ROWS_KEEPER(rows) ((struct rows_keeper){ kept_rows_save, kept_rows_forget, (rows) })

/* Calls `restore`, an expression of `row`, for each row. Yields how many of them it is false for. */
#define KEPT_ROWS_RESTORE(rows, restore)                                                            \
	({                                                                                         \
		size_t senseless_ = 0;                                                             \
		for (size_t i_ = 0; i_ < (rows)->count; i_++) {                                    \
			const struct kept_row *row = &(rows)->all[i_].row;                              \
			if (row->id)                                                               \
				senseless_ += !(restore);                                          \
		}                                                                                  \
		senseless_;                                                                        \
	})

#endif
