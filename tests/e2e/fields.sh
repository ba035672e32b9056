#!/bin/bash
# What only a live machine tells: environment variables, leaders of session and process group, the parent's
# parent, scripts; and rule files of the local folder, also one that others than root can write.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

more_settings='env_vars = [ "LD_BIND_NOW", "NOT_SET" ];'

# write_rule ID CONDITION: an id in the local folder, whose rules are judged as the shipped ones are.
write_rule() {
	cat >"$dir/local.d/$1.conf" <<-END
		rules = ( { id = "$1"; condition = "process.name == 'sleep' and $2"; } );
	END
}

write_rule env "process.env_vars == 'LD_BIND_NOW=yes'"
write_rule env-other "process.env_vars : ('HOME=*', 'NOT_SET*')"
write_rule session-leader "process.session_leader.name == 'httpd' and process.session_leader.pid > 1"
write_rule group-leader "process.group_leader.executable == '$dir/bin/httpd'"
write_rule grandparent "process.parent.parent.name == 'httpd' and process.parent.name == 'sh'"
write_rule ancestor "auspawn.ancestor.command_line like '*while read*'"
write_rule real "user.Ext.real.id == process.real_user.id and auditd.data.syscall == 'execve'"
write_rule refused "true"
chmod 0666 "$dir/local.d/refused.conf"
cat >"$dir/local.d/script.conf" <<-END
	rules = ( { id = "script"; condition = "auspawn.script == '$dir/bin/tool'"; } );
END
cat >"$dir/local.d/shipped.conf" <<-'END'
	extend = { shells = [ "tool" ]; };
	override = (
	    { id = "web-shell-spawn"; severity = "high";
	      except = ( { condition = "process.command_line == 'sh -c : quiet'"; reason = "A test."; } ); },
	    { id = "web-unusual-child"; enabled = false; }
	);
END

printf '#!/usr/bin/env sh\nexit 0\n' >"$dir/bin/tool"
chmod 0755 "$dir/bin/tool"

start
audit_execs
start_httpd
wait_until 10 grep -q 'local.d/refused.conf: .*others than root can write it' "$messages" ||
	fail "a rule file that everybody can write was not refused"

# Long enough for the plugin to look at it in /proc.
httpd_runs 'LD_BIND_NOW=yes sleep 1; :'
httpd_runs ': quiet'
httpd_runs "$dir/bin/tool; :"

sleep=$(readlink -f "$(command -v sleep)")
for rule in env session-leader group-leader grandparent ancestor real; do
	expect "$rule" 'sleep 1' "$(basename "$shell")" "$shell"
done
# The two execs of a script that env finds its interpreter for: env's own and the shell's.
expect script "/usr/bin/env sh $dir/bin/tool" "$(basename "$shell")" "$shell"
expect script "sh $dir/bin/tool" "$(basename "$shell")" "$shell"
expect web-shell-spawn 'sh -c LD_BIND_NOW=yes sleep 1; :' httpd "$dir/bin/httpd"
expect web-shell-spawn "sh -c $dir/bin/tool; :" httpd "$dir/bin/httpd"
finish
expect_every '.rule.id != "web-shell-spawn" or .event.severity == 73'
[[ $(jq -r 'select(.rule.id == "env") | .process.executable' "$alerts") == "$sleep" ]] ||
	fail "not the sleep that was run"
