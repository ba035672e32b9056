/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which script an interpreter was started for. To run a file that begins with #!, the kernel starts the
 * program named there, and that program's arguments are those of the #! line (one at most), the script's
 * path and the script's own arguments; an interpreter that is a script itself adds its own in front. The
 * process is named after the script, and PATH records name every file that was opened on the way: the
 * script first, then its interpreters, the loader last (execve(2)).
 *
 * An interpreter that env or the like looks for is a second exec of the same process, and by then the
 * process is no longer named after the script: it is the script's still if its arguments are those of the
 * exec before.
 *
 * Better no script than a wrong one.
 */
#ifndef AUSPAWN_PROCESS_SCRIPT_H
#define AUSPAWN_PROCESS_SCRIPT_H

#include "audit/assemble.h"
#include "process/event.h"

#define SCRIPT_MAX_PATH 4096 /* bytes; the kernel opens no longer path */

/* Returns the script's path, which free() releases; NULL if it is no interpreter's exec. `previous` is what
 * the process was before, or NULL. A relative path is made absolute where the working directory is known. A
 * script that was started by its descriptor has no other name than /dev/fd/N. */
char *script_of(const struct audit_event *exec, const struct image *previous);

#endif
