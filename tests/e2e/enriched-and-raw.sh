#!/bin/bash
# auditd's two log formats. ENRICHED records carry the names of users; with RAW the plugin has to ask the
# name service. The alerts are the same.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

log_format=RAW
start
audit_execs
start_httpd
httpd_runs ': raw'
expect web-shell-spawn 'sh -c : raw' httpd "$dir/bin/httpd"
await_alerts 1 || fail "no alert with log_format = RAW"

auditd_stop
auditd_configure "$dir/audit" "$dir/bin/auspawn" "$dir/auspawn.conf" ENRICHED
auditd_start "$dir/audit" || fail "auditd and the plugin did not start again"
httpd_runs ': enriched'
expect web-shell-spawn 'sh -c : enriched' httpd "$dir/bin/httpd"

finish
expect_every ".user.name == \"$WEB_USER\" and .user.id == \"$(id -u "$WEB_USER")\""
