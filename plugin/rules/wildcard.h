/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef AUSPAWN_RULES_WILDCARD_H
#define AUSPAWN_RULES_WILDCARD_H

#include <stdbool.h>

#include "base/span.h"

/* Does `text` match `pattern`, in which * is any bytes and ? any one character? With `any_case` ASCII
 * letters match in either case. */
bool wildcard_match(struct span pattern, struct span text, bool any_case);

#endif
