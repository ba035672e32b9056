#!/bin/bash
# Reload by SIGHUP to auditd. A rule file with a mistake is reported with its place, and the rules that
# were in force stay; once mended, the new ones are. auditd 3 hands SIGHUP to the plugin; auditd 4 starts
# the plugin anew, and then there are no old rules to keep.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

rule_file=$dir/rules.d/90-marker.conf

# write_rule CONDITION
write_rule() {
	cat >"$rule_file" <<-END
		rules = (
		    {
		        id = "marker";
		        name = "A marker of the test";
		        severity = "low";
		        risk_score = 21;
		        condition = "$1";
		    }
		);
	END
}

reload() {
	kill -HUP "$AUDITD_PID"
}

# has_alert RULE COMMAND: it was reported.
has_alert() {
	jq -es --arg rule "$1" --arg command "sh -c $2" \
		'any(.rule.id == $rule and .process.command_line == $command)' "$alerts" >/dev/null
}

# run_and_report COMMAND: run it and wait for its alert by the shipped rule, which is always in force.
run_and_report() {
	httpd_runs "$1"
	wait_until 15 has_alert web-shell-spawn "$1" || fail "no alert for: $1"
}

# new_rule_works: the rules of the last reload are in force. Each attempt is a command of its own.
attempt=0
new_rule_works() {
	run_and_report ": two $((++attempt))"
	has_alert marker ": two $attempt"
}

write_rule "process.command_line like 'sh -c : one*'"
start
audit_execs
start_httpd

run_and_report ': one'
wait_until 15 has_alert marker ': one' || fail "the marker rule is not in force"

before=$(plugin_pid)
write_rule "process.command_lime like 'sh -c : two*'"
reload
wait_until 15 grep -Eq "90-marker.conf:[0-9]+:[0-9]+: " "$messages" || fail "the mistake was not reported"
figure "reported: $(grep -Eo '90-marker.conf:[0-9]+:[0-9]+: .*' "$messages" | head -n 1)"
run_and_report ': one, with the broken file in place'
if [[ $(plugin_pid) == "$before" ]]; then
	wait_until 15 has_alert marker ': one, with the broken file in place' ||
		fail "the old rule is gone although its successor is broken"
fi

write_rule "process.command_line like 'sh -c : two*'"
reload
wait_until 15 new_rule_works || fail "the mended rule is not in force"
figure "the mended rule was in force at attempt $attempt"

run_and_report ': one, at last'
run_and_report ': two, at last'
wait_until 15 has_alert marker ': two, at last' || fail "the mended rule is no longer in force"
! has_alert marker ': one, at last' || fail "the old rule is still in force"
