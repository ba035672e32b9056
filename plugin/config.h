/* SPDX-License-Identifier: GPL-2.0-or-later */
/* auspawn.conf: every key has a default, an unknown key is a mistake. */
#ifndef AUSPAWN_CONFIG_H
#define AUSPAWN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/alert.h"
#include "base/mistakes.h"
#include "base/settings.h"

struct config_syslog {
	bool enabled;
	char *socket;
	int facility;
	enum alert_format format;
};

struct config_file {
	bool enabled;
	char *path;
	enum alert_format format;
};

struct config_metrics {
	bool enabled;
	char *path;
};

struct config {
	char *rules_dir;
	char *local_dir; /* rule files that add to those and change them */
	char *state_dir;
	char *user;	/* who the plugin becomes */
	bool sandbox;	/* filter its system calls */
	char *auditd_conf; /* auditd's own configuration */
	int64_t read_back_ms; /* how old events may be that are read back from its log; 0: none are */
	char *agent_id; /* NULL: the machine id */
	char *node;     /* node= of this machine's records; NULL: its host name */
	size_t max_processes;
	char **env_vars; /* names of variables that events have, up to NULL; NULL: none */
	size_t queue_size;   /* bytes of records that wait to be judged */
	bool sync;	     /* is the state to survive a power cut, too? */
	size_t outbox_size;  /* bytes of alerts that wait */
	size_t message_size; /* bytes of a whole message, header included */
	struct config_syslog syslog; /* alerts */
	struct config_file file;     /* alerts */
	struct config_file events;   /* every process event */
	struct config_metrics metrics; /* for node_exporter's textfile collector */
};

/* Returns the configuration in `path`, or the built-in defaults if `path` is NULL; config_free() releases
 * it. Where a value is wrong the default stands and the mistake is added. */
struct config *config_load(const char *path, enum settings_trust trust,
			   struct mistakes *mistakes);
void config_free(struct config *config);

#endif
