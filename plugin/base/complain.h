/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command says to whoever called it. */
#ifndef AUSPAWN_BASE_COMPLAIN_H
#define AUSPAWN_BASE_COMPLAIN_H

/* Prints "auspawn: ", the message and a newline to stderr. Names of files can stand in it, and what the command
 * line has: all that could steer a terminal or begin another line is escaped (utf8_append_escaped()). */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
