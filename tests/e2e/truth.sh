#!/bin/bash
# Who started whom, compared with what the processes themselves say (tests/truth): thousands of them, started
# in awkward ways, recorded with exec rules only, with fork rules, and with exit rules as well. With fork rules
# every parent must be right. Programs of 32 bits and a container by runc are among them where they can be had.
# Settings, from the environment:
#
#	TRUTH           the program of tests/truth (default: the one in this tree)
#	TRUTH_COUNT     how often each way is gone (default 25)
#	TRUTH_MODES     which rules, of "exec fork exit" (default: all)
#	TRUTH_RESULTS   a folder for tables; LAUREL, where it is installed, is compared then, too

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs python3 jq
TRUTH=$(readlink -m "${TRUTH:-$top/tests/truth/truth}")
[[ -x $TRUTH ]] || skip "no program at $TRUTH: make check builds it"
compare=$top/tests/truth/compare
uid=$(id -u "$WEB_USER")
gid=$(id -g "$WEB_USER")

more_settings="events = { enabled = true; path = \"$dir/log/events.json\"; };"
AUDITD_LOG_MB=500
AUDITD_QUEUE=20000

# auditd has two plugins where LAUREL is compared.
plugin_pid() {
	pgrep -P "$AUDITD_PID" -x auspawn
}

add_laurel() {
	install -d -m 0700 -o _laurel "$dir/laurel"
	cat >"$dir/laurel.toml" <<-END
		directory = "$dir/laurel"
		user = "_laurel"
		[auditlog]
		file = "audit.log"
		size = 500000000
		[transform]
		execve-argv = [ "array" ]
		[enrich]
		pid = true
		script = true
	END
	cat >"$dir/audit/plugins.d/laurel.conf" <<-END
		active = yes
		direction = out
		path = $(command -v laurel)
		type = always
		args = --config $dir/laurel.toml
		format = string
	END
	chmod 0640 "$dir/audit/plugins.d/laurel.conf"
}

# A pid namespace's first process is told by the call that makes the namespace.
audit_namespaces() {
	audit_rule -a always,exit -F arch=b64 -S unshare -F "a0&0x20000000" -F "uid=$WEB_USER" -F success=1 -k fork
}

audit_exits() {
	audit_rule -a always,exit -F arch=b64 -S exit_group -F "uid=$WEB_USER" -k exit
}

# Calls of 32 bits, which i386 programs make.
audit_i386() {
	audit_rule -a always,exit -F arch=b32 -S execve,execveat -F "uid=$WEB_USER" -k exec
	[[ $1 == exec ]] || audit_rule -a always,exit -F arch=b32 -S fork,vfork,clone,clone3 -F "uid=$WEB_USER" \
		-F success=1 -k fork
}

# A container by runc whose first process is the truth's, by the same account. What is not static brings its libraries.
make_container() {
	local library
	install -d "$dir/bundle/rootfs"/{dev,proc,sys,truth}
	install -m 0755 "$TRUTH" "$dir/bundle/rootfs/contained"
	{ ldd "$TRUTH" 2>/dev/null || true; } | { grep -o '/[^ ]*' || true; } | while read -r library; do
		install -D -m 0755 "$library" "$dir/bundle/rootfs$library"
	done
	(cd "$dir/bundle" && runc spec)
	jq --argjson uid "$uid" --argjson gid "$gid" --arg cgroup "/docker/$container" --arg folder "$dir/socket" \
		--arg count "${TRUTH_COUNT:-25}" '
		.process.args = ["/contained", "contained", "t:container/driver:0000000000000000", "/truth/socket", $count]
		| .process.terminal = false
		| .process.user = { uid: $uid, gid: $gid }
		| .process.rlimits = []
		| .mounts += [{ destination: "/truth", type: "bind", source: $folder, options: ["bind", "rw"] }]
		| .linux.cgroupsPath = $cgroup' "$dir/bundle/config.json" >"$dir/config.json"
	mv "$dir/config.json" "$dir/bundle/config.json"
}

