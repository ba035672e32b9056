/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells of audit events that were lost: an alert of its own kind, auspawn-lost, for each node at most every
 * LOSSES_EVERY_MS, which stands for all that was lost meanwhile.
 */
#ifndef AUSPAWN_ALERT_LOSSES_H
#define AUSPAWN_ALERT_LOSSES_H

#include <json-c/json.h>
#include <stdint.h>

#include "audit/serial.h"
#include "process/event.h"
#include "rules/rule.h"

#define LOSSES_RULE_ID	"auspawn-lost"
#define LOSSES_SOON_MS	1000  /* so long more of the same burst is waited for */
#define LOSSES_EVERY_MS 60000

struct losses;

/* The document is handed over; the rule lives for ever. */
typedef void (*losses_handler)(void *user, const struct rule *rule, struct json_object *document);

/* losses_free() releases it and sends nothing. */
struct losses *losses_new(losses_handler handle, void *user);
void losses_free(struct losses *losses);

/* Adds one. The names that `loss` and `host` hold must outlive `losses`. `now` is here and below a clock in ms. */
void losses_add(struct losses *losses, const struct serial_loss *loss, const struct host *host, int64_t now);

/* Sends what is due at `now`. */
void losses_age(struct losses *losses, int64_t now);

/* When losses_age() next has something to do; -1 if nothing waits. */
int64_t losses_deadline(const struct losses *losses);

/* Sends all that waits. */
void losses_flush(struct losses *losses);

#endif
