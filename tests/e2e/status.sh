#!/bin/bash
# What the running plugin says of itself, against what ran and what the kernel says; metrics; and a
# self-test through the whole chain, whose alert must arrive at both sinks, and which must say which link
# is broken when one is.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

more_settings="file = { enabled = true; path = \"$dir/log/alerts.file\"; };
	metrics = { enabled = true; path = \"$dir/metrics/auspawn.prom\"; };"

auspawn() {
	"$dir/bin/auspawn" -c "$dir/auspawn.conf" "$@"
}

status() {
	auspawn status --format=json 2>>"$dir/log/status.log"
}

# has_execs COUNT: the plugin has seen so many.
has_execs() {
	status | jq -e --argjson count "$1" '.input.execs >= $count' >/dev/null
}

# figure_is PATH VALUE: a figure of the status that was taken into $document.
figure_is() {
	local value
	value=$(jq -r "$1" <<<"$document")
	[[ $value == "$2" ]] || fail "$1 is $value, not $2"
}

# self_test STATUS TEXT: a self-test ends with that exit status and says that.
self_test() {
	local output status=0
	output=$(auspawn selftest --user="$WEB_USER" 2>&1) || status=$?
	[[ $status == "$1" ]] || fail "self-test: exit status $status, not $1: $output"
	grep -qF "$2" <<<"$output" || fail "self-test: not said: $2"$'\n'"$output"
}

start
self_test 1 "broken: no audit rule records execs of $WEB_USER"
audit_execs
audit_forks
start_httpd
shells=40
for ((i = 1; i <= shells; i++)); do
	httpd_runs "id; : $i"
done
await_alerts "$shells" 30 || fail "only $(alert_count) of $shells alerts came"

# httpd itself, setpriv's search for it aside; and each time sh and id.
execs=$((1 + 2 * shells))
wait_until 10 has_execs "$execs" || fail "not all execs were seen"
document=$(status)
figure_is .running true
figure_is .plugin.pid "$(plugin_pid)"
figure_is .input.execs "$execs"
figure_is .input.malformed 0
figure_is '.rules_in_force[] | select(.id == "web-shell-spawn") | .alerts' "$(alert_count)"
figure_is '.sinks[] | select(.name == "file") | .taken' "$(wc -l <"$dir/log/alerts.file")"
figure_is '.sinks[] | select(.name == "syslog") | .waiting' 0
figure_is .state.health kept
figure "$(jq -r '"\(.input.records) records, \(.input.execs) execs, \(.input.forks) forks; delay: median " +
	"\(.delay.median) ms, 99th percentile \(.delay.p99) ms; resident \(.plugin.resident / 1048576 * 10 | floor / 10) MiB; " +
	"web-shell-spawn costs \(.rules_in_force[] | select(.id == "web-shell-spawn") | .cost) ns"' <<<"$document")"

# The kernel's figures. What waits changes at any time.
for name in enabled failure rate_limit backlog_limit lost; do
	figure_is ".kernel.$name" "$(audit_status $name)"
done
figure_is .kernel.auditd "$AUDITD_PID"
figure_is .kernel.rules 2
figure_is .kernel.exec_rules 1
figure_is '[.look_at[] | select(test("kernel|rule"))] | length' "$(($(audit_status lost) > 0))"

grep -qx "auspawn_input_execs_total $execs" "$dir/metrics/auspawn.prom" || fail "the metrics differ from the status"

before=$(wc -l <"$dir/log/alerts.file")
began=$(now_us)
self_test 0 "works: the alert is in $dir/log/alerts.file"
figure "a self-test took $((($(now_us) - began) / 1000)) ms"
(($(wc -l <"$dir/log/alerts.file") > before)) || fail "the self-test made no alert"
wait_until 10 grep -q ': auspawn selftest [0-9a-f]' "$alerts" || fail "its alert did not get to rsyslogd"

plugin=$(plugin_pid)
auditctl -D >/dev/null
auditctl -e 0 >/dev/null
document=$(status)
figure_is '.look_at | any(test("kernel does not audit"))' true
figure_is '.look_at | any(test("no audit rule records execs"))' true
self_test 1 "broken: the kernel does not audit"
auditd_stop
document=$(status) || true
figure_is .running false
figure_is .plugin.pid "$plugin"
grep -q "no plugin runs: the last one, pid $plugin, ended at " "$dir/log/status.log" || fail "its end was not told"
self_test 1 "broken: no auditd gets the kernel's records"
