#!/bin/bash
# A CGI script that is itself a shell script, under busybox's web server. The script is no alert: shells
# without -c are what such a server is for. What the script starts by "sh -c" is one.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs busybox curl
busybox --list | grep -x httpd >/dev/null || skip "this busybox has no web server"

write_cgi_shell "$dir/www"

start
audit_execs
port=$(free_port)
url=http://127.0.0.1:$port
daemon busybox "${as_web_user[@]}" "$(command -v busybox)" httpd -f -p "127.0.0.1:$port" -h "$dir/www"
await_server "busybox httpd" "$url/"

# The server forks for each request. Only while that process lives can it be looked up: what is asked for
# here takes its time.
for command in 'id; sleep 1' 'cat /etc/passwd; sleep 1'; do
	cgi_shell_runs "$command"
	expect web-shell-spawn "sh -c $command" "$(basename "$shell")" "$shell"
done

finish
expect_every '.auspawn.lineage | contains("busybox(")'
