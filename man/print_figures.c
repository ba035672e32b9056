/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the tables of figures as the manual page's lists, so that the two can't disagree. */
#include <stdio.h>

#include "status/figures.h"

static const char *unit_of(const struct figure *figure)
{
	static const char *const units[] = {
		[UNIT_NONE] = "",
		[UNIT_BYTES] = ", in bytes",
		[UNIT_MS] = ", in ms",
		[UNIT_NS] = ", in ns",
		[UNIT_TIME] = ", in ms since 1970",
	};

	return units[figure->unit];
}

static void print_figure(const struct figure_set *set, const struct figure *figure)
{
	UT_string metric;

	utstring_init(&metric);
	printf(".TP\n.B %s\n%s%s", figure->name, figure->meaning, unit_of(figure));
	if (figure_metric(&metric, set, figure))
		printf("\n.RB ( %s )", utstring_body(&metric));
	printf("\n");
	utstring_done(&metric);
}

int main(void)
{
	static const char *const titles[FIGURE_SETS] = {
		[FIGURES_PLUGIN] = "The plugin",
		[FIGURES_RULES] = "Each rule that is enabled: rules_in_force, an array",
		[FIGURES_SINKS] = "Each sink: sinks, an array",
		[FIGURES_KERNEL] = "The kernel: kernel, only in what the command prints",
	};

	for (int i = 0; i < FIGURE_SETS; i++) {
		const struct figure_set *set = figure_set((enum figure_sets)i);

		printf(".SS %s\n", titles[i]);
		for (size_t j = 0; j < set->figures; j++)
			print_figure(set, &set->figure[j]);
	}
	return 0;
}
