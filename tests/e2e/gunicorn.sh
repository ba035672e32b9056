#!/bin/bash
# A gunicorn worker that runs commands: os.system, subprocess with a shell, and without one. The worker
# is a fork of a Python script: its executable is python3, only its short name says gunicorn.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs gunicorn python3 curl

write_app() {
	cat >"$dir/www/app.py" <<-'END'
		import os
		import subprocess
		from urllib.parse import parse_qs

		WAYS = {
		    "system": os.system,
		    "shell": lambda command: subprocess.run(command, shell=True),
		    "direct": lambda command: subprocess.run(command.split()),
		}

		def app(environ, start_response):
		    query = parse_qs(environ["QUERY_STRING"])
		    for command in query.get("command", []):
		        WAYS[query["by"][0]](command)
		    start_response("200 OK", [("Content-Type", "text/plain")])
		    return [b"done\n"]
	END
}

runs() {
	curl -sS -f --max-time 20 -o "$dir/answer" -G --data-urlencode "command=$1" -d "by=$2" "$url/" ||
		fail "the application did not answer"
}

start
audit_execs
write_app
port=$(free_port)
url=http://127.0.0.1:$port
daemon gunicorn "${as_web_user[@]}" env PYTHONDONTWRITEBYTECODE=1 "$(command -v gunicorn)" \
	-w 2 -b "127.0.0.1:$port" --chdir "$dir/www" app:app
await_server gunicorn "$url/"

python=$(readlink -f "/proc/${daemons[-1]}/exe")
runs 'id; :' system
expect web-shell-spawn 'sh -c id; :' "$(basename "$python")" "$python"
runs 'cat /etc/passwd' shell
expect web-shell-spawn '/bin/sh -c cat /etc/passwd' "$(basename "$python")" "$python"
# No shell, no alert: what runs here is a program of the application's own choice.
runs 'uname -a' direct
runs 'echo the end' system
expect web-shell-spawn 'sh -c echo the end' "$(basename "$python")" "$python"

finish
expect_every '.auspawn.lineage | contains("gunicorn(")'
