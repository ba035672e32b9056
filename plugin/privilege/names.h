/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of users and groups, asked of a helper process: a name service may talk to the network,
 * start to think for minutes or crash, and a container's own files may lie on a file system that
 * never answers.
 *
 * The helper is forked while the plugin is still small, and free to do so: one process that only
 * looks after two workers, one for the machine's name service, without any capability, and one for
 * containers, which has the plugin's and its filter. A worker that thinks for longer than it may is
 * killed by its own alarm and replaced. They end with the plugin, however that ends.
 *
 * A question is waited for at most 100 ms, and only a tenth of the time is spent waiting at all;
 * while an earlier question is unanswered nobody waits. Answers that come later can be taken then;
 * questions are numbered, so none is taken for another's.
 */
#ifndef AUSPAWN_PRIVILEGE_NAMES_H
#define AUSPAWN_PRIVILEGE_NAMES_H

#include "privilege/account.h"
#include "process/users.h"

#define NAMES_MAX_WAIT_MS 100
#define NAMES_PATIENCE_S  10 /* a worker's with one question */
#define NAMES_MAX_PENDING 64 /* questions without an answer; past that none is asked */

struct names;

/* Forks the helper, which becomes `account`, or stays who it is if that is NULL; its workers have
 * `patience_s` for a question. Returns NULL with errno set if that can't be done; names_free() ends
 * it. SIGCHLD must be ignored: it is not waited for. */
struct names *names_start(const struct account *account, unsigned int patience_s);
void names_free(struct names *names);

/* Is the helper gone? Then all names stay absent. */
bool names_lost(const struct names *names);

/* What users_new() takes. `names` may be NULL. */
struct users_source names_source(struct names *names);

#endif
