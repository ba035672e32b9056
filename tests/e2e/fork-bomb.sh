#!/bin/bash
# A fork bomb of 50,000 processes with fork records, a few hundred at a time: none of them is lost, the plugin
# stays small, and what a web shell does right behind it is reported. The bounds are generous; the figures are
# what counts.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs perl prlimit
bombs=10
forks=5000 # of each
limit_kb=65536
# On a machine that does other work too, a burst waits for the plugin to have its turn.
AUDITD_QUEUE=50000

# memory FIELD: of the plugin, in kB.
memory() {
	sed -n "s/^$1:[^0-9]*\([0-9]*\) kB/\1/p" "/proc/$plugin/status"
}

# ended COUNT: the plugin has told of its end, and of at least so many forks.
ended() {
	local seen
	seen=$(sed -n 's/.* ended: .* \([0-9]*\) forks.*/\1/p' "$messages")
	[[ -n $seen ]] && ((seen >= $1))
}

start
audit_execs
audit_forks
start_httpd
plugin=$(plugin_pid)
before=$(memory VmRSS)
lost_before=$(audit_status lost)

began=$(now_us)
for ((i = 0; i < bombs; i++)); do
	# shellcheck disable=SC2016 # Perl's variables
	"${as_web_user[@]}" prlimit --nproc=400 perl -MPOSIX -e '
		my ($left, $running) = (shift, 0);
		while ($left) {
			my $pid = $running < 25 ? fork : undef;
			POSIX::_exit(0) if defined $pid && !$pid;
			$pid ? ($running++, $left--) : waitpid(-1, 0) > 0 ? $running-- : select(undef, undef, undef, 0.01);
		}' "$forks" &
	jobs[i]=$!
done
wait "${jobs[@]}"
took_ms=$((($(now_us) - began) / 1000))

began=$(now_us)
httpd_runs ':'
expect web-shell-spawn 'sh -c :' httpd "$dir/bin/httpd"
await_alerts 1 60 || fail "no alert behind the bomb"
delay_ms=$((($(now_us) - began) / 1000))
peak=$(memory VmHWM)
lost=$(($(audit_status lost) - lost_before))

finish
figure "$((bombs * forks)) forks in $took_ms ms; the kernel lost $lost records"
figure "the plugin took $before kB before and $peak kB at most; the next alert took $delay_ms ms"
wait_until 10 ended $((bombs * forks)) ||
	fail "not all of $((bombs * forks)) forks were seen; the kernel lost $lost: $(grep ' ended: ' "$messages")"
((peak < limit_kb)) || fail "the plugin took $peak kB"
