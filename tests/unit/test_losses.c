/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit_process_support.h"

#include "alert/alert.h"
#include "alert/losses.h"
#include "process/document.h"

struct told {
	struct json_object *document; /* the last */
	unsigned int documents;
};

static void on_document(void *user, const struct rule *rule, struct json_object *document)
{
	struct told *told = user;

	assert_string_equal(rule->id, LOSSES_RULE_ID);
	json_object_put(told->document);
	told->document = document;
	told->documents++;
}

static const struct host host = { "web1", "id", "agent" };

static struct serial_loss gap(uint64_t first, uint64_t last)
{
	return (struct serial_loss){ LOSS_GAP, "web1", first, last, last - first + 1, 1000, 2500 };
}

static int64_t number(const struct told *told, const char *name)
{
	return json_object_get_int64(document_get(told->document, name));
}

static const char *text(const struct told *told, const char *name)
{
	return json_object_get_string(document_get(told->document, name));
}

static void test_a_loss_is_told_with_its_range(void **state)
{
	const struct serial_loss loss = gap(11, 13);
	struct told told = { 0 };
	struct losses *losses = losses_new(on_document, &told);

	(void)state;
	assert_int_equal(losses_deadline(losses), -1);
	losses_add(losses, &loss, &host, 5000);
	assert_int_equal(losses_deadline(losses), 5000 + LOSSES_SOON_MS);
	losses_age(losses, 5000);
	assert_int_equal(told.documents, 0);
	losses_age(losses, 5000 + LOSSES_SOON_MS);
	assert_int_equal(told.documents, 1);
	assert_string_equal(text(&told, "rule.id"), "auspawn-lost");
	assert_string_equal(text(&told, "event.kind"), "alert");
	assert_string_equal(text(&told, "host.name"), "web1");
	assert_string_equal(text(&told, "agent.id"), "agent");
	assert_string_equal(text(&told, "auspawn.lost.reason"), "serial-gap");
	assert_string_equal(text(&told, "auspawn.lost.from"), "1970-01-01T00:00:01.000Z");
	assert_string_equal(text(&told, "auspawn.lost.until"), "1970-01-01T00:00:02.500Z");
	assert_string_equal(text(&told, "message"), "3 audit events were lost: serials 11 to 13");
	assert_int_equal(number(&told, "auspawn.lost.first"), 11);
	assert_int_equal(number(&told, "auspawn.lost.last"), 13);
	assert_int_equal(number(&told, "auspawn.lost.count"), 3);
	assert_int_equal(number(&told, "event.severity"), 47);
	assert_int_equal(alert_severity(told.document), SEVERITY_MEDIUM);
	json_object_put(told.document);
	losses_free(losses);
}

static void test_many_losses_are_one_document(void **state)
{
	struct told told = { 0 };
	struct losses *losses = losses_new(on_document, &told);
	int64_t now = 5000;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		const struct serial_loss loss = gap(10 * i + 1, 10 * i + 2);

		losses_add(losses, &loss, &host, now);
		losses_age(losses, now);
		now += 60;
	}
	/* One soon, one a minute later; the rest in the end. */
	assert_int_equal(told.documents, 1);
	losses_age(losses, 5000 + LOSSES_SOON_MS + LOSSES_EVERY_MS);
	assert_int_equal(told.documents, 2);
	assert_int_equal(number(&told, "auspawn.lost.total"), 2000);
	assert_int_equal(number(&told, "auspawn.lost.count"), 2000 - 2 * 18);
	assert_int_equal(number(&told, "auspawn.lost.gaps"), 1000 - 18);
	assert_int_equal(number(&told, "auspawn.lost.last"), 9992);
	losses_flush(losses);
	assert_int_equal(told.documents, 2);
	json_object_put(told.document);
	losses_free(losses);
}

static void test_nodes_and_reasons_are_told_apart(void **state)
{
	const struct serial_loss down = { LOSS_DOWN, "web1", 0, 0, 0, 1000, 61000 };
	struct serial_loss loss = gap(1, 1);
	struct told told = { 0 };
	struct losses *losses = losses_new(on_document, &told);

	(void)state;
	losses_add(losses, &loss, &host, 0);
	loss.node = "web2";
	losses_add(losses, &loss, &host, 0);
	loss.node = NULL;
	losses_add(losses, &loss, &host, 0);
	losses_flush(losses);
	assert_int_equal(told.documents, 3);
	losses_add(losses, &down, &host, 0);
	losses_flush(losses);
	assert_int_equal(told.documents, 4);
	assert_string_equal(text(&told, "auspawn.lost.reason"), "auditd-down");
	assert_null(document_get(told.document, "auspawn.lost.count"));
	assert_int_equal(alert_severity(told.document), SEVERITY_LOW);
	json_object_put(told.document);
	losses_free(losses);
}

static void test_every_format_tells_it(void **state)
{
	static const struct {
		enum alert_format format;
		const char *expected;
	} cases[] = {
		{ FORMAT_TEXT, "1970-01-01T00:00:02.500Z medium auspawn-lost web1: 3 audit events were lost: "
			       "serials 11 to 13, from 1970-01-01T00:00:01.000Z to 1970-01-01T00:00:02.500Z" },
		{ FORMAT_CEF, "CEF:0|auspawn|auspawn|" PACKAGE_VERSION "|auspawn-lost|Audit events were lost|5|"
			      "rt=1970-01-01T00:00:02.500Z externalId=2.500:13 dvchost=web1 cnt=3 "
			      "msg=3 audit events were lost: serials 11 to 13 cs5Label=alertId "
			      "cs5=auspawn-lost/web1/serial-gap/2.500:13" },
	};
	const struct serial_loss loss = gap(11, 13);
	struct told told = { 0 };
	struct losses *losses = losses_new(on_document, &told);
	UT_string out;

	(void)state;
	losses_add(losses, &loss, &host, 0);
	losses_flush(losses);
	utstring_init(&out);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		utstring_clear(&out);
		alert_encode(told.document, cases[i].format, 8000, &out);
		assert_string_equal(utstring_body(&out), cases[i].expected);
	}
	utstring_done(&out);
	json_object_put(told.document);
	losses_free(losses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_loss_is_told_with_its_range),
		cmocka_unit_test(test_many_losses_are_one_document),
		cmocka_unit_test(test_nodes_and_reasons_are_told_apart),
		cmocka_unit_test(test_every_format_tells_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
