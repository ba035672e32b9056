#!/bin/bash
# Alerts are delivered: rsyslogd stopped for a while under alerts, the plugin killed with alerts waiting, a full
# disk under both the state and the file, and the file rotated. All there and in order; each once, but for those
# of the last second before the kill.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs mount

# The state and the alerts' file are on a small disk of their own.
mount -t tmpfs -o size=24m,mode=0700 tmpfs "$dir/state" || skip "no tmpfs can be mounted"
at_exit+=("umount '$dir/state'")
file=$dir/state/alerts.json
more_settings="file = { enabled = true; path = \"$file\"; };"

# runs COUNT: so many shells of the server, one after the other.
count=0
runs() {
	local i
	for ((i = 0; i < $1; i++)); do
		count=$((count + 1))
		httpd_runs "echo $count; :"
		expect web-shell-spawn "sh -c echo $count; :" httpd "$dir/bin/httpd"
	done
}

# ids FILE: of its alerts, in order, but for what came by the clock. Where a disk was full a line is no document.
ids() {
	jq -rR "fromjson? | select($by_clock | not) | .auspawn.alert_id" "$1"
}

file_has_all() {
	[[ -e $file && $(ids "$file" | sort -u | wc -l) == "$count" ]]
}

# in_order FILE: each once, and as they happened.
in_order() {
	[[ $(ids "$1") == "$(ids "$1" | sort -u | sort -t : -k 2 -n)" ]]
}

rsyslogd_stop() {
	end_process "${daemons[$rsyslogd]}"
	rm -f "$dir/log.socket"
}

rsyslogd_start() {
	start_rsyslogd
	rsyslogd=$((${#daemons[@]} - 1))
}

start
rsyslogd=0
audit_execs
start_httpd

runs 20
await_alerts 20 || fail "only $(alert_count) of 20 alerts came"
rsyslogd_stop
runs 100
wait_until 30 file_has_all || fail "the file waits for syslog"
sleep 2
[[ $(alert_count) == 20 ]] || fail "an alert came to a syslog that was not there"
began=$(now_us)
rsyslogd_start
await_alerts "$count" || fail "after rsyslogd's return only $(alert_count) of $count alerts came"
in_order "$alerts" || fail "syslog's alerts are not in order, or not each once"
figure "rsyslogd away: 100 alerts waited, and came within $((($(now_us) - began) / 1000)) ms of its start"

rsyslogd_stop
runs 100
wait_until 30 file_has_all || fail "the file waits for syslog"
kill -KILL "$(plugin_pid)"
auditd_stop
before=$(ids "$file" | wc -l)
rsyslogd_start
auditd_start "$dir/audit" || fail "auditd and the plugin did not start again"
auditctl -e 1 >/dev/null
await_alerts "$count" || fail "after the kill only $(alert_count) of $count alerts came"
in_order "$alerts" || fail "syslog's alerts are not in order, or not each once, after the kill"
sleep 1
wait_until 5 file_has_all || fail "the file has other alerts after the kill"
figure "plugin killed: 100 alerts came at the next start, $(($(ids "$file" | wc -l) - before)) repeated in the file"

sleep 2
auditd_stop
rm -f "$dir"/state/*
count_before=$count
dd if=/dev/zero of="$dir/state/filler" bs=64k 2>/dev/null || true
auditd_start "$dir/audit" || fail "auditd and the plugin did not start on a full disk"
auditctl -e 1 >/dev/null
wait_until 10 grep -q "the state can't be kept" "$messages" || fail "the full disk was not told"
rsyslogd_stop
runs 100
sleep 4
rm "$dir/state/filler"
began=$(now_us)
rsyslogd_start
await_alerts "$count" 20 || fail "after the full disk only $(alert_count) of $count alerts came"
in_order "$alerts" || fail "syslog's alerts are not in order, or not each once, after the full disk"
file_has_rest() {
	[[ -e $file && $(ids "$file" | sort -u | wc -l) == $((count - count_before)) ]]
}
wait_until 20 file_has_rest || fail "after the full disk the file has only $(ids "$file" | wc -l) of $((count - count_before)) alerts"
wait_until 20 grep -q "the state is kept again" "$messages" || fail "the state's recovery was not told"
figure "disk full: 100 alerts waited in memory, and were in syslog and the file $((($(now_us) - began) / 1000)) ms after there was room"

mv "$file" "$file.1"
runs 1
file_has_one() {
	[[ -e $file && $(ids "$file" | wc -l) == 1 ]]
}
wait_until 10 file_has_one || fail "the rotated file was not followed"
finish
