/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an intruder would try from within the plugin, and what the plugin itself must be able to do:
 * each in a process of its own that has dropped its privileges and has the filter. */
#include "audit_process_support.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "privilege/drop.h"
#include "privilege/filter.h"
#include "privilege/privilege.h"

#define NOBODY 65534
#define FAILED 255
#define KILLED (-SIGSYS)

static char own_folder[] = "/tmp/auspawn-confined-XXXXXX";

/* What comes of a call: 0 or its errno. */
static int outcome(long result)
{
	return result < 0 ? errno : 0;
}

static const struct account nobody = { NOBODY, NOBODY };

/* Returns what `attempt` returns in a confined process, or minus the signal that ended it. */
static int confined(int (*attempt)(void))
{
	const struct rlimit none = { 0, 0 };
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		setrlimit(RLIMIT_CORE, &none);
		if (drop_to(&nobody, DROP_KEEP_READING) || filter_install())
			_exit(FAILED);
		_exit(attempt());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* --- what must fail --- */

static int run_program(void)
{
	return outcome(execl("/bin/true", "true", NULL));
}

static int run_program_of_descriptor(void)
{
	int fd = open("/bin/true", O_RDONLY);

	return outcome(syscall(SYS_execveat, fd, "", NULL, NULL, AT_EMPTY_PATH));
}

static int fork_once(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return outcome(pid);
}

static int spawn(void)
{
	char name[] = "true";
	char *argv[] = { name, NULL };
	pid_t pid;

	return posix_spawn(&pid, "/bin/true", NULL, NULL, argv, NULL);
}

static int trace(void)
{
	return outcome(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int read_memory(void)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { own_folder, 1 };

	return outcome(process_vm_readv(getppid(), &here, 1, &there, 1, 0));
}

static int write_memory(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)getppid());
	return outcome(open(path, O_WRONLY));
}

static int become_root(void)
{
	return outcome(setuid(0));
}

static int mount_something(void)
{
	return outcome(syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, NULL));
}

static int new_namespace(void)
{
	return outcome(syscall(SYS_unshare, 0x10000000));
}

static int open_by_handle(void)
{
	return outcome(syscall(SYS_open_by_handle_at, AT_FDCWD, NULL, O_RDONLY));
}

static int load_program_into_kernel(void)
{
	return outcome(syscall(SYS_bpf, 0, NULL, 0));
}

static int load_module(void)
{
	return outcome(syscall(SYS_init_module, NULL, 0, ""));
}

static int start_ring(void)
{
	return outcome(syscall(SYS_io_uring_setup, 1, NULL));
}

static int socket_inet(void)
{
	return outcome(socket(AF_INET, SOCK_STREAM, 0));
}

static int socket_inet6(void)
{
	return outcome(socket(AF_INET6, SOCK_DGRAM, 0));
}

static int socket_netlink(void)
{
	return outcome(socket(AF_NETLINK, SOCK_RAW, 9));
}

static int socket_packet(void)
{
	return outcome(socket(AF_PACKET, SOCK_RAW, 0));
}

/* The upper half of the argument is nothing to the kernel. */
static int socket_inet_in_disguise(void)
{
	return outcome(syscall(SYS_socket, 0x100000000L | AF_INET, SOCK_STREAM, 0));
}

/* Code brought along is written first, then made to run. */
static int run_memory(void)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (code == MAP_FAILED)
		return FAILED;
	memset(code, 0xc3, 4096);
	return outcome(mprotect(code, 4096, PROT_READ | PROT_EXEC));
}

static int map_code(void)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return code == MAP_FAILED ? errno : 0;
}

static int write_system_file(void)
{
	return outcome(open("/etc/passwd", O_WRONLY));
}

static int make_system_file(void)
{
	return outcome(open("/etc/auspawn-test", O_WRONLY | O_CREAT, 0600));
}

static int make_file_in_root(void)
{
	return outcome(open("/auspawn-test", O_WRONLY | O_CREAT, 0600));
}

static int change_owner(void)
{
	return outcome(syscall(SYS_fchownat, AT_FDCWD, own_folder, 0, 0, 0));
}

