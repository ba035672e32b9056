/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privilege/filter.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41 /* names of memory, by a newer malloc() */
#endif

/* Names that a platform or an older libseccomp does not know are passed over. */
/* clang-format off */
static const char *const allowed[] = {
	/* what is open */
	"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2",
	"pwritev2", "lseek", "_llseek", "close", "close_range", "dup", "dup2", "dup3", "fcntl",
	"fcntl64", "flock", "fsync", "fdatasync", "sync_file_range", "fadvise64", "fallocate",
	"ftruncate", "ftruncate64", "pipe", "pipe2",
	/* files */
	"open", "openat", "openat2", "creat", "stat", "lstat", "fstat", "newfstatat", "fstatat64", "statx",
	"statfs", "fstatfs", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
	"getdents", "getdents64", "getcwd", "mkdir", "mkdirat", "rmdir", "rename", "renameat",
	"renameat2", "unlink", "unlinkat", "chmod", "fchmod", "fchmodat", "fchown", "umask",
	"utimensat", "inotify_init1", "inotify_add_watch", "inotify_rm_watch",
	/* waiting */
	"poll", "ppoll", "select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait",
	"epoll_pwait", "epoll_pwait2", "eventfd2", "signalfd4", "timerfd_create", "timerfd_settime",
	"timerfd_gettime", "alarm", "setitimer", "nanosleep", "clock_nanosleep", "restart_syscall",
	/* local sockets; socket() itself is below */
	"bind", "connect", "listen", "accept", "accept4", "shutdown", "getsockname", "getpeername",
	"getsockopt", "setsockopt", "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg",
	"recvmmsg",
	/* memory; with code in it below */
	"brk", "munmap", "mremap", "madvise", "msync", "membarrier",
	/* threads; clone() is below */
	"futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address",
	"sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler",
	"sched_get_priority_min", "sched_get_priority_max", "getcpu", "exit", "exit_group", "wait4",
	"waitid",
	/* signals */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend",
	"rt_sigtimedwait", "sigaltstack",
	/* what it is and what the time is */
	"getpid", "getppid", "gettid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid",
	"getegid", "getresuid", "getresgid", "getgroups", "capget", "getpriority", "getrlimit",
	"getrusage", "times", "time", "gettimeofday", "clock_gettime", "clock_getres", "getitimer", "uname",
	"sysinfo", "getrandom",
};
/* clang-format on */

/* clang-format off */
static const char *const deadly[] = {
	"execve", "execveat", "vfork", "uselib", "ptrace", "process_vm_readv", "process_vm_writev",
	"pidfd_getfd", "kcmp", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid",
	"setfsuid", "setfsgid", "setgroups", "capset", "mount", "umount", "umount2", "mount_setattr",
	"move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "pivot_root", "chroot",
	"unshare", "setns", "mknod", "mknodat", "open_by_handle_at", "quotactl", "swapon", "swapoff",
	"bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
	"io_uring_register", "keyctl", "add_key", "request_key", "init_module", "finit_module",
	"delete_module", "kexec_load", "kexec_file_load", "reboot", "acct", "syslog", "iopl", "ioperm",
	"modify_ldt", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname",
	"setdomainname", "vhangup", "fanotify_init",
};
/* clang-format on */

