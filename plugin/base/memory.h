/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is there or ends the process: no caller needs a branch for NULL.
 *
 * Include this before any header of uthash, so that those end the same way.
 */
#ifndef AUSPAWN_BASE_MEMORY_H
#define AUSPAWN_BASE_MEMORY_H

#include <stddef.h>

/* Writes one line to stderr and ends the process with status 1. */
_Noreturn void mem_exhausted(void);

/* Returns `size` bytes of zeroes; free() releases them. */
void *mem_zalloc(size_t size);

/* Returns `array` grown or shrunk to `count` elements of `size` bytes; ends the process also when
 * count * size overflows. `array` may be NULL. New elements are not initialised. */
void *mem_resize(void *array, size_t count, size_t size);

/* Returns a copy of `text`, or of its first `length` bytes with a NUL behind; free() releases it. */
char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t length);

#define uthash_fatal(msg) mem_exhausted()
#define utstring_oom() mem_exhausted()
#define utarray_oom() mem_exhausted()

#endif
