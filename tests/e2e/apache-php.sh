#!/bin/bash
# Apache (prefork, mod_php) with a PHP web shell. Only execs are audited: Apache's workers are forked and
# never exec'd, so what the plugin says about the parent comes from /proc.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs apache2 curl
libphp=$(find /usr/lib/apache2/modules -name 'libphp*.so' 2>/dev/null | head -n 1)
[[ -n $libphp ]] || skip "mod_php is not installed"

start
audit_execs
write_php_shell
start_apache "
LoadModule php_module $libphp
<FilesMatch \.php\$>
	SetHandler application/x-httpd-php
</FilesMatch>"

apache=$(readlink -f "$(command -v apache2)")
drive_php_shell apache2 "$apache"

finish
expect_every '.auspawn.lineage | contains("apache2(")'
expect_every '.process.working_directory | endswith("/www")'
