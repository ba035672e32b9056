/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/rows.h"

#include <stdlib.h>

#include "base/memory.h"

void rows_gone_add(struct rows_gone *gone, int64_t id)
{
	if (!id)
		return;
	if (gone->count == gone->room) {
		gone->room = gone->room ? 2 * gone->room : 64;
		gone->id = mem_resize(gone->id, gone->room, sizeof(*gone->id));
	}
	gone->id[gone->count++] = id;
}

void rows_gone_clear(struct rows_gone *gone)
{
	free(gone->id);
	*gone = (struct rows_gone){ 0 };
}

void rows_gone_tell(struct rows_gone *gone, size_t most, const struct rows_keeper *keeper)
{
	gone->told = gone->count < most ? gone->count : most;
	for (size_t i = gone->count - gone->told; i < gone->count; i++)
		keeper->forget(keeper->user, gone->id[i]);
}

void rows_gone_told(struct rows_gone *gone)
{
	gone->count -= gone->told;
	gone->told = 0;
	if (!gone->count)
		rows_gone_clear(gone);
}

size_t rows_most(enum rows_extent extent)
{
	switch (extent) {
	case ROWS_NEEDED:
		return 0;
	case ROWS_SOME:
		return ROWS_AT_ONCE;
	case ROWS_ALL:
		break;
	}
	return SIZE_MAX;
}
