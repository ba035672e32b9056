# shellcheck shell=bash
# A private auditd with one plugin. Sourced by the end-to-end tests and by scripts/try.
#
# All that auditd runs and writes is below a directory that the caller made. Two things are not: the
# kernel's audit switch with its rules, and /run/auditd.pid. Both are left as they were found:
# audit_take starts what audit_give_back ends, and the caller's EXIT trap must call the latter.

AUDITD_PID=

# now_us: the time of day in microseconds.
now_us() {
	echo "${EPOCHREALTIME/[.,]/}"
}

# nap: a millisecond. Reading a pipe that nobody writes to costs no process, as sleep would.
exec {NAP_FD}<> <(:)
nap() {
	read -rt 0.001 -u "$NAP_FD" || true
}

# wait_until SECONDS COMMAND...: run COMMAND over and over until it succeeds; fail when time is up.
wait_until() {
	local end=$(($(now_us) + $1 * 1000000))
	shift
	until "$@"; do
		(($(now_us) < end)) || return 1
		nap
	done
}

# is_gone PID: the process has ended, even if nobody has asked for its exit status yet.
is_gone() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ $stat == *") Z "* ]]
}

# end_process PID: ask politely, then not; only ever for a process that we started.
end_process() {
	kill -TERM "$1" 2>/dev/null || return 0
	wait_until 5 is_gone "$1" || kill -KILL "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# audit_status NAME: one number of the kernel's audit status.
audit_status() {
	auditctl -s | awk -v name="$1" '$1 == name { print $2 }'
}

# audit_obstacle: print why this machine can't run a private auditd; print nothing if it can.
audit_obstacle() {
	local out
	if ((EUID != 0)); then
		echo "only root can audit"
	elif ! command -v auditd >/dev/null || ! command -v auditctl >/dev/null; then
		echo "auditd is not installed"
	elif ! out=$(auditctl -s 2>&1) || [[ $out != *enabled* ]]; then
		echo "the kernel does not let us audit: ${out##*$'\n'}"
	elif [[ $(audit_status pid) != 0 ]]; then
		echo "an auditd is running already, pid $(audit_status pid)"
	elif [[ $(audit_status enabled) == 2 ]]; then
		echo "the audit rules are locked until the next boot"
	elif [[ $(auditctl -l) != "No rules" ]]; then
		echo "audit rules are loaded that are not ours"
	elif ! out=$(auditctl -e "$(audit_status enabled)" 2>&1) || [[ $out != *enabled* ]]; then
		echo "the kernel does not let us audit: ${out##*$'\n'}"
	fi
}

# audit_take: remember how the kernel's audit stands. Only after audit_obstacle had nothing to say.
audit_take() {
	AUDIT_ENABLED=$(audit_status enabled)
	AUDIT_BACKLOG=$(audit_status backlog_limit)
	auditctl -b 8192 >/dev/null
}

# audit_give_back: no auditd, no rules, the switch as it was. Never fails; does nothing if nothing was taken.
audit_give_back() {
	[[ -n ${AUDIT_ENABLED:-} ]] || return 0
	auditctl -D >/dev/null 2>&1 || true
	auditd_stop
	auditctl -e "$AUDIT_ENABLED" >/dev/null 2>&1 || true
	auditctl -b "$AUDIT_BACKLOG" >/dev/null 2>&1 || true
	AUDIT_ENABLED=
}

# audit_rule AUDITCTL-ARGUMENT...: load one rule. Keep it narrow: the whole machine is under audit.
audit_rule() {
	auditctl "$@" >/dev/null
}

# auditd_configure DIR PLUGIN CONFIG [LOG_FORMAT]: write what auditd reads, below DIR.
# AUDITD_LOG_MB and AUDITD_QUEUE, where set, are the size of its log and of its queue.
# The actions are IGNORE because the defaults would stop or suspend auditing on a full disk.
auditd_configure() {
	local dir=$1 plugin=$2 config=$3 log_format=${4:-ENRICHED}
	install -d -m 0750 "$dir" "$dir/plugins.d" "$dir/log"
	cat >"$dir/auditd.conf" <<-END
		local_events = yes
		write_logs = yes
		log_file = $dir/log/audit.log
		log_format = $log_format
		flush = INCREMENTAL_ASYNC
		freq = 50
		max_log_file = ${AUDITD_LOG_MB:-8}
		num_logs = 5
		max_log_file_action = ROTATE
		priority_boost = 4
		name_format = NONE
		space_left = 75
		space_left_action = IGNORE
		admin_space_left = 50
		admin_space_left_action = IGNORE
		disk_full_action = IGNORE
		disk_error_action = IGNORE
		distribute_network = no
		q_depth = ${AUDITD_QUEUE:-2000}
		overflow_action = SYSLOG
		max_restarts = 10
		plugin_dir = $dir/plugins.d
		end_of_event_timeout = 2
	END
	cat >"$dir/plugins.d/auspawn.conf" <<-END
		active = yes
		direction = out
		path = $plugin
		type = always
		args = -c $config
		format = string
	END
	chmod 0640 "$dir/auditd.conf" "$dir/plugins.d/auspawn.conf"
}

# plugin_pid: the plugin is auditd's only child. (It may have children of its own.)
plugin_pid() {
	pgrep -P "$AUDITD_PID"
}

# auditd_is_up: the kernel talks to our auditd, which has a plugin that is past its exec.
auditd_is_up() {
	local pid
	[[ $(audit_status pid) == "$AUDITD_PID" ]] && pid=$(plugin_pid) &&
		! [[ "/proc/$pid/exe" -ef "/proc/$AUDITD_PID/exe" ]]
}

# auditd_start DIR: run auditd on what auditd_configure wrote.
auditd_start() {
	setsid auditd -n -c "$1" </dev/null >"$1/auditd.out" 2>&1 &
	AUDITD_PID=$!
	wait_until 10 auditd_is_up
}

# auditd_stop: end auditd, and with it the plugin.
auditd_stop() {
	[[ -n $AUDITD_PID ]] || return 0
	end_process "$AUDITD_PID"
	AUDITD_PID=
}
