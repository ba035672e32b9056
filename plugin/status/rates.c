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

struct rates_totals rates_lately(const struct rates *rates, const struct rates_totals *totals,
				 int64_t now)
{
	size_t kept = rates->samples < RATES_SAMPLES ? rates->samples : RATES_SAMPLES;
	const struct rates_totals *before = totals;

	/* From the latest back to the first that is a minute old. */
	for (size_t i = 1; i <= kept; i++) {
		size_t at = (rates->samples - i) % RATES_SAMPLES;

		before = &rates->sample[at].totals;
		if (now - rates->sample[at].at >= RATES_LATELY_MS)
			break;
	}
	return (struct rates_totals){
		.records = totals->records - before->records,
		.execs = totals->execs - before->execs,
		.alerts = totals->alerts - before->alerts,
	};
}
