/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules/kept.h"

#include "process/document.h"

char *kept_document(struct json_object *document)
{
	UT_string text;

	utstring_init(&text);
	document_print(document, KEPT_MAX_DOCUMENT, &text);
	return utstring_body(&text);
}
