#!/bin/bash
# A name service that thinks for long, or for ever, while records have numbers alone (log_format = RAW): no event waits for
# it, none is lost, and the name is there as soon as it is known. Only the plugin sees that service, in a mount namespace
# of its own.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs cc unshare mount
[[ -e /etc/nsswitch.conf ]] || skip "there is no /etc/nsswitch.conf"
log_format=RAW
more_settings="events = { enabled = true; path = \"$dir/log/events.json\"; };"
touch "$dir/log/events.json"

# An event may wait 100 ms for names; the rest is for a machine that is busy with other things.
most=300

first=100000 # the service thinks as many milliseconds as a uid is above that; with 999, for ever
slow=$((first + 700)) hanging=$((first + 999))

cc -fPIC -shared -Wl,-soname,libnss_slow.so.2 -o "$dir/bin/libnss_slow.so.2" "$top/tests/unit/nss_slow.c"
sed 's/^passwd:.*/passwd: files slow/' /etc/nsswitch.conf >"$dir/nsswitch.conf"
mkdir "$dir/real"
mv "$dir/bin/auspawn" "$dir/real/auspawn"
cat >"$dir/bin/auspawn" <<END
#!/bin/sh
export LD_LIBRARY_PATH="$dir/bin"
exec unshare --mount --propagation private sh -c \\
	'mount --bind "$dir/nsswitch.conf" /etc/nsswitch.conf && exec "$dir/real/auspawn" "\$@"' sh "\$@"
END
chmod 0755 "$dir/bin/auspawn"

# execs UID COUNT
execs() {
	setpriv --reuid="$1" --regid="$1" --clear-groups "$(command -v sh)" -c \
		"i=0; while [ \$i -lt $2 ]; do $(type -P true) $1 \$i; i=\$((i + 1)); done" >/dev/null 2>&1
}

# judged UID: how many of its execs.
judged() {
	jq -r '.process.command_line' "$dir/log/events.json" | grep -c "^[^ ]*true $1 " || true
}

has() {
	(($(judged "$1") == $2))
}

# names UID: the names that its events have.
names() {
	jq -r "select(.user.id == \"$1\") | .user.name // \"-\"" "$dir/log/events.json" | sort | uniq -c |
		awk '{ printf "%s %s ", $2, $1 }'
}

# status FIGURE
status() {
	"$dir/real/auspawn" -c "$dir/auspawn.conf" status --format=json 2>/dev/null | jq ".$1"
}

start
unshare --mount true 2>/dev/null || skip "there are no mount namespaces"
audit_execs
audit_rule -a always,exit -F arch=b64 -S execve,execveat -F "uid=$slow" -k exec
audit_rule -a always,exit -F arch=b64 -S execve,execveat -F "uid=$hanging" -k exec
start_httpd

execs "$hanging" 20
httpd_runs ': while it hangs'
expect web-shell-spawn 'sh -c : while it hangs' httpd "$dir/bin/httpd"
wait_until 5 has "$hanging" 20 || fail "$(judged "$hanging") of 20 execs were judged while the service hangs"
longest=$(status delay.ever)
((longest <= most)) || fail "an event waited $longest ms for a name service that hangs"
figure "while the service hangs the longest delay is $longest ms, half of them at most $(status delay.median) ms"

# The helper's worker is replaced after ten seconds; the plugin does not care.
# shellcheck disable=SC2016 # expands in eval
wait_until 30 eval 'execs "$slow" 3; sleep 0.5; [[ $(names "$slow") == *slow-$slow* ]]' ||
	fail "the name that takes 700 ms never came: $(names "$slow")"
execs "$slow" 200
httpd_runs ': while it thinks'
expect web-shell-spawn 'sh -c : while it thinks' httpd "$dir/bin/httpd"
# shellcheck disable=SC2016 # expands in eval
wait_until 5 eval '(($(judged "$slow") >= 200))' || fail "$(judged "$slow") of 200 execs were judged"
longest=$(status delay.ever)
((longest <= most)) || fail "an event waited $longest ms for a name service that thinks for 700"
figure "with one that thinks for 700 ms it is $longest ms; names: $(names "$slow")"
figure "of user $hanging: $(names "$hanging")"
finish
