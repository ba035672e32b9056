/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status/rates.h"

void rates_sample(struct rates *rates, const struct rates_totals *totals, int64_t now)
{
	size_t next = rates->samples % RATES_SAMPLES;

	if (rates->samples &&
	    now - rates->sample[(rates->samples - 1) % RATES_SAMPLES].at < RATES_EVERY_MS)
		return;
	rates->sample[next].at = now;
	rates->sample[next].totals = *totals;
	rates->samples++;
}

/* The latest sample that is a minute old, or the first; SIZE_MAX without any. */
static size_t beginning(const struct rates *rates, int64_t now)
{
	size_t kept = rates->samples < RATES_SAMPLES ? rates->samples : RATES_SAMPLES;
	size_t at = SIZE_MAX;

	for (size_t i = 1; i <= kept; i++) {
		at = (rates->samples - i) % RATES_SAMPLES;
		if (now - rates->sample[at].at >= RATES_LATELY_MS)
			break;
	}
	return at;
}

int64_t rates_span(const struct rates *rates, int64_t now)
{
	size_t at = beginning(rates, now);

	return at == SIZE_MAX ? 0 : now - rates->sample[at].at;
}

struct rates_totals rates_lately(const struct rates *rates, const struct rates_totals *totals,
				 int64_t now)
{
	size_t at = beginning(rates, now);
	const struct rates_totals *before = at == SIZE_MAX ? totals : &rates->sample[at].totals;

	return (struct rates_totals){
		.records = totals->records - before->records,
		.execs = totals->execs - before->execs,
		.alerts = totals->alerts - before->alerts,
		.bytes = totals->bytes - before->bytes,
	};
}
