#!/bin/bash
# Events that are lost on the way to the plugin, while it hangs and when it is killed, are read back from auditd's
# log: every exec is judged, and every alert is there.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

more_settings="events = { enabled = true; path = \"$dir/log/events.json\"; };"
touch "$dir/log/events.json"
execs=1400 # of each load

# A shell by another name, which is no web shell.
install -m 0755 "$shell" "$dir/bin/loader"

# load NAME COMMAND...: as many execs, and six web shells among them; COMMAND is run in the middle.
load() {
	local name=$1 i
	shift
	"${as_web_user[@]}" "$dir/bin/loader" -c \
		"i=0; while [ \$i -lt $execs ]; do $(type -P true) $name \$i; i=\$((i + 1)); done" >/dev/null 2>&1 &
	loader=$!
	for i in 1 2 3 4 5 6; do
		httpd_runs ": $name $i"
		expect web-shell-spawn "sh -c : $name $i" httpd "$dir/bin/httpd"
		[[ $i != 3 ]] || "$@"
		sleep 0.15
	done
	wait "$loader"
}

# in_log: the ids of all execs in auditd's log, which has rotated files too.
in_log() {
	cat "$dir"/audit/log/audit.log* | grep -aE 'type=SYSCALL .* success=yes .* key="exec"' |
		sed -E 's/.*msg=audit\(([0-9.]+:[0-9]+)\).*/\1/' | sort
}

judged() {
	jq -r .event.id "$dir/log/events.json" | sort
}

all_judged() {
	[[ -z $(comm -23 <(in_log) <(judged | uniq)) ]]
}

# lost: events that an alert says are lost.
lost() {
	jq -s 'map(select(.rule.id == "auspawn-lost") | .auspawn.lost.count // 0) | add // 0' "$alerts"
}

# came_late FILE: execs in the log of all events whose serial is lower than one before them.
came_late() {
	jq -r '.event.id | split(":")[1]' "$dir/log/events.json" |
		awk '{ if ($1 < highest) late++; else highest = $1 } END { print late + 0 }'
}

start
# What the plugin began with must not be needed: a reload has another configuration.
kill -HUP "$AUDITD_PID"
wait_until 10 grep -qs AS0103 "$messages" || fail "the plugin was not reloaded"
audit_execs
start_httpd

kill -STOP "$(plugin_pid)"
began=$(now_us)
load stopped :
figure "plugin stopped: $execs execs took $((($(now_us) - began) / 1000)) ms"
while (($(now_us) - began < 10000000)); do
	sleep 0.1
done
kill -CONT "$(plugin_pid)"
began=$(now_us)
wait_until 30 all_judged || fail "$(comm -23 <(in_log) <(judged | uniq) | wc -l) execs were not judged"
figure "after it went on, all $(in_log | wc -l) execs were judged within $((($(now_us) - began) / 1000)) ms;" \
	"$(came_late) were read back"
[[ -z $(judged | uniq -d) ]] || fail "judged twice: $(judged | uniq -d | wc -l)"
(($(came_late) > 0)) || fail "auditd dropped nothing: the case tests nothing"

load killed kill -KILL "$(plugin_pid)"
httpd_runs ': afterwards'
expect web-shell-spawn 'sh -c : afterwards' httpd "$dir/bin/httpd"
wait_until 30 all_judged || fail "$(comm -23 <(in_log) <(judged | uniq) | wc -l) execs were not judged"
figure "after a kill, all $(in_log | wc -l) execs were judged, $(judged | uniq -d | wc -l) of them twice"
[[ $(lost) == 0 ]] || fail "$(lost) events are told of as lost"

# What is judged twice, after a kill, has the same id.
mv "$alerts" "$alerts.all"
jq -cs 'unique_by([.rule.id, .event.id])[]' "$alerts.all" >"$alerts"
figure "$(wc -l <"$alerts.all") alerts came, $(wc -l <"$alerts") different ones"
finish
