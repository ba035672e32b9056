#!/bin/bash
# A Perl CGI script under Apache that hands what it is sent to a shell. The shell's parent is not the
# server but the script.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs apache2 perl curl
[[ -e /usr/lib/apache2/modules/mod_cgi.so ]] || skip "mod_cgi is not installed"

write_script() {
	install -d "$dir/www/cgi-bin"
	cat >"$dir/www/cgi-bin/shell.pl" <<-'END'
		#!/usr/bin/perl
		# Perl leaves out the shell where a command has nothing for it to do.
		$| = 1;
		print "Content-Type: text/plain\n\n";
		my $command = join '', <STDIN>;
		$ENV{QUERY_STRING} eq 'qx' ? print qx($command) : system $command;
	END
	chmod 0755 "$dir/www/cgi-bin/shell.pl"
}

runs() {
	curl -sS -f --max-time 20 -o "$dir/answer" --data-binary "$1" "$url/cgi-bin/shell.pl?$2" ||
		fail "the script did not answer"
}

start
audit_execs
write_script
start_apache "
LoadModule cgi_module /usr/lib/apache2/modules/mod_cgi.so
ScriptAlias /cgi-bin/ $dir/www/cgi-bin/"

perl=$(readlink -f /usr/bin/perl)
runs 'id; uname -a' system
expect web-shell-spawn 'sh -c id; uname -a' "$(basename "$perl")" "$perl"
runs 'id >&2' qx
expect web-shell-spawn 'sh -c id >&2' "$(basename "$perl")" "$perl"
# Nothing here for a shell to do: Perl starts the program itself, and nobody reports it.
runs 'uname -a' system
runs 'echo "the end" | cat' system
expect web-shell-spawn 'sh -c echo "the end" | cat' "$(basename "$perl")" "$perl"

finish
expect_every '.auspawn.lineage | contains("apache2(")'
