/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"

struct regex {
	size_t owners;
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
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
	free(regex);
}

struct regex *regex_share(struct regex *regex)
{
	if (regex)
		regex->owners++;
	return regex;
}

static int match(const struct regex *regex, struct span text)
{
	return pcre2_match(regex->code, (PCRE2_SPTR)text.start, text.length, 0,
			   PCRE2_NO_UTF_CHECK, regex->data, regex->limits);
}

/* PCRE2 refuses what is not UTF-8; bytes that are not are matched as documents show them. */
static int match_cleaned(const struct regex *regex, struct span text)
{
	UT_string clean;
	int result;

	utstring_init(&clean);
	utf8_append(&clean, text);
	result = match(regex, (struct span){ utstring_body(&clean), utstring_len(&clean) });
	utstring_done(&clean);
	return result;
}

enum regex_result regex_match(const struct regex *regex, struct span text)
{
	int result = utf8_valid(text) ? match(regex, text) : match_cleaned(regex, text);

	if (result >= 0)
		return REGEX_MATCHES;
	return result == PCRE2_ERROR_NOMATCH ? REGEX_DIFFERS : REGEX_LIMITED;
}
