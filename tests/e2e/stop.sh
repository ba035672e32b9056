#!/bin/bash
# The end: by auditd's shutdown, by EOF, by SIGTERM. Each time the plugin ends promptly and what it counts
# for the rarity rules is in its state directory. The bound is generous, for slow machines.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

limit_ms=1000

# ended NAME PID BEGAN: wait for the plugin's end, print how long it took since BEGAN, check it.
ended() {
	local ms
	wait_until 15 is_gone "$2" || fail "$1: the plugin has not ended"
	ms=$((($(now_us) - $3) / 1000))
	figure "$1: the plugin ended after $ms ms"
	((ms < limit_ms)) || fail "$1: that took too long"
}

# saved STATE_DIR: the program that ran is in the state, whatever the file's format and its escapes.
saved() {
	find "$1" -type f -exec cat {} + | tr -d "\\\\" | grep -aF "$dir/bin/httpd" >/dev/null ||
		fail "no counts were saved in $(basename "$1"): $(ls -l "$1")"
}

# start_alone NAME: the plugin without auditd, fed by us through a pipe. It is ready when its first alert
# has come.
start_alone() {
	local before
	before=$(alert_count)
	install -d -m 0700 "$dir/state-$1"
	configure_auspawn "$dir/state-$1"
	mkfifo "$dir/$1.in"
	exec {input}<>"$dir/$1.in"
	setsid "$dir/bin/auspawn" -c "$dir/auspawn.conf" <"$dir/$1.in" >"$dir/log/$1.log" 2>&1 {input}>&- &
	daemons+=($!)
	exec {writer}>"$dir/$1.in" {input}>&-
	cat "$dir/audit/log/audit.log" >&"$writer"
	await_alerts $((before + 1)) || fail "$1: the plugin alone reports nothing"
}

start
audit_execs
start_httpd
httpd_runs 'id; :'
await_alerts 1 || fail "no alert"
auditctl -D >/dev/null

plugin=$(plugin_pid)
began=$(now_us)
kill -TERM "$AUDITD_PID"
ended "auditd's shutdown" "$plugin" "$began"
auditd_stop
saved "$dir/state"

start_alone eof
began=$(now_us)
exec {writer}>&-
ended "end of input" "${daemons[-1]}" "$began"
saved "$dir/state-eof"

start_alone sigterm
began=$(now_us)
kill -TERM "${daemons[-1]}"
ended "SIGTERM" "${daemons[-1]}" "$began"
saved "$dir/state-sigterm"