/* Calls of which only one use is known or wanted. */
static const struct {
	const char *name;
	unsigned int argument;
	enum scmp_compare how;
	scmp_datum_t what, masked; /* for SCMP_CMP_MASKED_EQ, `what` is the mask */
} restricted[] = {
	{ "socket", 0, SCMP_CMP_EQ, AF_UNIX, 0 },
	{ "socketpair", 0, SCMP_CMP_EQ, AF_UNIX, 0 },
	/* A thread, not a process. clone3(), whose flags can't be seen here, does not exist. */
	{ "clone", 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD },
	{ "mmap", 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 },
	{ "mmap2", 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 },
	{ "mprotect", 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 },
	{ "pkey_mprotect", 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 },
	/* To ask for limits, not to set them. */
	{ "prlimit64", 2, SCMP_CMP_EQ, 0, 0 },
	{ "ioctl", 1, SCMP_CMP_EQ, TCGETS, 0 },
	{ "ioctl", 1, SCMP_CMP_EQ, TIOCGWINSZ, 0 },
	{ "ioctl", 1, SCMP_CMP_EQ, FIONBIO, 0 },
	{ "prctl", 0, SCMP_CMP_EQ, PR_SET_NAME, 0 },
	{ "prctl", 0, SCMP_CMP_EQ, PR_GET_NAME, 0 },
	{ "prctl", 0, SCMP_CMP_EQ, PR_SET_PDEATHSIG, 0 },
	{ "prctl", 0, SCMP_CMP_EQ, PR_GET_DUMPABLE, 0 },
	{ "prctl", 0, SCMP_CMP_EQ, PR_GET_NO_NEW_PRIVS, 0 },
	{ "prctl", 0, SCMP_CMP_EQ, PR_GET_SECCOMP, 0 },
	{ "prctl", 0, SCMP_CMP_EQ, PR_GET_SECUREBITS, 0 },
	{ "prctl", 0, SCMP_CMP_EQ, PR_CAPBSET_READ, 0 },
	{ "prctl", 0, SCMP_CMP_EQ, PR_SET_VMA, 0 },
};

/* Where another use than the one above must be told from a kernel without the call. */
static const struct {
	const char *name;
	unsigned int argument;
	enum scmp_compare how;
	scmp_datum_t what, masked;
	unsigned int error;
} refused[] = {
	{ "socket", 0, SCMP_CMP_NE, AF_UNIX, 0, EAFNOSUPPORT },
	{ "clone", 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0, EPERM },
	{ "mmap", 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC, EPERM },
	{ "mprotect", 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC, EPERM },
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* A call that this platform has not got needs no rule. */
static int add(scmp_filter_ctx filter, uint32_t action, const char *name,
	       const struct scmp_arg_cmp *compared)
{
	int number = seccomp_syscall_resolve_name(name);
	int error;

	if (number < 0)
		return 0;
	error = seccomp_rule_add_array(filter, action, number, compared ? 1 : 0, compared);
	return error == -EDOM ? 0 : error;
}

static int add_names(scmp_filter_ctx filter, uint32_t action, const char *const names[],
		     size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		error = add(filter, action, names[i], NULL);
	return error;
}

static int add_restricted(scmp_filter_ctx filter)
{
	int error = 0;

	for (size_t i = 0; i < LENGTH(restricted) && !error; i++) {
		const struct scmp_arg_cmp compared = { restricted[i].argument, restricted[i].how,
						       restricted[i].what, restricted[i].masked };

		error = add(filter, SCMP_ACT_ALLOW, restricted[i].name, &compared);
	}
	for (size_t i = 0; i < LENGTH(refused) && !error; i++) {
		const struct scmp_arg_cmp compared = { refused[i].argument, refused[i].how,
						       refused[i].what, refused[i].masked };

		error = add(filter, SCMP_ACT_ERRNO(refused[i].error), refused[i].name, &compared);
	}
	return error;
}

/* abort() and pthread_kill(), for this process only. */
static int add_own_signals(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp self = { 0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0 };
	int error = add(filter, SCMP_ACT_ALLOW, "tgkill", &self);

	return error ? error : add(filter, SCMP_ACT_ALLOW, "kill", &self);
}

static int fill(scmp_filter_ctx filter)
{
	int error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (!error)
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	/* A tree: the plugin makes many calls for an event. */
	if (!error)
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!error)
		error = add_names(filter, SCMP_ACT_ALLOW, allowed, LENGTH(allowed));
	if (!error)
		error = add_names(filter, SCMP_ACT_KILL_PROCESS, deadly, LENGTH(deadly));
	if (!error)
		error = add_restricted(filter);
	return error ? error : add_own_signals(filter);
}

int filter_install(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int error;

	if (!filter)
		return -ENOMEM;
	error = fill(filter);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}
