/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a TOML file says about its rule. */
#ifndef AUSPAWN_IMPORT_METADATA_H
#define AUSPAWN_IMPORT_METADATA_H

#include "import/import.h"

/* Reads name, description, severity, threats and so on of [rule]. */
void metadata_read(struct import *import, const struct source *source,
		   const struct toml_node *rule);

#endif
