#!/bin/bash
# New terms, thresholds and folding, live, and what they remember when auditd is restarted and when the plugin
# is killed.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

condition="process.parent.name == 'sh' and process.executable like '$dir/bin/*'"
cat >"$dir/local.d/types.conf" <<-END
	override = ( { id = "web-shell-spawn"; enabled = false; } );
	rules = (
	    { id = "new"; type = "new_terms"; condition = "$condition"; learn = "0s";
	      by = [ "process.executable", "host.id" ]; },
	    { id = "many"; type = "threshold"; condition = "$condition and process.name != 'one'";
	      at_least = 3; window = "1h"; distinct = { field = "process.executable"; at_least = 2; }; },
	    { id = "folded"; condition = "$condition";
	      suppress = { by = [ "process.executable" ]; for = "1h"; }; }
	);
END
for name in one two three; do
	install -m 0755 "$(type -P true)" "$dir/bin/$name"
done

# runs NAME: have a shell of the server run that program; the next is run only when its event was judged.
count=0
runs() {
	httpd_runs "$dir/bin/$1; :"
	count=$((count + 1))
	wait_until 10 judged || fail "$1 was not judged"
}

# judged: the log of all events has as many runs as there were.
judged() {
	[[ $(grep -c "\"executable\":\"$dir/bin/\(one\|two\|three\)\"" "$dir/log/events.json") == "$count" ]]
}

# restart HOW: end auditd, and the plugin with it (stop) or before it (kill), and start them anew.
restart() {
	if [[ $1 == kill ]]; then
		# What changed is saved each second.
		sleep 2.5
		kill -KILL "$(plugin_pid)"
	fi
	auditd_stop
	auditd_start "$dir/audit" || fail "auditd and the plugin did not start again"
	auditctl -e 1 >/dev/null
}

shell_name=$(basename "$shell")
more_settings="events = { enabled = true; path = \"$dir/log/events.json\"; };"
touch "$dir/log/events.json"
start
audit_execs
start_httpd

# first NAME: run what is new to every rule.
first() {
	runs "$1"
	expect new "$dir/bin/$1" "$shell_name" "$shell"
	expect folded "$dir/bin/$1" "$shell_name" "$shell"
}

first one
runs one
restart kill
runs one
first two
runs two
restart stop
runs one
first three
expect many "$dir/bin/three" "$shell_name" "$shell"
finish
[[ $(jq -c 'select(.rule.id == "many") | .auspawn.threshold | [.count, .distinct]' "$alerts") == "[3,2]" ]] ||
	fail "the threshold counted otherwise"
