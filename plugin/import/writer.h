/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An imported rule as the text of a rule file. */
#ifndef AUSPAWN_IMPORT_WRITER_H
#define AUSPAWN_IMPORT_WRITER_H

#include "base/memory.h"
#include "import/import.h"

#include <utstring.h>

/* Appends the file's text. `source` is the name of the TOML file, `query` that of the file beside,
 * which has the query. */
void writer_append(UT_string *out, const struct import *import, const char *id, const char *source,
		   const char *query);

#endif
