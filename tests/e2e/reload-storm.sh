#!/bin/bash
# Fifty reloads under load, while a rule file is broken and mended in turn: no alert is missed, none comes
# twice, the plugin lives through it (of auditd 4, which starts it anew each time: nothing is missed), and in
# the end the mended rule is in force.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

rule_file=$dir/rules.d/90-marker.conf
reloads=50
total=500

# write_rule CONDITION
write_rule() {
	cat >"$rule_file.new" <<-END
		rules = ( { id = "marker"; name = "A marker of the test"; severity = "low"; risk_score = 21;
		            condition = "$1"; } );
	END
	mv "$rule_file.new" "$rule_file"
}

send_total() {
	local i
	for ((i = 0; i < total; i++)); do
		httpd_runs ": $i"
		nap
	done
}

write_rule "process.command_line == 'none'"
start
audit_execs
start_httpd
for ((i = 0; i < total; i++)); do
	expect web-shell-spawn "sh -c : $i" httpd "$dir/bin/httpd"
done

send_total &
sender=$!
for ((i = 0; i < reloads; i++)); do
	if ((i % 2)); then
		write_rule "process.command_line == 'none'"
	else
		write_rule "process.command_lime == 'none'"
	fi
	kill -HUP "$AUDITD_PID"
	for _ in {1..10}; do
		nap
	done
done
wait "$sender"
await_alerts $((total - 1)) 60 || fail "only $(alert_count) of $total alerts came"
grep -q "90-marker.conf:[0-9]*:[0-9]*: " "$messages" || fail "no reload saw the broken file"

write_rule "process.command_line == 'sh -c : the last'"
# On auditd 3 two signals may become one.
kill -HUP "$AUDITD_PID"
wait_until 15 grep -Eq 'reloaded: |started: ' <(tail -n 5 "$messages") || fail "the last reload was not told"
expect web-shell-spawn 'sh -c : the last' httpd "$dir/bin/httpd"
expect marker 'sh -c : the last' httpd "$dir/bin/httpd"
httpd_runs ': the last'
finish
