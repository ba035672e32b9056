#!/bin/bash
# A container, by runc, with a web server and a web shell in it; the same server and shell outside. Both
# are reported as web shells, only the one inside with the container's id. Forks are audited too: seen
# from the container's pid namespace, their records name pids that mean other processes out here.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs runc busybox curl
busybox --list | grep -x httpd >/dev/null || skip "this busybox has no web server"
busybox=$(readlink -f "$(command -v busybox)")

runc=(runc --root "$dir/runc")
id=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
inside_port=$(free_port)
outside_port=$(free_port)

# A busybox that isn't static brings its libraries.
make_root() {
	local library
	install -d "$dir/bundle/rootfs"/{bin,dev,proc,sys,www}
	cp "$busybox" "$dir/bundle/rootfs/bin/busybox"
	ln -s busybox "$dir/bundle/rootfs/bin/sh"
	{ ldd "$busybox" 2>/dev/null || true; } | { grep -o '/[^ ]*' || true; } | while read -r library; do
		install -D -m 0755 "$library" "$dir/bundle/rootfs$library"
	done
	write_cgi_shell "$dir/bundle/rootfs/www"
}

# The container has docker's cgroup, the web account's id, and the machine's loopback interface.
make_config() {
	(cd "$dir/bundle" && "${runc[@]}" spec)
	jq --arg address "127.0.0.1:$inside_port" --argjson uid "$(id -u "$WEB_USER")" --arg cgroup "/docker/$id" '
		.process.args = ["/bin/busybox", "httpd", "-f", "-p", $address, "-h", "/www"]
		| .process.terminal = false
		| .process.user = { uid: $uid, gid: $uid }
		| .linux.namespaces |= map(select(.type != "network"))
		| .linux.cgroupsPath = $cgroup' "$dir/bundle/config.json" >"$dir/config.json"
	mv "$dir/config.json" "$dir/bundle/config.json"
}

# Empty cgroups are all that runc leaves; where docker is at home, its own are not empty or come back.
delete_container() {
	"${runc[@]}" delete --force "$id" >/dev/null 2>&1 || true
	rmdir /sys/fs/cgroup/docker /sys/fs/cgroup/*/docker 2>/dev/null || true
}

start
audit_execs
audit_forks
make_root
make_config
at_exit+=(delete_container)
daemon runc "${runc[@]}" run --bundle "$dir/bundle" "$id"
await_server "the container's httpd" "http://127.0.0.1:$inside_port/"
daemon busybox "${as_web_user[@]}" "$busybox" httpd -f -p "127.0.0.1:$outside_port" -h "$dir/www"
write_cgi_shell "$dir/www"
await_server "busybox httpd" "http://127.0.0.1:$outside_port/"

inside=http://127.0.0.1:$inside_port
outside=http://127.0.0.1:$outside_port

# Shells that stay long enough to be looked at.
for command in 'id; sleep 1' 'cat /etc/passwd; sleep 1'; do
	cgi_shell_runs "$command" "$inside"
	expect web-shell-spawn "sh -c $command" busybox /bin/busybox "$id"
	expect web-shell-spawn-container "sh -c $command" busybox /bin/busybox "$id"

	cgi_shell_runs "$command" "$outside"
	expect web-shell-spawn "sh -c $command" "$(basename "$shell")" "$shell"
done

# Shells that are gone at once, and so is who started them: the right id or none, but never a wrong one.
quick_shells() {
	jq -r 'select(.rule.id == "web-shell-spawn" and .process.command_line == "sh -c :")
		| .container.id // "none"' "$alerts"
}

quick_shells_came() {
	(($(quick_shells | wc -l) == 5))
}

for _ in 1 2 3 4 5; do
	cgi_shell_runs : "$inside"
done
wait_until 15 quick_shells_came || fail "not every quick shell was reported"
with_id=0
while read -r seen; do
	if [[ $seen == none ]]; then
		expect web-shell-spawn 'sh -c :' busybox /bin/busybox
	else
		expect web-shell-spawn 'sh -c :' busybox /bin/busybox "$id"
		expect web-shell-spawn-container 'sh -c :' busybox /bin/busybox "$id"
		with_id=$((with_id + 1))
	fi
done < <(quick_shells)
figure "the container's id was known of $with_id of 5 shells that were gone at once"

# A busybox that is process 1 has no ear for SIGTERM.
"${runc[@]}" kill "$id" KILL

finish
expect_every '.process.command_line == "sh -c :" or (.auspawn.lineage | contains("busybox("))'
