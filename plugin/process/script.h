/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which script an interpreter was started for. To run a file that begins with #!, the kernel starts the
 * program named there, and that program's arguments are those of the #! line (one at most), the script's
 * path and the script's own arguments; an interpreter that is a script itself adds its own in front. The
 * process is named after the script (execve(2)).
 */
#ifndef AUSPAWN_PROCESS_SCRIPT_H
#define AUSPAWN_PROCESS_SCRIPT_H

#include "process/event.h"

#define SCRIPT_MAX_PATH 4096 /* bytes; the kernel opens no longer path */

/* Returns the script's path as an argument of `image` gives it, not NUL-terminated; SPAN_NONE if it is no
 * interpreter's exec. `previous` is what the process was before this exec, or NULL: #!/usr/bin/env X is two
 * execs, and by the second the process is no longer named after the script. */
struct span script_of(const struct image *image, const struct image *previous);

#endif
