/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which system calls start, split and end processes, by machine: the numbers come from libaudit's
 * tables by name, so that an i386 program on an x86-64 machine is understood too.
 */
#ifndef AUSPAWN_AUDIT_SYSCALLS_H
#define AUSPAWN_AUDIT_SYSCALLS_H

#include <stdbool.h>
#include <stdint.h>

enum syscall_kind {
	SYSCALL_OTHER,
	SYSCALL_EXEC,  /* execve, execveat */
	SYSCALL_FORK,  /* fork, vfork, clone3: their arguments say nothing about threads */
	SYSCALL_CLONE, /* clone: a register holds its flags */
	SYSCALL_UNSHARE, /* unshare: a register holds its flags */
	SYSCALL_EXIT,  /* exit_group: the whole process; a thread's exit is of no interest */
};

struct syscalls;

/* Returns the table for every machine that this libaudit knows; syscalls_free() releases it. */
struct syscalls *syscalls_new(void);
void syscalls_free(struct syscalls *syscalls);

/* What does system call `number` of `arch` (arch= of a SYSCALL record: AUDIT_ARCH_*) do? */
enum syscall_kind syscalls_kind(const struct syscalls *syscalls, int64_t arch, int64_t number);

/* Returns the name of system call `number` of `arch`, which lives for ever; NULL if libaudit knows none. */
const char *syscalls_name(int64_t arch, int64_t number);

/* Which of a0 to a3 holds the flags of clone(2) on `arch`? */
unsigned int syscalls_clone_flags_arg(int64_t arch);

#endif
