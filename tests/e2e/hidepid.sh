#!/bin/bash
# Where /proc hides other users' processes (hidepid=2) the plugin, which is not root any more, sees them all the same:
# parents and names from before its start are there, under load too. That /proc is a mount of the plugin's alone.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs unshare mount
# Before Linux 5.8 all mounts of /proc share their options.
read -r major minor < <(uname -r | tr '.-' '  ' | cut -d ' ' -f 1,2)
((major > 5 || (major == 5 && minor >= 8))) || skip "options of /proc are the whole machine's here"
unshare --mount true 2>/dev/null || skip "there are no mount namespaces"

mkdir "$dir/real"
mv "$dir/bin/auspawn" "$dir/real/auspawn"
cat >"$dir/bin/auspawn" <<END
#!/bin/sh
exec unshare --mount --propagation private sh -c \\
	'mount -t proc -o hidepid=2 proc /proc && exec "$dir/real/auspawn" "\$@"' sh "\$@"
END
chmod 0755 "$dir/bin/auspawn"

more_settings="events = { enabled = true; path = \"$dir/log/events.json\"; };"
touch "$dir/log/events.json"
before=$(grep ' /proc proc ' /proc/mounts)
# Servers are there before the plugin: what it knows of them it has from /proc.
start_httpd
start
[[ $(grep ' /proc proc ' /proc/mounts) == "$before" ]] || fail "the machine's /proc was changed"
grep -q 'hidepid=\(2\|invisible\)' "/proc/$(plugin_pid)/mounts" || fail "the plugin's /proc hides nothing"
audit_execs

# A shell by another name, which is no web shell.
install -m 0755 "$shell" "$dir/bin/loader"
"${as_web_user[@]}" "$dir/bin/loader" -c \
	"i=0; while [ \$i -lt 500 ]; do $(type -P true) load \$i; i=\$((i + 1)); done" >/dev/null 2>&1 &
loader=$!
for i in 1 2 3 4 5 6; do
	httpd_runs ": hidden $i"
	expect web-shell-spawn "sh -c : hidden $i" httpd "$dir/bin/httpd"
	sleep 0.1
done
wait "$loader"
judged() {
	jq -r '.process.command_line' "$dir/log/events.json" | grep -c "^[^ ]*true load " || true
}
# shellcheck disable=SC2016 # expands in eval
wait_until 10 eval '(($(judged) == 500))' || fail "$(judged) of 500 execs were judged"
figure "$(judged) execs, of which $(jq -r 'select(.process.parent.executable).event.id' "$dir/log/events.json" | wc -l)" \
	"of all $(wc -l <"$dir/log/events.json") have a parent"
finish
