/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin itself, started as auditd starts it, also under what auditd's unit imposes
 * (auditd.service of Debian and RHEL), and what it then holds. */
#include "audit_process_support.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE		 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

#define NOBODY	 "nobody"
#define LIMIT_MS 10000

static const char line[] =
	"type=SYSCALL msg=audit(1795320848.176:23207): arch=c000003e syscall=59 success=yes exit=0 "
	"a0=1 a1=2 "
	"a2=3 a3=4 items=2 ppid=1 pid=999999 auid=4294967295 uid=33 gid=33 euid=33 suid=33 "
	"fsuid=33 egid=33 "
	"sgid=33 fsgid=33 tty=(none) ses=4294967295 comm=\"sh\" exe=\"/usr/bin/dash\" "
	"key=\"exec\"\n"
	"type=EXECVE msg=audit(1795320848.176:23207): argc=3 a0=\"sh\" a1=\"-c\" a2=\"id\"\n"
	"type=CWD msg=audit(1795320848.176:23207): cwd=\"/var/www/html\"\n"
	"type=EOE msg=audit(1795320848.176:23207): \n";

struct plugin {
	char folder[64];
	pid_t pid;
	int input;
};

/* --- what auditd's unit imposes --- */

static void refuse(scmp_filter_ctx filter, int call, struct scmp_arg_cmp argument)
{
	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 1, argument))
		_exit(100);
}

/* MemoryDenyWriteExecute, LockPersonality, RestrictRealtime and ProtectKernelModules, as systemd
 * has them. */
static void impose_unit(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	const scmp_datum_t both = PROT_WRITE | PROT_EXEC;

	seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	refuse(filter, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, both, both));
	refuse(filter, SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
	refuse(filter, SCMP_SYS(pkey_mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
	refuse(filter, SCMP_SYS(shmat), SCMP_A2(SCMP_CMP_MASKED_EQ, 0100000, 0100000));
	refuse(filter, SCMP_SYS(personality), SCMP_A0(SCMP_CMP_NE, 0));
	refuse(filter, SCMP_SYS(sched_setscheduler), SCMP_A1(SCMP_CMP_GT, SCHED_OTHER));
	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(init_module), 0) ||
	    seccomp_load(filter))
		_exit(101);
	seccomp_release(filter);
	/* What newer releases of systemd use; an older kernel has not got it. */
	prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
}

/* CapabilityBoundingSet without CAP_SETPCAP (8), by a drop-in of an administrator's. */
static void impose_no_setpcap(void)
{
	if (prctl(PR_CAPBSET_DROP, 8, 0, 0, 0))
		_exit(102);
}

/* auditd blocks signals, protects itself from the out-of-memory killer and has its own files open.
 */
static void impose_auditd(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGHUP, SIG_IGN);
	if (fd < 0 || write(fd, "500", 3) != 3 || dup2(fd, 77) != 77)
		_exit(103);
	close(fd);
	umask(0);
	if (nice(-4) == -1 && errno)
		_exit(104);
}

static void impose_nothing(void)
{
}

/* --- the plugin --- */

