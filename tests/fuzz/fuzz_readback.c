/* SPDX-License-Identifier: GPL-2.0-or-later */
/* auditd's log, of which the first half of the input is the older file: whatever stands in it, each event that is
 * wanted is found at most once, and found or lost. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/readback.h"

#define WANTED 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	unsigned int found[WANTED];
	uint64_t lost;
};

static void on_found(void *user, const struct gathered *event)
{
	struct outcome *outcome = user;

	if (event->stamp.serial >= WANTED || outcome->found[event->stamp.serial]++)
		abort();
}

static void on_lost(void *user, const struct serial_loss *loss)
{
	struct outcome *outcome = user;

	outcome->lost += loss->count;
}

static void write_file(const char *folder, const char *name, const uint8_t *data, size_t size)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file))
		abort();
}

static void remove_file(const char *folder, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
}

static void search(struct readback *readback)
{
	int64_t now;

	for (int i = 0; (now = readback_deadline(readback)) >= 0; i++) {
		if (i > 10000)
			abort();
		readback_step(readback, now, 1000000);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct syscalls *syscalls;
	static char folder[] = "/tmp/auspawn-fuzz.XXXXXX";
	const struct serial_loss loss = { .first = 1, .last = WANTED - 1, .count = WANTED - 1, .until = 10000 };
	char conf[128], path[128];
	struct readback_settings settings = { conf, 86400000 };
	struct outcome outcome = { 0 };
	struct readback_handlers handlers = { on_found, on_lost, &outcome };
	struct readback *readback;
	int length;

	if (!syscalls) {
		syscalls = syscalls_new();
		if (!mkdtemp(folder))
			abort();
	} else if (mkdir(folder, 0700)) {
		abort();
	}
	length = snprintf(path, sizeof(path), "log_file = %s/audit.log\n", folder);
	write_file(folder, "auditd.conf", (const uint8_t *)path, (size_t)length);
	write_file(folder, "audit.log.1", data, size / 2);
	write_file(folder, "audit.log", data + size / 2, size - size / 2);
	snprintf(conf, sizeof(conf), "%s/auditd.conf", folder);
	readback = readback_new(&settings, syscalls, &handlers);
	readback_want(readback, &loss);
	search(readback);
	if (readback_stats(readback)->found + outcome.lost != WANTED - 1)
		abort();
	readback_free(readback);
	remove_file(folder, "audit.log");
	remove_file(folder, "audit.log.1");
	remove_file(folder, "auditd.conf");
	rmdir(folder);
	return 0;
}
