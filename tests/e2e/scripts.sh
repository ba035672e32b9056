#!/bin/bash
# Which script a program was started for: directly, through env and other programs in between, nested, chosen
# by the script itself, by a relative path, by a descriptor; and what has no name but that it lies in memory.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs /usr/bin/python3 nice setsid
more_settings="events = { enabled = true; path = \"$dir/log/events.json\"; };"
events=$dir/log/events.json

# write_script NAME FIRST_LINE [REST]
write_script() {
	printf '%s\n' "$2" "${3:-:}" >"$dir/scripts/$1"
	chmod 0755 "$dir/scripts/$1"
}

install -d "$dir/scripts"
scripts=$dir/scripts
write_script plain.sh '#!/bin/sh'
write_script by-env.sh '#!/usr/bin/env sh'
write_script chain.sh '#!/usr/bin/env -S nice -n 1 setsid --wait sh -e'
write_script nested.sh "#!$scripts/plain.sh option"
write_script sh '#!/bin/sh'
write_script chooser '#!/bin/sh' "exec /usr/bin/python3 -c 'pass' \"\$0\""
write_script chosen '#!/bin/sh' "''':' 2>/dev/null; exec /usr/bin/python3 \"\$0\" \"\$@\"
'''"
# shellcheck disable=SC2016 # expands in that script
write_script other.sh '#!/bin/sh' 'exec cat "$0"'

# seen: arguments and script of each exec, in order; D is the scripts' folder.
seen() {
	jq -r --arg dir "$scripts" '"\(.process.command_line) -> \(.auspawn.script // "none")"
		| gsub($dir; "D") | gsub("/usr/bin/|/bin/"; "") | gsub("/dev/fd/[0-9]+"; "/dev/fd/N")' "$events"
}

run() {
	(cd "$scripts" && "${as_web_user[@]}" "$@" </dev/null >/dev/null 2>&1) || true
}

rm "$dir"/rules.d/*.conf
touch "$events"
start
audit_execs
run ./plain.sh x
run "$scripts/by-env.sh" x
run ./chain.sh x
run ./nested.sh x
run ./sh x
run ./chooser
run ./chosen
run ./other.sh
run sh ./plain.sh by-hand
run /usr/bin/python3 -c 'import os; fd = os.open("plain.sh", os.O_RDONLY); os.set_inheritable(fd, True); os.execve(fd, ["plain.sh"], {})'
run /usr/bin/python3 -c 'import os; fd = os.memfd_create("hidden", 0); os.write(fd, open("/proc/self/exe", "rb").read()); os.execve(fd, ["[kworker/0:1]", "-c", "pass"], {"PYTHONHOME": "/usr"})'

cat >"$dir/wanted" <<-'END'
	sh ./plain.sh x -> D/plain.sh
	env sh D/by-env.sh x -> D/by-env.sh
	sh D/by-env.sh x -> D/by-env.sh
	env -S nice -n 1 setsid --wait sh -e ./chain.sh x -> D/chain.sh
	nice -n 1 setsid --wait sh -e ./chain.sh x -> D/chain.sh
	setsid --wait sh -e ./chain.sh x -> D/chain.sh
	sh -e ./chain.sh x -> D/chain.sh
	sh D/plain.sh option ./nested.sh x -> D/nested.sh
	sh ./sh x -> D/sh
	sh ./chooser -> D/chooser
	python3 -c pass ./chooser -> none
	sh ./chosen -> D/chosen
	python3 ./chosen -> D/chosen
	sh ./other.sh -> D/other.sh
	cat ./other.sh -> none
	sh ./plain.sh by-hand -> none
	sh /dev/fd/N -> /dev/fd/N
	[kworker/0:1] -c pass -> none
END

# The account's own first exec is of the command; python3's calls are no scripts.
relevant() {
	seen | grep -v '^python3 -c import os'
}

compare() {
	diff -u --label wanted --label seen "$dir/wanted" <(relevant) >"$dir/difference"
}

wait_until 15 compare || {
	cat "$dir/difference"
	fail "the scripts differ"
}
jq -es 'any(.[]; .process.name == "memfd:hidden" and (.process.executable | startswith("/memfd:hidden")))' \
	"$events" >/dev/null || fail "a program in memory has another name: $(jq -c .process "$events" | tail -n 1)"
figure "$(wc -l <"$dir/wanted") execs, each with its script or none"
finish
