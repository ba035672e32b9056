/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/losses.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alert.h"
#include "base/memory.h"
#include "process/document.h"

#include <utlist.h>

/* What one node has lost, by the same reason. */
struct pending {
	const char *node;
	enum loss_reason reason;
	struct host host;
	struct serial_loss sum; /* of what was not told yet */
	uint64_t gaps;		/* that it is of; 0: nothing waits */
	uint64_t total;		/* events since the start, told or not */
	int64_t due;
	struct pending *next;
};

struct losses {
	losses_handler handle;
	void *user;
	struct pending *pending;
	size_t waiting;
};

static const struct {
	const char *name;
	const char *action;
	const struct rule rule;
} kinds[] = {
	[LOSS_GAP] = { "serial-gap", "events-lost",
		       { .id = LOSSES_RULE_ID,
			 .name = "Audit events were lost",
			 .tuning = { .enabled = true,
				     .severity = SEVERITY_MEDIUM,
				     .risk_score = RULE_RISK_OF_SEVERITY } } },
	[LOSS_DOWN] = { "auditd-down", "auditd-down",
			{ .id = LOSSES_RULE_ID,
			  .name = "The audit daemon was down",
			  .tuning = { .enabled = true,
				      .severity = SEVERITY_LOW,
				      .risk_score = RULE_RISK_OF_SEVERITY } } },
};

struct losses *losses_new(losses_handler handle, void *user)
{
	struct losses *losses = mem_zalloc(sizeof(*losses));

	losses->handle = handle;
	losses->user = user;
	return losses;
}

void losses_free(struct losses *losses)
{
	struct pending *pending, *next;

	if (!losses)
		return;
	LL_FOREACH_SAFE(losses->pending, pending, next)
		free(pending);
	free(losses);
}

/* --- documents --- */

static void describe(const struct pending *pending, char *text, size_t size)
{
	const struct serial_loss *sum = &pending->sum;

	if (pending->reason == LOSS_DOWN)
		snprintf(text, size, "auditd was down; what happened meanwhile is not known");
	else
		snprintf(text, size, "%" PRIu64 " audit events were lost: serials %" PRIu64 " to %" PRIu64 "%s",
			 sum->count, sum->first, sum->last, pending->gaps > 1 ? ", with others between" : "");
}

static void add_host(struct json_object *document, const struct host *host)
{
	if (host->name)
		document_set_text(document, "host.name", host->name);
	if (host->id)
		document_set_text(document, "host.id", host->id);
	document_set_text(document, "host.os.type", "linux");
	if (host->agent_id)
		document_set_text(document, "agent.id", host->agent_id);
}

static void set_number(struct json_object *document, const char *name, uint64_t number)
{
	document_set(document, name, json_object_new_int64(number > INT64_MAX ? INT64_MAX : (int64_t)number));
}

static struct json_object *document_of(const struct pending *pending)
{
	struct json_object *document = json_object_new_object();
	const struct serial_loss *sum = &pending->sum;
	char text[160];

	alert_set_time(document, "@timestamp", sum->until);
	snprintf(text, sizeof(text), "%" PRId64 ".%03d:%" PRIu64, sum->until / 1000, (int)(sum->until % 1000),
		 sum->last);
	document_set_text(document, "event.id", text);
	document_set_text(document, "event.type", "info");
	document_set_text(document, "event.action", kinds[pending->reason].action);
	add_host(document, &pending->host);
	alert_add_rule(document, &kinds[pending->reason].rule);
	snprintf(text, sizeof(text), "%s/%" PRId64 ".%03d:%" PRIu64, kinds[pending->reason].name, sum->until / 1000,
		 (int)(sum->until % 1000), sum->last);
	alert_set_id(document, &kinds[pending->reason].rule, text);
	describe(pending, text, sizeof(text));
	document_set_text(document, "message", text);
	document_set_text(document, "auspawn.lost.reason", kinds[pending->reason].name);
	if (pending->reason == LOSS_GAP) {
		set_number(document, "auspawn.lost.count", sum->count);
		set_number(document, "auspawn.lost.first", sum->first);
		set_number(document, "auspawn.lost.last", sum->last);
		set_number(document, "auspawn.lost.gaps", pending->gaps);
		set_number(document, "auspawn.lost.total", pending->total);
	}
	alert_set_time(document, "auspawn.lost.from", sum->from);
	alert_set_time(document, "auspawn.lost.until", sum->until);
	return document;
}

/* --- what waits --- */

static struct pending *find(struct losses *losses, const struct serial_loss *loss)
{
	struct pending *pending;

	LL_FOREACH(losses->pending, pending) {
		if (pending->reason == loss->reason &&
		    (pending->node == loss->node ||
		     (pending->node && loss->node && !strcmp(pending->node, loss->node))))
			return pending;
	}
	pending = mem_zalloc(sizeof(*pending));
	pending->node = loss->node;
	pending->reason = loss->reason;
	LL_PREPEND(losses->pending, pending);
	return pending;
}

static void merge(struct serial_loss *sum, const struct serial_loss *loss)
{
	if (loss->first < sum->first)
		sum->first = loss->first;
	if (loss->last > sum->last)
		sum->last = loss->last;
	if (loss->from < sum->from)
		sum->from = loss->from;
	if (loss->until > sum->until)
		sum->until = loss->until;
	sum->count += loss->count;
}

void losses_add(struct losses *losses, const struct serial_loss *loss, const struct host *host, int64_t now)
{
	struct pending *pending = find(losses, loss);

	if (pending->gaps) {
		merge(&pending->sum, loss);
	} else {
		pending->sum = *loss;
		losses->waiting++;
		if (pending->due < now + LOSSES_SOON_MS)
			pending->due = now + LOSSES_SOON_MS;
	}
	pending->host = *host;
	pending->total += loss->count;
	pending->gaps++;
}

static void send(struct losses *losses, struct pending *pending)
{
	struct json_object *document = document_of(pending);

	pending->gaps = 0;
	pending->due += LOSSES_EVERY_MS;
	losses->waiting--;
	losses->handle(losses->user, &kinds[pending->reason].rule, document);
}

void losses_age(struct losses *losses, int64_t now)
{
	struct pending *pending;

	if (!losses->waiting)
		return;
	LL_FOREACH(losses->pending, pending) {
		if (pending->gaps && pending->due <= now)
			send(losses, pending);
	}
}

int64_t losses_deadline(const struct losses *losses)
{
	const struct pending *pending;
	int64_t deadline = -1;

	if (!losses->waiting)
		return -1;
	LL_FOREACH(losses->pending, pending) {
		if (pending->gaps && (deadline < 0 || pending->due < deadline))
			deadline = pending->due;
	}
	return deadline;
}

void losses_flush(struct losses *losses)
{
	losses_age(losses, INT64_MAX);
}
