#!/bin/bash
# Who is who in containers, by runc: the container's program, one that is brought into it later (runc exec),
# children that are gone at once, and a container with a user namespace. All have the container's id and the
# names that its own passwd and group files give; the same account outside has the host's.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs runc busybox
busybox=$(readlink -f "$(command -v busybox)")
web_uid=$(id -u "$WEB_USER")
web_gid=$(id -g "$WEB_USER")

more_settings="events = { enabled = true; path = \"$dir/log/events.json\"; };"
events=$dir/log/events.json

runc=(runc --root "$dir/runc")
plain=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
mapped=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')

# make_root FOLDER UID GID: a busybox that isn't static brings its libraries; the ids are those inside.
make_root() {
	local library
	install -d "$1"/{bin,dev,proc,sys,etc}
	cp "$busybox" "$1/bin/busybox"
	ln -s busybox "$1/bin/sh"
	{ ldd "$busybox" 2>/dev/null || true; } | { grep -o '/[^ ]*' || true; } | while read -r library; do
		install -D -m 0755 "$library" "$1$library"
	done
	printf 'root:x:0:0::/:/bin/sh\nshopkeeper:x:%s:%s::/:/bin/sh\n' "$2" "$3" >"$1/etc/passwd.real"
	printf 'root:x:0:\nshop:x:%s:\n' "$3" >"$1/etc/group"
	# As from the top of the container, which is no file out here.
	ln -s /etc/passwd.real "$1/etc/passwd"
}

# make_bundle ID UID GID JQ COMMAND...
make_bundle() {
	local id=$1 uid=$2 gid=$3 more=$4
	shift 4
	make_root "$dir/$id/rootfs" "$uid" "$gid"
	(cd "$dir/$id" && "${runc[@]}" spec)
	jq --argjson uid "$uid" --argjson gid "$gid" --arg cgroup "/docker/$id" '
		.process.args = $ARGS.positional
		| .process.terminal = false
		| .process.user = { uid: $uid, gid: $gid }
		| .linux.cgroupsPath = $cgroup'" | $more" --args -- "$@" <"$dir/$id/config.json" >"$dir/config.json"
	mv "$dir/config.json" "$dir/$id/config.json"
}

delete_containers() {
	"${runc[@]}" delete --force "$plain" >/dev/null 2>&1 || true
	"${runc[@]}" delete --force "$mapped" >/dev/null 2>&1 || true
	rmdir /sys/fs/cgroup/docker /sys/fs/cgroup/*/docker 2>/dev/null || true
}

# seen COMMAND_LINE: of each exec with it, the container, the user and the group.
seen() {
	jq -r --arg line "$1" 'select(.process.command_line == $line)
		| "\(.container.id // "none") \(.user.name // "?")/\(.user.id) \(.group.name // "?")"' "$events"
}

has_seen() {
	(($(seen "$1" | wc -l) >= $2))
}

# expect_seen COMMAND_LINE COUNT WHAT: so many execs, each of that.
expect_seen() {
	wait_until 15 has_seen "$1" "$2" || fail "not every '$1' was seen"
	[[ $(seen "$1" | sort | uniq -c | sed 's/^ *//') == "$2 $3" ]] ||
		fail "'$1' is not '$3': $(seen "$1" | sort | uniq -c)"
}

# What a container does: children that are gone at once, one that stays, and nothing more.
# shellcheck disable=SC2016 # expands in that shell
life='i=0; while [ $i -lt 20 ]; do sh -c "sh -c :; :"; i=$((i + 1)); done; /bin/busybox sleep 300; :'

# Every exec is told of, and no alert.
rm "$dir"/rules.d/*.conf
touch "$events"
start
audit_execs
audit_forks
at_exit+=(delete_containers)
make_bundle "$plain" "$web_uid" "$web_gid" . /bin/sh -c "$life"
daemon runc "${runc[@]}" run --bundle "$dir/$plain" "$plain"
inside="$plain shopkeeper/$web_uid shop"
expect_seen "/bin/sh -c $life" 1 "$inside"
expect_seen 'sh -c sh -c :; :' 20 "$inside"
expect_seen 'sh -c :' 20 "$inside"
expect_seen '/bin/busybox sleep 300' 1 "$inside"

enter() {
	"${runc[@]}" exec --user "$web_uid:$web_gid" "$plain" /bin/sh -c "$1"
}

# Long enough to be looked at, unlike its child.
enter 'sh -c ": later"; /bin/busybox sleep 1; :'
expect_seen '/bin/sh -c sh -c ": later"; /bin/busybox sleep 1; :' 1 "$inside"
expect_seen 'sh -c : later' 1 "$inside"

# Gone at once, and so is runc: its own container or none, never another.
for i in 1 2 3 4 5; do
	enter ': quick'
done
wait_until 15 has_seen '/bin/sh -c : quick' 5 || fail "not every ': quick' was seen"
quick=$(seen '/bin/sh -c : quick' | cut -d ' ' -f 1)
! grep -qvx -e "$plain" -e none <<<"$quick" || fail "another container: $quick"
figure "the container was known of $(grep -cx "$plain" <<<"$quick") of 5 that were brought in and gone at once"

"${as_web_user[@]}" sh -c 'sh -c ": outside"; :'
outside="none $WEB_USER/$web_uid $(id -gn "$WEB_USER")"
expect_seen 'sh -c : outside' 1 "$outside"
# Brought into the container's namespaces, but not into its groups: of the host, whoever looks.
target=$(jq -r .init_process_pid "$dir/runc/$plain/state.json")
if nsenter --target "$target" --mount --pid --setuid "$web_uid" --setgid "$web_gid" /bin/sh -c ': entered'; then
	expect_seen '/bin/sh -c : entered' 1 "$outside"
fi

# The account is number 5 inside.
make_bundle "$mapped" 5 6 '.linux.namespaces += [{ type: "user" }]
	| .linux.uidMappings = [{ containerID: 0, hostID: 200000, size: 5 },
		{ containerID: 5, hostID: '"$web_uid"', size: 1 }]
	| .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 6 },
		{ containerID: 6, hostID: '"$web_gid"', size: 1 }]' /bin/sh -c 'sh -c ": mapped"; /bin/busybox sleep 300; :'
if "${runc[@]}" run --detach --bundle "$dir/$mapped" "$mapped" </dev/null >"$dir/log/mapped.log" 2>&1; then
	expect_seen 'sh -c : mapped' 1 "$mapped shopkeeper/$web_uid shop"
	figure 'in a user namespace the names are those of its own ids'
else
	figure "no container with a user namespace here: $(tail -n 1 "$dir/log/mapped.log")"
fi

finish
