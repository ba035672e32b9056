/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "alert/syslog.h"
#include "audit/intake.h"
#include "base/memory.h"
#include "base/settings.h"
#include "process/procfs.h"

#define DEFAULT_MAX_PROCESSES 65536
#define DEFAULT_MESSAGE_SIZE  8000
#define DEFAULT_READ_BACK_MS  3600000
#define DEFAULT_QUEUE_SIZE    (16 << 20)
#define DEFAULT_OUTBOX_SIZE   (64 << 20)

static const char *const known[] = {
	"rules_dir", "local_dir", "state_dir", "sync",
	"user", "sandbox",
	"auditd_conf", "read_back",
	"agent_id", "node", "max_processes", "env_vars",
	"syslog", "file", "events", "metrics", "limits",
	NULL,
};
static const char *const known_syslog[] = { "enabled", "socket", "facility", "format", NULL };
static const char *const known_file[] = { "enabled", "path", "format", NULL };
static const char *const known_metrics[] = { "enabled", "path", NULL };
static const char *const known_limits[] = { "message_size", "outbox_size", "queue_size", NULL };

static struct config *new_defaults(void)
{
	struct config *config = mem_zalloc(sizeof(*config));

	config->rules_dir = mem_strdup(SYSCONFDIR "/auspawn/rules.d");
	config->local_dir = mem_strdup(SYSCONFDIR "/auspawn/local.d");
	config->state_dir = mem_strdup(LOCALSTATEDIR "/lib/auspawn");
	config->user = mem_strdup("auspawn");
	config->sandbox = true;
	config->auditd_conf = mem_strdup("/etc/audit/auditd.conf");
	config->read_back_ms = DEFAULT_READ_BACK_MS;
	config->max_processes = DEFAULT_MAX_PROCESSES;
	config->message_size = DEFAULT_MESSAGE_SIZE;
	config->queue_size = DEFAULT_QUEUE_SIZE;
	config->outbox_size = DEFAULT_OUTBOX_SIZE;
	config->syslog.enabled = true;
	config->syslog.socket = mem_strdup("/dev/log");
	config->syslog.facility = LOG_AUTHPRIV;
	config->file.path = mem_strdup(LOCALSTATEDIR "/log/auspawn/alerts.json");
	config->events.path = mem_strdup(LOCALSTATEDIR "/log/auspawn/events.json");
	config->metrics.path = mem_strdup("/run/auspawn/auspawn.prom");
	return config;
}

static void free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	free_list(config->env_vars);
	free(config->rules_dir);
	free(config->local_dir);
	free(config->state_dir);
	free(config->user);
	free(config->auditd_conf);
	free(config->agent_id);
	free(config->node);
	free(config->syslog.socket);
	free(config->file.path);
	free(config->events.path);
	free(config->metrics.path);
	free(config);
}

static void replace(char **text, char *by)
{
	free(*text);
	*text = by;
}

static void read_text(const struct settings *settings, const config_setting_t *group,
		      const char *name, char **text)
{
	const char *value = settings_string(settings, group, name, NULL);

	if (value)
		replace(text, mem_strdup(value));
}

static void read_path(const struct settings *settings, const config_setting_t *group,
		      const char *name, char **path)
{
	const char *value = settings_string(settings, group, name, NULL);

	if (value)
		replace(path, settings_path(settings, value));
}

static void read_format(const struct settings *settings, const config_setting_t *group,
			enum alert_format *format)
{
	const char *name = settings_string(settings, group, "format", "json");

	if (!alert_format_named(name, format))
		settings_mistake(settings, config_setting_get_member(group, "format"),
				 "'format' must be json, cee, cef or text");
}

static void read_sync(const struct settings *settings, const config_setting_t *root, bool *sync)
{
	const char *name = settings_string(settings, root, "sync", "normal");

	*sync = !strcmp(name, "full");
	if (!*sync && strcmp(name, "normal"))
		settings_mistake(settings, config_setting_get_member(root, "sync"),
				 "'sync' must be normal or full");
}

static void read_limits(const struct settings *settings, const config_setting_t *group,
			struct config *config)
{
	settings_check_names(settings, group, known_limits);
	config->message_size = (size_t)settings_integer(settings, group, "message_size", 4000,
							1048576, DEFAULT_MESSAGE_SIZE);
	config->outbox_size = (size_t)settings_integer(settings, group, "outbox_size", 1 << 20,
						       1 << 30, DEFAULT_OUTBOX_SIZE);
	config->queue_size = (size_t)settings_integer(settings, group, "queue_size", INTAKE_MIN,
						      1 << 30, DEFAULT_QUEUE_SIZE);
}

