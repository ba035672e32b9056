/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regular expressions over whole strings, by PCRE2 and within limits, so that no input can hang a rule.
 * Without its just-in-time compiler: auditd's unit forbids memory that is both writable and executable.
 */
#ifndef AUSPAWN_RULES_REGEX_H
#define AUSPAWN_RULES_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

#define REGEX_MAX_STEPS 100000 /* of backtracking (pcre2api: match limit) */
#define REGEX_MAX_DEPTH 1000   /* of nested backtracking (pcre2api: depth limit) */
#define REGEX_MAX_HEAP  4096   /* KiB */
#define REGEX_MAX_TEXT  16384  /* bytes, where backtracking gave up: the time of the other way grows with them,
				  times the length of the pattern */

struct regex;

/* Limited: neither of PCRE2's two algorithms could tell within its limits. */
enum regex_result { REGEX_DIFFERS, REGEX_MATCHES, REGEX_LIMITED };

/* Returns the compiled pattern, which regex_free() releases, or NULL with a message in `error` and the
 * offset in bytes of what is wrong in `*offset`. */
struct regex *regex_new(struct span pattern, bool any_case, char *error, size_t error_size,
			size_t *offset);
void regex_free(struct regex *regex);

/* Returns the same for one more owner, each of whom calls regex_free(). Accepts NULL. */
struct regex *regex_share(struct regex *regex);

/* Does the pattern match all of `text`? A byte that is not UTF-8 counts as U+FFFD. */
enum regex_result regex_match(struct regex *regex, struct span text);

#endif
