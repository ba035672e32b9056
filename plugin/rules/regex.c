/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"

#define DFA_WORKSPACE 2048 /* of PCRE2's own units: some hundred states at once; more would be slow */

struct regex {
	size_t owners;
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	int *workspace; /* of the second algorithm, once it was needed */
};

struct regex *regex_new(struct span pattern, bool any_case, char *error, size_t error_size,
			size_t *offset)
{
	uint32_t options = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL |
			   PCRE2_NEVER_BACKSLASH_C | PCRE2_UTF |
			   (any_case ? PCRE2_CASELESS : 0);
	struct regex *regex = mem_zalloc(sizeof(*regex));
	int number;

	regex->code = pcre2_compile((PCRE2_SPTR)pattern.start, pattern.length, options, &number,
				    offset, NULL);
	if (!regex->code) {
		pcre2_get_error_message(number, (PCRE2_UCHAR *)error, error_size);
		free(regex);
		return NULL;
	}
	regex->owners = 1;
	regex->data = pcre2_match_data_create(1, NULL);
	regex->limits = pcre2_match_context_create(NULL);
	if (!regex->data || !regex->limits)
		mem_exhausted();
	pcre2_set_match_limit(regex->limits, REGEX_MAX_STEPS);
	pcre2_set_depth_limit(regex->limits, REGEX_MAX_DEPTH);
	pcre2_set_heap_limit(regex->limits, REGEX_MAX_HEAP);
	return regex;
}

void regex_free(struct regex *regex)
{
	if (!regex || --regex->owners)
		return;
	pcre2_match_context_free(regex->limits);
	pcre2_match_data_free(regex->data);
	pcre2_code_free(regex->code);
	free(regex->workspace);
	free(regex);
}

struct regex *regex_share(struct regex *regex)
{
	if (regex)
		regex->owners++;
	return regex;
}

static bool gave_up(int result)
{
	return result < 0 && result != PCRE2_ERROR_NOMATCH;
}

/* Follows all ways to match at once: its time does not explode, but it knows no back references, and each
 * length of a repetition within a repetition is a way of its own. */
static int match_by_states(struct regex *regex, struct span text)
{
	if (!regex->workspace)
		regex->workspace = mem_resize(NULL, DFA_WORKSPACE, sizeof(int));
	return pcre2_dfa_match(regex->code, (PCRE2_SPTR)text.start, text.length, 0,
			       PCRE2_NO_UTF_CHECK, regex->data, regex->limits,
			       regex->workspace, DFA_WORKSPACE);
}

/* Backtracking is fast where it is, and what makes it slow can be had by padding an argument: then the slower
 * way, which padding hardly hurts, decides. */
static int match(struct regex *regex, struct span text)
{
	int result = pcre2_match(regex->code, (PCRE2_SPTR)text.start, text.length, 0,
				 PCRE2_NO_UTF_CHECK, regex->data, regex->limits);

	if (gave_up(result) && text.length <= REGEX_MAX_TEXT)
		return match_by_states(regex, text);
	return result;
}

/* PCRE2 refuses what is not UTF-8; bytes that are not are matched as documents show them. */
static int match_cleaned(struct regex *regex, struct span text)
{
	UT_string clean;
	int result;

	utstring_init(&clean);
	utf8_append(&clean, text);
	result = match(regex, (struct span){ utstring_body(&clean), utstring_len(&clean) });
	utstring_done(&clean);
	return result;
}

enum regex_result regex_match(struct regex *regex, struct span text)
{
	int result = utf8_valid(text) ? match(regex, text) : match_cleaned(regex, text);

	if (result >= 0)
		return REGEX_MATCHES;
	return gave_up(result) ? REGEX_LIMITED : REGEX_DIFFERS;
}
