/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lucene's regular expressions, as RLIKE has them, with all their optional operators. */
#ifndef AUSPAWN_IMPORT_LUCENE_H
#define AUSPAWN_IMPORT_LUCENE_H

#include "import/query.h"

/* Appends to `out` what conditions take for the same expression. What they can't say stops the
 * query, at `offset`. */
void lucene_translate(struct query *query, size_t offset, struct span text, UT_string *out);

#endif