# Where docker is at home, its cgroups are not empty or come back.
delete_container() {
	runc --root "$dir/runc" delete --force "$container" >/dev/null 2>&1 || true
	rmdir /sys/fs/cgroup/docker /sys/fs/cgroup/*/docker 2>/dev/null || true
}

# run_container: its recorder ends with its own stdin.
run_container() {
	local end
	install -d "$dir/socket"
	exec {end}> >(exec "$dir/bin/truth" record "$dir/socket/socket" "$dir/truth.ndjson" >"$dir/container.out" 2>&1)
	local recorder=$!
	wait_until 5 test -S "$dir/socket/socket" || fail "the container's recorder did not start"
	runc --root "$dir/runc" run --bundle "$dir/bundle" "$container" </dev/null >>"$dir/container.out" 2>&1 ||
		fail "the container: $(cat "$dir/container.out")"
	exec {end}>&-
	wait "$recorder" || true
	delete_container
}

# all_told: auditd has written nothing for half a second, and each exec that it wrote is among the plugin's events;
# what auditd dropped on the way is read back some seconds later.
all_told() {
	local before
	before=$(stat -c %s "$dir/audit/log/audit.log")
	sleep 0.5
	[[ $before == "$(stat -c %s "$dir/audit/log/audit.log")" ]] &&
		(($(wc -l <"$dir/log/events.json") >= $(grep -ac 'type=EXECVE .* argc=' "$dir/audit/log/audit.log")))
}

# run_truth MODE
run_truth() {
	rm -rf "$dir/audit" "$dir/log/events.json" "$dir/truth.ndjson" "$dir/scratch" "$dir/laurel"
	touch "$dir/log/events.json"
	install -d -o "$WEB_USER" "$dir/scratch"
	auditd_configure "$dir/audit" "$dir/bin/auspawn" "$dir/auspawn.conf" "$log_format"
	[[ -z $laurel ]] || add_laurel
	auditd_start "$dir/audit" || fail "auditd and the plugin did not start"
	auditctl -e 1 >/dev/null
	audit_execs
	if [[ $1 != exec ]]; then
		audit_forks
		audit_namespaces
	fi
	[[ $1 != exit ]] || audit_exits
	[[ -z ${TRUTH_I386:-} ]] || audit_i386 "$1"
	"$dir/bin/truth" record "$dir/truth.socket" "$dir/truth.ndjson" "$uid" "$gid" "$dir/scratch" \
		"${TRUTH_COUNT:-25}" || fail "the processes were not all started"
	[[ -z $container ]] || run_container
	wait_until 60 all_told || fail "the plugin has not told of every exec"
	auditctl -D >/dev/null
	auditd_stop
}

# compare_all MODE: with fork rules nothing may be wrong. In a container an exec can be told of before the fork, and if
# nothing was heard of the creator, and it has gone, only its pid is known.
compare_all() {
	local demand=() arguments
	[[ $1 == exec ]] || demand=(--demand --container "$container" --show 5)
	[[ -z $container ]] || demand+=(--unknown 2)
	arguments=(--records "$dir/audit/log/audit.log" "$dir/truth.ndjson")
	"$dir/bin/auspawn" replay -r "$dir/rules.d" --events --format=json "$dir/audit/log/audit.log" >"$dir/replayed.json"
	if [[ -n ${TRUTH_RESULTS:-} ]]; then
		install -d "$TRUTH_RESULTS"
		"$compare" "${arguments[@]}" "$dir/log/events.json" >"$TRUTH_RESULTS/$1-auspawn.txt" || true
		"$compare" "${arguments[@]}" "$dir/replayed.json" >"$TRUTH_RESULTS/$1-replay.txt" || true
		"$compare" --programs "${arguments[@]}" "$dir/log/events.json" \
			>"$TRUTH_RESULTS/$1-auspawn-programs.txt" || true
		[[ -z $laurel ]] || "$compare" --laurel "${arguments[@]}" "$dir/laurel/audit.log" \
			>"$TRUTH_RESULTS/$1-laurel.txt" || true
		tail -qn 1 "$TRUTH_RESULTS/$1"-*.txt | sed "s/^/figure: $1 rules: /"
	fi
	if [[ -n ${KEEP:-} ]]; then
		install -d "$dir/kept/$1"
		cp "$dir/truth.ndjson" "$dir/audit/log/audit.log" "$dir/log/events.json" "$dir/kept/$1"
		[[ -z $laurel ]] || cp "$dir/laurel/audit.log" "$dir/kept/$1/laurel.log"
	fi
	"$compare" --line "${demand[@]}" "${arguments[@]}" "$dir/log/events.json" >"$dir/compared" 2>&1 ||
		failed="$failed $1"
	# What it shows in full stands before the figures.
	head -n -1 "$dir/compared"
	figure "$1 rules, live: $(tail -n 1 "$dir/compared")"
	figure "$1 rules, replayed: $("$compare" --line "${arguments[@]}" "$dir/replayed.json" 2>&1)" || true
}

laurel=
[[ -z ${TRUTH_RESULTS:-} ]] || laurel=$(command -v laurel || true)
failed=
install -m 0755 "$TRUTH" "$dir/bin/truth"
install -m 0755 "$TRUTH" "$dir/bin/truth-b"
configure_auspawn "$dir/state"
start_rsyslogd
unset TRUTH_I386
if "${CC:-gcc}" -m32 -nostdlib -static -o "$dir/bin/truth-i386" "$top/tests/truth/i386.S" 2>/dev/null &&
	"$dir/bin/truth-i386" "" /bin/true; then
	export TRUTH_I386=$dir/bin/truth-i386
else
	figure "no i386 programs: they can't be made or run here"
fi
container=
if command -v runc >/dev/null; then
	container=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
	at_exit+=(delete_container)
	make_container
else
	[[ -z ${CI:-} ]] || fail "runc is missing"
	figure "no container: runc is missing"
fi
for mode in ${TRUTH_MODES:-exec fork exit}; do
	run_truth "$mode"
	compare_all "$mode"
done
[[ -z $failed ]] || fail "not all as it was with the rules for:$failed"
