/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls that are left (seccomp). The plugin, its libraries and its threads need files,
 * memory, time, threads and local sockets. What only an intruder asks for (a new program, another
 * process's memory, a mount, another user, a kernel module, another instruction set) ends the
 * process, and the kernel audits that. What is left over, calls that nobody thought of, does not
 * exist here (ENOSYS): libraries know how to do without a call that the kernel has not got, so a
 * new libc costs no alert.
 */
#ifndef AUSPAWN_PRIVILEGE_FILTER_H
#define AUSPAWN_PRIVILEGE_FILTER_H

/* Installs the filter for all threads, for good; also sets no_new_privs. Returns 0 or -errno. */
int filter_install(void);

#endif