static int signal_parent(void)
{
	return outcome(kill(getppid(), SIGKILL));
}

static int raise_limit(void)
{
	const struct rlimit limit = { 1, 1 };

	return outcome(setrlimit(RLIMIT_NOFILE, &limit));
}

static int allow_tracing(void)
{
	return outcome(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int file_in_memory(void)
{
	return outcome(syscall(SYS_memfd_create, "x", 0));
}

#ifdef __x86_64__
/* The numbers of calls are others in the 32-bit instruction set: 11 is execve, 20 getpid. */
static int call_as_32_bit(void)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(20L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result < 0 ? (int)-result : 0;
}

static int call_as_x32(void)
{
	return outcome(syscall(0x40000000L | SYS_getpid));
}
#endif

static const struct attempt {
	const char *what;
	int (*attempt)(void);
	int result;
} attempts[] = {
	{ "execve", run_program, KILLED },
	{ "execveat", run_program_of_descriptor, KILLED },
	{ "fork", fork_once, EPERM },
	{ "posix_spawn()", spawn, EPERM },
	{ "ptrace", trace, KILLED },
	{ "process_vm_readv", read_memory, KILLED },
	{ "/proc/PID/mem", write_memory, EACCES },
	{ "setuid", become_root, KILLED },
	{ "mount", mount_something, KILLED },
	{ "unshare", new_namespace, KILLED },
	{ "open_by_handle_at", open_by_handle, KILLED },
	{ "bpf", load_program_into_kernel, KILLED },
	{ "init_module", load_module, KILLED },
	{ "io_uring_setup", start_ring, KILLED },
	{ "AF_INET", socket_inet, EAFNOSUPPORT },
	{ "AF_INET6", socket_inet6, EAFNOSUPPORT },
	{ "AF_NETLINK", socket_netlink, EAFNOSUPPORT },
	{ "AF_PACKET", socket_packet, EAFNOSUPPORT },
	{ "AF_INET in disguise", socket_inet_in_disguise, EAFNOSUPPORT },
	{ "mprotect PROT_EXEC", run_memory, EPERM },
	{ "mmap PROT_EXEC", map_code, EPERM },
	{ "writing /etc/passwd", write_system_file, EACCES },
	{ "a file in /etc", make_system_file, EACCES },
	{ "a file in /", make_file_in_root, EACCES },
	{ "chown", change_owner, ENOSYS },
	{ "kill", signal_parent, ENOSYS },
	{ "setrlimit", raise_limit, ENOSYS },
	{ "PR_SET_DUMPABLE", allow_tracing, ENOSYS },
	{ "memfd_create", file_in_memory, ENOSYS },
#ifdef __x86_64__
	{ "int 0x80", call_as_32_bit, KILLED },
	{ "x32", call_as_x32, KILLED },
#endif
};

static void test_an_intruder_gets_nowhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++) {
		int result = confined(attempts[i].attempt);

		if (result != attempts[i].result)
			print_error("%s: %d, not %d\n", attempts[i].what, result,
				    attempts[i].result);
		assert_int_equal(result, attempts[i].result);
	}
}

/* --- what must go on working --- */

static void *answer(void *question)
{
	void *memory = malloc(1 << 20);

	free(memory);
	return question;
}

static int use_threads(void)
{
	int question[4];
	pthread_t thread[4];
	void *result;

	for (size_t i = 0; i < ARRAY_SIZE(thread); i++) {
		if (pthread_create(&thread[i], NULL, answer, &question[i]))
			return FAILED;
	}
	for (size_t i = 0; i < ARRAY_SIZE(thread); i++) {
		if (pthread_join(thread[i], &result) || result != &question[i])
			return FAILED;
	}
	return 0;
}

static int use_database(void)
{
	sqlite3 *database = NULL;
	char path[64];
	int code;

	snprintf(path, sizeof(path), "%s/state.db", own_folder);
	code = sqlite3_open(path, &database);
	if (code == SQLITE_OK)
		code = sqlite3_exec(
			database,
			"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			"CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1); COMMIT;"
			"PRAGMA wal_checkpoint; CREATE TEMP TABLE u AS SELECT * FROM t; VACUUM",
			NULL, NULL, NULL);
	sqlite3_close(database);
	return code;
}

