/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a fuzz target over files, for compilers without libFuzzer: every seed, whole, and cut at many places,
 * and with single bytes changed, by a generator that gives the same on each run. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SEED 1000000
#define CHANGES  50

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* In memory of its own size, so that a sanitizer sees a read past the end. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int run_seed(const char *path)
{
	static uint8_t seed[MAX_SEED];
	FILE *file = fopen(path, "rb");
	uint32_t random = 1;
	size_t size;

	if (!file) {
		perror(path);
		return 1;
	}
	size = fread(seed, 1, sizeof(seed), file);
	fclose(file);
	run(seed, size);
	for (int i = 0; i < CHANGES && size; i++) {
		size_t at = next_random(&random) % size;
		uint8_t old = seed[at];

		run(seed, at);
		seed[at] = (uint8_t)next_random(&random);
		run(seed, size);
		seed[at] = old;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= run_seed(argv[i]);
	return argc > 1 ? status : 2;
}
