#!/bin/bash
# The clock is set back by an hour and forward again, under the running plugin: each exec is judged, and its
# parent known, before, meanwhile and after. That is the whole machine's clock, for some seconds, so only in CI
# or when STEP_CLOCK is set.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

[[ -n ${CI:-}${STEP_CLOCK:-} ]] || skip "it sets the machine's clock; STEP_CLOCK=1 allows that"

offset=0

# step SECONDS: set the clock forward, or back.
step() {
	date -s "@$(date +%s.%N | awk -v by="$1" -F . '{ printf "%d.%s", $1 + by, $2 }')" >/dev/null || return
	offset=$((offset + $1))
}

# run_and_expect TEXT: a web shell, in which one program starts another.
run_and_expect() {
	expect web-shell-spawn "sh -c sh -c \"$1\"; :" httpd "$dir/bin/httpd"
	expect web-shell-spawn "sh -c $1" "$(basename "$shell")" "$shell"
	httpd_runs "sh -c \"$1\"; :"
	await_alerts "$(wc -l <"$expected")" || fail "no alert for: $1"
}

start
audit_execs
audit_forks
start_httpd
run_and_expect ': before'

step 0 2>/dev/null || skip "the clock can't be set here"
# shellcheck disable=SC2016 # expands at the end
at_exit+=('step $((-offset))')
step -3600
run_and_expect ': an hour ago'
for i in {1..20}; do
	run_and_expect ": an hour ago, $i"
done
before=$(date +%s)
step 3600
run_and_expect ': after'

stamp=$(jq -r 'select(.process.command_line == "sh -c : an hour ago") | .["@timestamp"]' "$alerts")
late=$((before - $(date -d "$stamp" +%s)))
((late >= 0 && late < 60)) || fail "the event of an hour ago has the time $stamp"
finish