static int use_files(void)
{
	char path[64], other[64];
	int fd;

	snprintf(path, sizeof(path), "%s/alerts", own_folder);
	snprintf(other, sizeof(other), "%s/alerts.1", own_folder);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	if (fd < 0 || write(fd, "x\n", 2) != 2 || fdatasync(fd) || close(fd) ||
	    rename(path, other) || unlink(other))
		return errno;
	return 0;
}

static int use_local_sockets(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int ends[2], listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", own_folder);
	if (listening < 0 || bind(listening, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(listening, 4) || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends))
		return errno;
	return send(ends[0], "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1 ? 0 : errno;
}

static int take_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_SETMASK, &set, NULL);
	return outcome(signalfd(-1, &set, SFD_CLOEXEC));
}

/* The parent is root's. */
static int read_about_root(void)
{
	static const char *const files[] = { "stat", "status", "environ", "cmdline", "cgroup" };
	static const char *const links[] = { "exe", "cwd", "root" };
	char path[64], text[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/%s", (int)getppid(), files[i]);
		fd = open(path, O_RDONLY);
		if (fd < 0 || read(fd, text, sizeof(text)) < 0)
			return errno;
		close(fd);
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)getppid(), links[i]);
		if (readlink(path, text, sizeof(text)) < 0)
			return errno;
	}
	return 0;
}

/* As auditd's logs are. */
static int read_private_file(void)
{
	return outcome(open("/etc/shadow", O_RDONLY));
}

static int give_up(void)
{
	abort();
}

static int describe_itself(void)
{
	struct privilege_facts facts;
	int result = 0;

	privilege_describe(&facts);
	if (strcmp(facts.capabilities, "dac_read_search, sys_ptrace") != 0)
		result = 1;
	else if (!facts.no_new_privileges || !facts.filtered)
		result = 2;
	else if (strcmp(facts.user, "nobody") != 0)
		result = 3;
	privilege_facts_clear(&facts);
	return result;
}

static const struct attempt uses[] = {
	{ "threads", use_threads, 0 },
	{ "a database", use_database, 0 },
	{ "files", use_files, 0 },
	{ "local sockets", use_local_sockets, 0 },
	{ "signalfd", take_signal, 0 },
	{ "/proc of root's processes", read_about_root, 0 },
	{ "a private file of root's", read_private_file, 0 },
	{ "abort()", give_up, -SIGABRT },
	{ "privilege_describe()", describe_itself, 0 },
};

static void test_the_plugin_can_work(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		int result = confined(uses[i].attempt);

		if (result != uses[i].result)
			print_error("%s: %d, not %d\n", uses[i].what, result, uses[i].result);
		assert_int_equal(result, uses[i].result);
	}
}

/* --- without an account, and the worker that needs nothing --- */

static int drop_in_child(const struct account *account, enum drop_keep keep, const char *path)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		_exit(drop_to(account, keep) ? FAILED : outcome(open(path, O_RDONLY)));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_root_without_capabilities_is_left(void **state)
{
	char path[64];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/private", own_folder);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fchown(fd, 1, 1), 0);
	close(fd);
	assert_int_equal(drop_in_child(NULL, DROP_KEEP_READING, path), 0);
	assert_int_equal(drop_in_child(NULL, DROP_KEEP_NONE, path), EACCES);
	assert_int_equal(drop_in_child(&nobody, DROP_KEEP_NONE, path), EACCES);
	assert_int_equal(unlink(path), 0);
}

static int make_folder(void **state)
{
	(void)state;
	return !mkdtemp(own_folder) || chown(own_folder, NOBODY, NOBODY);
}

static int remove_folder(void **state)
{
	(void)state;
	return nftw(own_folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_intruder_gets_nowhere),
		cmocka_unit_test(test_the_plugin_can_work),
		cmocka_unit_test(test_root_without_capabilities_is_left),
	};

	if (geteuid() != 0) {
		fprintf(stderr, "SKIP: only root has privileges to drop: whether the plugin is "
				"confined is untested\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