static void read_syslog(const struct settings *settings, const config_setting_t *group,
			struct config_syslog *syslog)
{
	const char *facility = settings_string(settings, group, "facility", "authpriv");

	settings_check_names(settings, group, known_syslog);
	syslog->enabled = settings_bool(settings, group, "enabled", syslog->enabled);
	read_path(settings, group, "socket", &syslog->socket);
	read_format(settings, group, &syslog->format);
	if (!syslog_facility_named(facility, &syslog->facility))
		settings_mistake(settings, config_setting_get_member(group, "facility"),
				 "'facility' must be auth, authpriv, daemon, user or local0 to local7");
}

static void read_file(const struct settings *settings, const config_setting_t *group,
		      struct config_file *file)
{
	settings_check_names(settings, group, known_file);
	file->enabled = settings_bool(settings, group, "enabled", file->enabled);
	read_path(settings, group, "path", &file->path);
	read_format(settings, group, &file->format);
}

static void read_metrics(const struct settings *settings, const config_setting_t *group,
			 struct config_metrics *metrics)
{
	settings_check_names(settings, group, known_metrics);
	metrics->enabled = settings_bool(settings, group, "enabled", metrics->enabled);
	read_path(settings, group, "path", &metrics->path);
}

/* Every variable of a process is compared with every name, so there must not be many. */
static void read_env_vars(const struct settings *settings, const config_setting_t *root,
			  struct config *config)
{
	const config_setting_t *list = settings_list(settings, root, "env_vars");
	size_t length = list ? (size_t)config_setting_length(list) : 0;

	if (length > PROCFS_MAX_VARIABLES) {
		settings_mistake(settings, list, "'env_vars' can have at most %d names",
				 PROCFS_MAX_VARIABLES);
		return;
	}
	if (!length)
		return;
	config->env_vars = mem_zalloc((length + 1) * sizeof(*config->env_vars));
	for (size_t i = 0, n = 0; i < length; i++) {
		const config_setting_t *element = config_setting_get_elem(list, (unsigned int)i);
		const char *name = config_setting_get_string(element);

		if (name && name[0] && !strchr(name, '='))
			config->env_vars[n++] = mem_strdup(name);
		else
			settings_mistake(settings, element,
					 "'env_vars' must be names of environment variables");
	}
}

static void read_all(const struct settings *settings, struct config *config)
{
	const config_setting_t *root = config_root_setting(&settings->config);
	const config_setting_t *group;

	settings_check_names(settings, root, known);
	read_path(settings, root, "rules_dir", &config->rules_dir);
	read_path(settings, root, "local_dir", &config->local_dir);
	read_path(settings, root, "state_dir", &config->state_dir);
	read_text(settings, root, "user", &config->user);
	config->sandbox = settings_bool(settings, root, "sandbox", config->sandbox);
	read_path(settings, root, "auditd_conf", &config->auditd_conf);
	config->read_back_ms = settings_duration(settings, root, "read_back", 0, DEFAULT_READ_BACK_MS);
	read_text(settings, root, "agent_id", &config->agent_id);
	read_text(settings, root, "node", &config->node);
	config->max_processes = (size_t)settings_integer(settings, root, "max_processes", 1024,
							 4194304, DEFAULT_MAX_PROCESSES);
	read_env_vars(settings, root, config);
	read_sync(settings, root, &config->sync);
	group = settings_group(settings, root, "syslog");
	if (group)
		read_syslog(settings, group, &config->syslog);
	group = settings_group(settings, root, "file");
	if (group)
		read_file(settings, group, &config->file);
	group = settings_group(settings, root, "events");
	if (group)
		read_file(settings, group, &config->events);
	group = settings_group(settings, root, "metrics");
	if (group)
		read_metrics(settings, group, &config->metrics);
	group = settings_group(settings, root, "limits");
	if (group)
		read_limits(settings, group, config);
}

struct config *config_load(const char *path, enum settings_trust trust,
			   struct mistakes *mistakes)
{
	struct config *config = new_defaults();
	struct settings settings;

	if (!path)
		return config;
	if (settings_open(&settings, path, trust, mistakes))
		read_all(&settings, config);
	settings_close(&settings);
	return config;
}
