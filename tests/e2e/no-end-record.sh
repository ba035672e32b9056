#!/bin/bash
# Audit rules that exclude PROCTITLE and EOE, as some sites have: no record says that an event is over.
# The plugin ends it by its own clock, two seconds after its last record; more traffic must not be needed.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

start
audit_rule -a always,exclude -F msgtype=PROCTITLE
audit_rule -a always,exclude -F msgtype=EOE
audit_execs
start_httpd

began=$(now_us)
httpd_runs ":"
expect web-shell-spawn 'sh -c :' httpd "$dir/bin/httpd"
await_alerts 1 || fail "no alert for an event without an end"
waited_ms=$((($(now_us) - began) / 1000))

# Several at once: each ends by itself, none takes records of another.
for i in 1 2 3; do
	httpd_runs ": $i"
	expect web-shell-spawn "sh -c : $i" httpd "$dir/bin/httpd"
done

finish
jq -r '"msg=audit(\(.event.id))"' "$alerts" >"$dir/ids"
! grep -F -f "$dir/ids" "$dir/audit/log/audit.log" | grep -q 'type=PROCTITLE' ||
	fail "the kernel sent PROCTITLE records after all"
figure "alert $waited_ms ms after an exec without an end record"