static void write_file(const struct plugin *plugin, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", plugin->folder, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void configure(struct plugin *plugin, const char *settings)
{
	char text[1024], path[128];

	snprintf(plugin->folder, sizeof(plugin->folder), "/tmp/auspawn-plugin-XXXXXX");
	assert_non_null(mkdtemp(plugin->folder));
	/* As /etc/auspawn is, where only root may look. */
	assert_int_equal(chmod(plugin->folder, 0700), 0);
	snprintf(path, sizeof(path), "%s/rules.d", plugin->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/local.d", plugin->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file(plugin, "rules.d/10-shell.conf",
		   "rules = ( { id = \"shell\"; name = \"A shell\"; severity = \"low\"; risk_score "
		   "= 1;"
		   " condition = \"process.args == '-c'\"; } );\n");
	snprintf(text, sizeof(text),
		 "rules_dir = \"rules.d\"; local_dir = \"local.d\"; state_dir = \"state\";\n"
		 "syslog = { enabled = false; socket = \"%s/no-socket\"; };\n"
		 "file = { enabled = true; path = \"log/alerts.json\"; };\n%s\n",
		 plugin->folder, settings);
	write_file(plugin, "auspawn.conf", text);
}

static void start(struct plugin *plugin, const char *settings, void (*impose)(void))
{
	const char *program = getenv("AUSPAWN");
	char config[128], errors[128];
	int ends[2];

	configure(plugin, settings);
	snprintf(config, sizeof(config), "%s/auspawn.conf", plugin->folder);
	snprintf(errors, sizeof(errors), "%s/errors", plugin->folder);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	plugin->pid = fork();
	assert_true(plugin->pid >= 0);
	if (!plugin->pid) {
		int fd = open(errors, O_WRONLY | O_CREAT, 0600);

		dup2(ends[0], STDIN_FILENO);
		dup2(fd, STDERR_FILENO);
		/* To look for leaks takes a process, and to trace it. */
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
		impose();
		execl(program, "auspawn", "-c", config, NULL);
		_exit(105);
	}
	close(ends[0]);
	plugin->input = ends[1];
}

static const char *read_text(const char *path, char text[8192])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, 8191);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static const char *read_own(const struct plugin *plugin, const char *name, char text[8192])
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", plugin->folder, name);
	return read_text(path, text);
}

static void await_text(const struct plugin *plugin, const char *name, const char *wanted)
{
	const struct timespec pause = { 0, 2000000 };
	char text[8192];

	for (int i = 0; i < LIMIT_MS / 2; i++) {
		if (strstr(read_own(plugin, name, text), wanted))
			return;
		nanosleep(&pause, NULL);
	}
	fail_msg("no '%s' in %s; stderr: %s", wanted, name, read_own(plugin, "errors", text));
}

/* Sends an exec, and waits for the alert. */
static void make_alert(const struct plugin *plugin)
{
	assert_int_equal(write(plugin->input, line, sizeof(line) - 1), sizeof(line) - 1);
	await_text(plugin, "log/alerts.json", "\"rule\":{\"id\":\"shell\"");
}

