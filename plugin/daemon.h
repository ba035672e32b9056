/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin, as auditd starts it (auditd-plugins(5)): records on stdin, alerts to the sinks, one event
 * loop. It ends at the end of stdin and at auditd's SIGTERM, and reads its configuration anew at SIGHUP.
 */
#ifndef AUSPAWN_DAEMON_H
#define AUSPAWN_DAEMON_H

/* Runs until stdin ends. `config_path` is NULL for the built-in defaults, `rules_dir` is NULL for the
 * configuration's. Ends the process with its exit status: 0, or 2 if it could not start. */
_Noreturn void daemon_run(const char *config_path, const char *rules_dir);

#endif
