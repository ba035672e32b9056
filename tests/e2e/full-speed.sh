#!/bin/bash
# As many execs a second as the machine makes, for a minute: none is lost, by the kernel's count, by the
# serials, and by our own; one web shell among them is reported. Shows how deep auditd's queue became.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

seconds=${FULL_SPEED_SECONDS:-60}
runners=$(nproc)

# run_execs: how many execs it made goes to standard output. By its path /bin/true is no builtin.
cat >"$dir/run-execs" <<END
n=0
while ((SECONDS < $seconds)); do
	/bin/true
	n=\$((n + 1))
done
echo \$n
END
run_execs() {
	"${as_web_user[@]}" bash "$dir/run-execs"
}

# total NAME: of the plugin's last message, "ended: 12 records, 3 execs, ...".
total() {
	grep -o 'ended: .*' "$messages" | tail -n 1 | grep -Eo "[0-9]+ $1" | head -n 1 | cut -d ' ' -f 1
}

start
audit_execs
start_httpd
lost=$(audit_status lost)
plugin=$(plugin_pid)

for ((i = 0; i < runners; i++)); do
	run_execs >"$dir/made.$i" &
	pids[i]=$!
done
sleep $((seconds / 2))
expect web-shell-spawn 'sh -c : amid the noise' httpd "$dir/bin/httpd"
httpd_runs ': amid the noise'
wait "${pids[@]}"
await_alerts 1 || fail "the web shell was not reported"

ticks=$(cut -d ' ' -f 14,15 "/proc/$plugin/stat" | tr ' ' +)
auditd_ticks=$(cut -d ' ' -f 14,15 "/proc/$AUDITD_PID/stat" | tr ' ' +)
memory=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$plugin/status")
kill -CONT "$AUDITD_PID"
queue=unknown
wait_until 5 grep -q 'max plugin queue depth' /var/run/auditd.state &&
	queue=$(awk -F '= ' '/max plugin queue depth/ { print $2 }' /var/run/auditd.state)
lost=$(($(audit_status lost) - lost))
finish

made=$(awk '{ n += $1 } END { print n + 0 }' "$dir"/made.*)
# The runners and the server are started, too.
least=$made
most=$((made + 4 * runners + 8))
execs=$(total execs)
figure "$made execs in $seconds s: $((made / seconds)) a second; auditd's queue was at most $queue deep"
figure "CPU: plugin $((ticks)), auditd $((auditd_ticks)) ticks of 10 ms; the plugin's memory at most $memory kB"
((lost == 0)) || fail "the kernel lost $lost records"
((execs >= least && execs <= most)) || fail "the plugin saw $execs execs, $made were made"
! grep -q auspawn-lost "$alerts" || fail "events were lost: $(grep auspawn-lost "$alerts" | head -n 1)"