static void end(struct plugin *plugin)
{
	int status;

	close(plugin->input);
	assert_int_equal(waitpid(plugin->pid, &status, 0), plugin->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(nftw(plugin->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* Does /proc/PID/status say so? */
static void assert_status(const struct plugin *plugin, const char *wanted)
{
	char path[64], text[8192];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)plugin->pid);
	if (!strstr(read_text(path, text), wanted))
		fail_msg("not '%s': %s", wanted, text);
}

static void assert_confined(const struct plugin *plugin)
{
	assert_status(plugin, "\nUid:\t65534\t65534\t65534\t65534\n");
	assert_status(plugin, "\nCapInh:\t0000000000000000\nCapPrm:\t0000000000080004\n"
			      "CapEff:\t0000000000080004\n");
	assert_status(plugin, "\nNoNewPrivs:\t1\n");
	assert_status(plugin, "\nSeccomp:\t2\n");
}

static void skip_unless_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("SKIP: only root has privileges to drop\n");
	skip();
}

/* --- tests --- */

static void test_it_works_confined(void **state)
{
	static void (*const imposed[])(void) = { impose_nothing, impose_unit, impose_auditd,
						 impose_no_setpcap };

	(void)state;
	skip_unless_root();
	for (size_t i = 0; i < ARRAY_SIZE(imposed); i++) {
		struct plugin plugin;

		start(&plugin, "user = \"" NOBODY "\";", imposed[i]);
		make_alert(&plugin);
		assert_confined(&plugin);
		if (imposed[i] != impose_no_setpcap)
			assert_status(&plugin, "\nCapBnd:\t0000000000000000\n");
		end(&plugin);
	}
}

static void test_it_reloads_confined(void **state)
{
	struct plugin plugin;

	(void)state;
	skip_unless_root();
	start(&plugin, "user = \"" NOBODY "\";", impose_unit);
	make_alert(&plugin);
	write_file(&plugin, "rules.d/20-more.conf",
		   "rules = ( { id = \"more\"; name = \"More\"; severity = \"low\"; risk_score = 1;"
		   " condition = \"process.pid == 1\"; } );\n");
	assert_int_equal(kill(plugin.pid, SIGHUP), 0);
	await_text(&plugin, "errors", "reloaded: 2 rules in 2 files");
	assert_confined(&plugin);
	end(&plugin);
}

static void test_what_auditd_hands_down_is_undone(void **state)
{
	char path[64], text[8192];
	const char *ignored;
	struct plugin plugin;

	(void)state;
	skip_unless_root();
	start(&plugin, "user = \"" NOBODY "\";", impose_auditd);
	make_alert(&plugin);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)plugin.pid);
	assert_text(read_text(path, text), "0\n");
	snprintf(path, sizeof(path), "/proc/%d/fd/77", (int)plugin.pid);
	assert_int_not_equal(access(path, F_OK), 0);
	/* SIGHUP, SIGINT and SIGTERM are read from a descriptor; SIGPIPE, SIGCHLD and SIGXFSZ are
	 * ignored. Two signals are the C library's own. */
	assert_status(&plugin, "\nSigBlk:\t0000000000004203\n");
	snprintf(path, sizeof(path), "/proc/%d/status", (int)plugin.pid);
	ignored = strstr(read_text(path, text), "\nSigIgn:");
	assert_non_null(ignored);
	assert_int_equal(strtoull(ignored + strlen("\nSigIgn:"), NULL, 16) & ~0x180000000ULL,
			 0x1011000);
	assert_status(&plugin, "\nUmask:\t0027\n");
	snprintf(path, sizeof(path), "/proc/%d/limits", (int)plugin.pid);
	assert_non_null(
		strstr(read_text(path, text), "Max core file size        0                    0"));
	end(&plugin);
}

static void test_without_the_account_it_is_root_without_might(void **state)
{
	struct plugin plugin;

	(void)state;
	skip_unless_root();
	start(&plugin, "user = \"no-such-account\";", impose_nothing);
	make_alert(&plugin);
	await_text(&plugin, "errors", "useradd --system");
	assert_status(&plugin, "\nUid:\t0\t0\t0\t0\n");
	assert_status(&plugin, "\nCapPrm:\t0000000000080004\nCapEff:\t0000000000080004\n"
			       "CapBnd:\t0000000000000000\n");
	assert_status(&plugin, "\nSeccomp:\t2\n");
	end(&plugin);
}

static void test_without_the_filter_it_says_so(void **state)
{
	struct plugin plugin;

	(void)state;
	skip_unless_root();
	start(&plugin, "user = \"" NOBODY "\"; sandbox = false;", impose_nothing);
	make_alert(&plugin);
	await_text(&plugin, "errors", "'sandbox' is off");
	assert_status(&plugin, "\nSeccomp:\t0\n");
	assert_status(&plugin, "\nCapEff:\t0000000000080004\n");
	end(&plugin);
}

static void test_anybody_can_run_it(void **state)
{
	struct plugin plugin;

	(void)state;
	if (geteuid() == 0) {
		print_message("SKIP: root can't be just anybody\n");
		skip();
	}
	start(&plugin, "", impose_nothing);
	await_text(&plugin, "errors", "not started as root");
	end(&plugin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_works_confined),
		cmocka_unit_test(test_it_reloads_confined),
		cmocka_unit_test(test_what_auditd_hands_down_is_undone),
		cmocka_unit_test(test_without_the_account_it_is_root_without_might),
		cmocka_unit_test(test_without_the_filter_it_says_so),
		cmocka_unit_test(test_anybody_can_run_it),
	};

	if (!getenv("AUSPAWN")) {
		fprintf(stderr, "SKIP: AUSPAWN does not say which plugin to test\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
