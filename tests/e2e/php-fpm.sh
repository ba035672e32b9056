#!/bin/bash
# nginx with php-fpm and a PHP web shell. Forks are audited too: PHP creates children by clone3 with
# CLONE_VFORK, whose record comes after the child's exec and must not change what is known of it.

. "$(dirname "$(readlink -f "$0")")/lib.sh"

needs nginx curl
php_fpm=$(compgen -c php-fpm | sort -V | tail -n 1) || skip "php-fpm is not installed"

start_fpm() {
	cat >"$dir/fpm.conf" <<-END
		[global]
		error_log = $dir/log/php-fpm-error.log
		[www]
		user = $WEB_USER
		group = $WEB_USER
		listen = $dir/fpm.socket
		listen.owner = $WEB_USER
		pm = static
		pm.max_children = 2
		request_terminate_timeout = 20s
	END
	daemon php-fpm "$php_fpm" -F -y "$dir/fpm.conf"
	wait_until 10 test -S "$dir/fpm.socket" || fail "php-fpm did not start"
}

start_nginx() {
	local port
	port=$(free_port)
	url=http://127.0.0.1:$port
	cat >"$dir/nginx.conf" <<-END
		user $WEB_USER;
		worker_processes 1;
		pid $dir/nginx.pid;
		error_log $dir/log/nginx-error.log;
		events { }
		http {
			access_log off;
			client_body_temp_path $dir/nginx-body;
			fastcgi_temp_path $dir/nginx-fastcgi;
			proxy_temp_path $dir/nginx-proxy;
			scgi_temp_path $dir/nginx-scgi;
			uwsgi_temp_path $dir/nginx-uwsgi;
			server {
				listen 127.0.0.1:$port;
				root $dir/www;
				location ~ \.php\$ {
					include /etc/nginx/fastcgi_params;
					fastcgi_param SCRIPT_FILENAME \$document_root\$fastcgi_script_name;
					fastcgi_pass unix:$dir/fpm.socket;
				}
			}
		}
	END
	daemon nginx nginx -c "$dir/nginx.conf" -g 'daemon off;'
	await_server nginx "$url/"
}

start
audit_execs
audit_forks
write_php_shell
start_fpm
start_nginx

fpm=$(readlink -f "$(command -v "$php_fpm")")
drive_php_shell "$(basename "$fpm")" "$fpm"

# The outer shell may be gone before the inner one starts: then only a fork record tells who created it.
php_shell_runs 'sh -c "sleep 0.1; :" >/dev/null 2>&1 &' exec
expect web-shell-spawn 'sh -c sh -c "sleep 0.1; :" >/dev/null 2>&1 &' "$(basename "$fpm")" "$fpm"
expect web-shell-spawn 'sh -c sleep 0.1; :' "$(basename "$shell")" "$shell"

finish
expect_every '.auspawn.lineage | contains("php-fpm")'
