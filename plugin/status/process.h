/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of one of our own processes. */
#ifndef AUSPAWN_STATUS_PROCESS_H
#define AUSPAWN_STATUS_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* When the process began, in the kernel's ticks since boot, which tells it from another that got its pid later; 0 if
 * there is none. */
uint64_t process_start_ticks(pid_t pid);

/* The caller's resident memory in bytes, and the processor time that it has used, in ms. */
void process_usage(uint64_t *resident, uint64_t *cpu);

#endif
