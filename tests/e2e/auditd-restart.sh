#!/bin/bash
# auditd is restarted, twice, and is away for a while the first time: all that happened before and after is judged, once,
# and each time in which it was down is told of once.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

more_settings="events = { enabled = true; path = \"$dir/log/events.json\"; };"
touch "$dir/log/events.json"

# A shell by another name, which is no web shell.
install -m 0755 "$shell" "$dir/bin/loader"

# load NAME COUNT: as many execs.
load() {
	"${as_web_user[@]}" "$dir/bin/loader" -c \
		"i=0; while [ \$i -lt $2 ]; do $(type -P true) $1 \$i; i=\$((i + 1)); done" >/dev/null 2>&1
}

# in_log: the ids of all execs in auditd's log.
in_log() {
	cat "$dir"/audit/log/audit.log* | grep -aE 'type=SYSCALL .* success=yes .* key="exec"' |
		sed -E 's/.*msg=audit\(([0-9.]+:[0-9]+)\).*/\1/' | sort
}

judged() {
	jq -r .event.id "$dir/log/events.json" | sort
}

# has NAME COUNT: so many of the execs of a load were judged.
has() {
	[[ $(jq -r '.process.command_line' "$dir/log/events.json" | grep -c "^[^ ]*true $1 ") == "$2" ]]
}

# told REASON: how many alerts of lost events there are.
told() {
	jq -s "map(select(.auspawn.lost.reason == \"$1\")) | length" "$alerts"
}

# lost: events of serials that are missing for good.
lost() {
	jq -s 'map(.auspawn.lost.count // 0) | add' "$alerts"
}

lost_meanwhile() {
	(($(lost) > 0))
}

was_told() {
	(($(told auditd-down) == $1))
}

# span: of the last time in which auditd was down, from and until, as an alert has them, in ms since 1970.
span() {
	jq -rs 'map(select(.auspawn.lost.reason == "auditd-down"))[-1].auspawn.lost | .from, .until' "$alerts" |
		while read -r time; do date -d "$time" +%s%3N; done | tr '\n' ' '
}

start
audit_execs
start_httpd

load before 200
httpd_runs ': before'
expect web-shell-spawn 'sh -c : before' httpd "$dir/bin/httpd"
sleep 1
stopping=$(($(now_us) / 1000))
auditd_stop
stopped=$(($(now_us) / 1000))
load meanwhile 100
sleep 2
starting=$(($(now_us) / 1000))
auditd_start "$dir/audit" || fail "auditd did not start again"
wait_until 10 plugin_is_confined || fail "the plugin is not confined"
load after 200
httpd_runs ': after'
expect web-shell-spawn 'sh -c : after' httpd "$dir/bin/httpd"
wait_until 15 has before 200 || fail "not all execs from before were judged"
wait_until 15 has after 200 || fail "not all execs from afterwards were judged"
wait_until 15 was_told 1 || fail "it was told $(told auditd-down) times that auditd was down"
read -r from until <<<"$(span)"
((from >= stopping - 100 && from <= stopped && until >= starting && until <= starting + 3000)) ||
	fail "auditd was down from $stopping..$stopped until $starting, and told of is $from to $until"
# The kernel numbers events that nobody takes, unless it keeps them (audit=1).
meanwhile=$(jq -r .process.command_line "$dir/log/events.json" | grep -c "true meanwhile " || true)
if ((meanwhile < 100)); then
	wait_until 20 lost_meanwhile || fail "$meanwhile of 100 execs meanwhile were judged, and no loss was told"
	(($(lost) + meanwhile >= 100 && $(told serial-gap) == 1)) ||
		fail "$meanwhile of 100 execs meanwhile were judged, $(lost) events are told of as lost"
fi
figure "auditd was away for $((until - from)) ms; of 100 execs meanwhile $meanwhile were judged," \
	"$(lost) events were told of as lost"

# At once, and under load.
load under 400 &
loader=$!
sleep 0.2
auditd_stop
auditd_start "$dir/audit" || fail "auditd did not start again"
wait "$loader"
httpd_runs ': again'
expect web-shell-spawn 'sh -c : again' httpd "$dir/bin/httpd"
all_judged() {
	[[ -z $(comm -23 <(in_log) <(judged | uniq)) ]]
}
wait_until 30 all_judged || fail "$(comm -23 <(in_log) <(judged | uniq) | wc -l) execs of the log were not judged"
# A minute is the least between two such alerts: the second one comes then, or at the end.
figure "of 400 execs over a restart $(jq -r .process.command_line "$dir/log/events.json" | grep -c "^[^ ]*true under ")" \
	"were judged, $(judged | uniq -d | wc -l) of them twice"
[[ -z $(judged | uniq -d) ]] || fail "judged twice: $(judged | uniq -d | wc -l)"
wait_until 15 was_told 2 || fail "it was told $(told auditd-down) times that auditd was down"
figure "told: auditd-down $(told auditd-down), serial-gap $(told serial-gap), $(lost) events lost"
jq -c 'select(.rule.id != "auspawn-lost")' "$alerts" >"$alerts.other"
mv "$alerts.other" "$alerts"
finish
