#!/bin/bash
# One exec on an otherwise silent machine. Nothing that comes later pushes it out: the alert must follow
# the event's own end record, at once. The bound is generous, for slow machines; the figure is what counts.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

tries=5
limit_ms=1000

# await_line: the next line of $alerts, read as it comes; fails after ten seconds.
await_line() {
	local end=$((${EPOCHREALTIME/[.,]/} + 10000000))
	until IFS= read -r line; do
		((${EPOCHREALTIME/[.,]/} < end)) || return 1
		nap
	done
} <&"$alerts_fd"

# delay_ms: from the exec's own time stamp to now. The kernel may stamp up to a tick (4 ms) early.
delay_ms() {
	local now=${EPOCHREALTIME/[.,]/} stamp
	stamp=$(jq -r '.event.id | split(":")[0]' <<<"$line")
	echo $((now / 1000 - ${stamp/./}))
}

start
audit_execs
start_httpd
exec {alerts_fd}<"$alerts"

delays=()
for ((i = 0; i < tries; i++)); do
	httpd_runs ":"
	await_line || fail "no alert for a lone exec within ten seconds"
	delays+=("$(delay_ms)")
	expect web-shell-spawn 'sh -c :' httpd "$dir/bin/httpd"
done
best=$(printf '%s\n' "${delays[@]}" | sort -n | head -n 1)
((best < limit_ms)) || fail "the fastest alert took $best ms"

finish
figure "alert in rsyslog's file $best ms after the exec, best of ${delays[*]} ms"
