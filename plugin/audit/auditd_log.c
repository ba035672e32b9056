/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/auditd_log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"

#define DEFAULT_PATH	  "/var/log/audit/audit.log"
#define MAX_CONF_LINES	  10000
#define MEBIBYTE	  1048576

/* What is of interest there, as it was written. */
struct conf {
	char path[PATH_MAX];
	char action[32];
	char format[32];
	bool writes;
	unsigned long files;
	unsigned long mebibytes;
};

static bool copy_text(char *to, size_t size, const char *value)
{
	return snprintf(to, size, "%s", value) < (int)size;
}

static void take_setting(struct conf *conf, const char *name, const char *value)
{
	if (!strcasecmp(name, "log_file") && value[0] == '/')
		copy_text(conf->path, sizeof(conf->path), value);
	else if (!strcasecmp(name, "max_log_file_action"))
		copy_text(conf->action, sizeof(conf->action), value);
	else if (!strcasecmp(name, "log_format"))
		copy_text(conf->format, sizeof(conf->format), value);
	else if (!strcasecmp(name, "write_logs"))
		conf->writes = strcasecmp(value, "no");
	else if (!strcasecmp(name, "num_logs"))
		conf->files = strtoul(value, NULL, 10);
	else if (!strcasecmp(name, "max_log_file"))
		conf->mebibytes = strtoul(value, NULL, 10);
}

/* name = value, anything else is no setting. */
static void take_line(struct conf *conf, char *line)
{
	char *equals = strchr(line, '=');
	char *value, *name = line + strspn(line, " \t");

	if (*name == '#' || !equals)
		return;
	*equals = '\0';
	name[strcspn(name, " \t")] = '\0';
	value = equals + 1 + strspn(equals + 1, " \t");
	for (size_t end = strlen(value); end && isspace((unsigned char)value[end - 1]); end--)
		value[end - 1] = '\0';
	take_setting(conf, name, value);
}

static void use(struct auditd_log *log, const struct conf *conf)
{
	bool rotates = !strcasecmp(conf->action, "rotate");
	bool keeps = !strcasecmp(conf->action, "keep_logs");

	if (!conf->writes || !strcasecmp(conf->format, "nolog"))
		return;
	log->path = mem_strdup(conf->path);
	log->files = AUDITD_LOG_MAX_FILES;
	/* A file that is set aside by hand (auditctl --signal rotate) is one of that many too. */
	if (!keeps)
		log->files = conf->files < 1 ? 1 : (unsigned int)(conf->files < log->files ? conf->files : log->files);
	if (rotates || keeps)
		log->file_size = conf->mebibytes < 1 << 20 ? conf->mebibytes * MEBIBYTE : 0;
}

int auditd_log_read(struct auditd_log *log, const char *auditd_conf)
{
	struct conf conf = { .path = DEFAULT_PATH, .action = "rotate", .writes = true, .files = 5, .mebibytes = 8 };
	char line[PATH_MAX + 64];
	FILE *file = fopen(auditd_conf, "re");
	int error = 0;

	*log = (struct auditd_log){ 0 };
	if (!file)
		return -errno;
	for (unsigned int i = 0; i < MAX_CONF_LINES && fgets(line, sizeof(line), file); i++)
		take_line(&conf, line);
	if (ferror(file))
		error = -EIO;
	fclose(file);
	if (!error)
		use(log, &conf);
	return error;
}

void auditd_log_clear(struct auditd_log *log)
{
	free(log->path);
	*log = (struct auditd_log){ 0 };
}

static bool name_file(const struct auditd_log *log, unsigned int number, char *name, size_t size)
{
	int length;

	if (!log->path || number > log->files)
		return false;
	length = number ? snprintf(name, size, "%s.%u", log->path, number) : snprintf(name, size, "%s", log->path);
	return length < (int)size;
}

int auditd_log_open(const struct auditd_log *log, unsigned int number)
{
	char name[PATH_MAX + 16];
	int fd;

	if (!name_file(log, number, name, sizeof(name)))
		return -ENOENT;
	/* Nobody but root can have put a FIFO there, but it would stop us for good. */
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

bool auditd_log_find(const struct auditd_log *log, const struct stat *file, unsigned int *number)
{
	char name[PATH_MAX + 16];
	struct stat found;

	for (unsigned int i = 0; name_file(log, i, name, sizeof(name)); i++) {
		if (stat(name, &found))
			return false;
		if (found.st_ino == file->st_ino && found.st_dev == file->st_dev) {
			*number = i;
			return true;
		}
	}
	return false;
}

int64_t auditd_log_reach(const struct auditd_log *log, double rate)
{
	double seconds;

	if (!log->path)
		return 0;
	if (!log->file_size || log->files == AUDITD_LOG_MAX_FILES || rate <= 0)
		return -1;
	seconds = (double)log->file_size * log->files / rate;
	return seconds < (double)INT64_MAX / 2 ? (int64_t)seconds : -1;
}
