/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that settings stand in, and who could have written them. */
#include "base/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

/* Could anybody but root have written what `status` is of? */
static bool is_roots(const struct stat *status)
{
	return status->st_uid == 0 && !(status->st_mode & (S_IWGRP | S_IWOTH));
}

const char *settings_error(int error)
{
	if (error == EPERM)
		return "others than root can write it: chown root, chmod go-w";
	return strerror(error);
}

void settings_check_owner(const char *path, enum settings_trust trust, struct mistakes *mistakes)
{
	struct stat status;

	if (trust == SETTINGS_WARN_OF_OTHERS && !stat(path, &status) && !is_roots(&status))
		mistakes_warn(mistakes, &(struct place){ .file = path },
			      "the plugin will refuse it: %s", settings_error(EPERM));
}

bool settings_check_folder(const char *path, enum settings_trust trust, struct mistakes *mistakes)
{
	struct place place = { .file = path };
	struct stat status;

	errno = 0;
	if (!stat(path, &status)) {
		if (!S_ISDIR(status.st_mode))
			errno = ENOTDIR;
		else if (trust == SETTINGS_TRUST_ROOT && !is_roots(&status))
			errno = EPERM;
	}
	if (errno) {
		mistakes_add(mistakes, &place, "can't be read: %s", settings_error(errno));
		return false;
	}
	settings_check_owner(path, trust, mistakes);
	return true;
}

static FILE *open_trusted(const char *path, enum settings_trust trust)
{
	FILE *file = fopen(path, "re");
	struct stat status;

	if (!file || trust != SETTINGS_TRUST_ROOT)
		return file;
	if (!fstat(fileno(file), &status) && is_roots(&status))
		return file;
	fclose(file);
	errno = EPERM;
	return NULL;
}

char *settings_read_text(const char *path, enum settings_trust trust)
{
	FILE *file = open_trusted(path, trust);
	char *text;
	size_t length;

	if (!file)
		return NULL;
	text = mem_resize(NULL, SETTINGS_MAX_FILE + 1, 1);
	errno = 0;
	length = fread(text, 1, SETTINGS_MAX_FILE + 1, file);
	if (ferror(file) || length > SETTINGS_MAX_FILE) {
		if (!ferror(file))
			errno = EFBIG;
		free(text);
		text = NULL;
	} else {
		text = mem_resize(text, length + 1, 1);
		text[length] = '\0';
		/* libconfig reads a string, so a NUL would hide what follows it. */
		if (strlen(text) != length) {
			errno = EILSEQ;
			free(text);
			text = NULL;
		}
	}
	fclose(file);
	return text;
}
