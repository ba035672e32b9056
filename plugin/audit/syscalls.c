/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/syscalls.h"

#include <libaudit.h>
#include <linux/audit.h>
#include <stdlib.h>

#include "base/memory.h"

static const struct {
	const char *name;
	enum syscall_kind kind;
} known_calls[] = {
	{ "execve", SYSCALL_EXEC },  { "execveat", SYSCALL_EXEC }, { "fork", SYSCALL_FORK },
	{ "vfork", SYSCALL_FORK },   { "clone3", SYSCALL_FORK },   { "clone", SYSCALL_CLONE },
	{ "unshare", SYSCALL_UNSHARE }, { "exit_group", SYSCALL_EXIT },
};
#define CALLS (sizeof(known_calls) / sizeof(known_calls[0]))

static const int64_t known_archs[] = {
	AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,  AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM,
	AUDIT_ARCH_PPC64LE, AUDIT_ARCH_PPC64, AUDIT_ARCH_S390X,  AUDIT_ARCH_S390,
};
#define ARCHS (sizeof(known_archs) / sizeof(known_archs[0]))

struct syscalls {
	int number[ARCHS][CALLS]; /* -1 where the machine has no such call or libaudit not the table */
};

struct syscalls *syscalls_new(void)
{
	struct syscalls *syscalls = mem_zalloc(sizeof(*syscalls));

	for (size_t i = 0; i < ARCHS; i++) {
		int machine = audit_elf_to_machine((unsigned int)known_archs[i]);

		for (size_t j = 0; j < CALLS; j++)
			syscalls->number[i][j] =
				machine < 0 ? -1 : audit_name_to_syscall(known_calls[j].name, machine);
	}
	return syscalls;
}

void syscalls_free(struct syscalls *syscalls)
{
	free(syscalls);
}

enum syscall_kind syscalls_kind(const struct syscalls *syscalls, int64_t arch, int64_t number)
{
	for (size_t i = 0; i < ARCHS; i++) {
		if (known_archs[i] != arch)
			continue;
		for (size_t j = 0; j < CALLS; j++) {
			if (number >= 0 && syscalls->number[i][j] == number)
				return known_calls[j].kind;
		}
	}
	return SYSCALL_OTHER;
}

const char *syscalls_name(int64_t arch, int64_t number)
{
	int machine = arch < 0 || arch > UINT32_MAX ? -1 : audit_elf_to_machine((unsigned int)arch);

	if (machine < 0 || number < 0 || number > INT32_MAX)
		return NULL;
	return audit_syscall_to_name((int)number, machine);
}

unsigned int syscalls_clone_flags_arg(int64_t arch)
{
	/* CONFIG_CLONE_BACKWARDS2 (kernel/fork.c): the new stack comes first. */
	return arch == AUDIT_ARCH_S390X || arch == AUDIT_ARCH_S390 ? 1 : 0;
}
