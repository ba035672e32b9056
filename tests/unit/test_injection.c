/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One set of hostile texts through everything that prints: no format, no message and no terminal may take any of
 * it for more than text. */
#include "rules_alert_support.h"

#include <syslog.h>

#include "alert/alert.h"
#include "base/complain.h"
#include "sinks.h"

static struct rule rule = {
	.id = (char[]){ "web-shell-spawn" },
	.name = (char[]){ "Web server child shell spawn" },
	.tuning.severity = SEVERITY_HIGH,
	.tuning.risk_score = 73,
};

static const char *const hostile[] = {
	/* lines of one's own */
	"a\nNov 24 10:00:00 web1 sshd[1]: Accepted password for root",
	"a\r\n<34>1 2026-11-24T10:00:00Z web1 su - - - ok",
	"\n",
	"\n\n{\"rule\":{\"id\":\"forged\"}}",
	"a\x0b" "b\x0c" "c",
	/* terminals */
	"\x1b[2J\x1b[1;1H",
	"\x1b]0;title\x07",
	"\x1b]52;c;ZWNobw==\x1b\\",
	"\x1bP+q544e\x1b\\",
	"rm -rf /\b\b\b\b\b\b\b\bls      ",
	"a\rroot",
	"\x7f\x7f\x7f",
	"\x0e\x0f\x01",
	"a\tb",
	/* C1 controls in UTF-8: CSI, OSC, NEL, string terminator */
	"\xc2\x9b" "2J",
	"\xc2\x9d" "0;title\xc2\x9c",
	"a\xc2\x85" "b",
	"\xc2\x80\xc2\x9f",
	/* the order of text */
	"\xe2\x80\xaa" "a\xe2\x80\xab" "b\xe2\x80\xac" "c\xe2\x80\xad" "d\xe2\x80\xae" "e",
	"\xe2\x81\xa6" "a\xe2\x81\xa7" "b\xe2\x81\xa8" "c\xe2\x81\xa9" "d",
	"\xe2\x80\x8e" "a\xe2\x80\x8f" "b\xd8\x9c" "c",
	"photo_\xe2\x80\xae" "gnp.exe",
	"a\xe2\x80\xa8" "b\xe2\x80\xa9" "c",
	/* not UTF-8: overlong newline and escape, surrogates, past the end of Unicode, cut off */
	"a\xc0\x8a" "b\xe0\x80\x9b[2J",
	"\xed\xa0\x80\xed\xb0\x80",
	"\xf4\x90\x80\x80\xf8\x88\x80\x80\x80",
	"a\xe2\x80",
	"\xff\xfe\x9b" "2J\x85",
	"\x80\xc2",
	/* what separates fields */
	"a|b|10|src=1",
	"a=b suser=root dproc=/bin/true",
	"a\\|b\\=c\\\\",
	"trailing\\",
	"\\",
	"] [x@1 y=\"z\"]",
	"\"],\"rule\":{\"id\":\"forged\"},\"x\":[\"",
	"'\"`$(id)`",
	"}{",
	"@cee: {\"rule\":{\"id\":\"forged\"}}",
	"CEF:0|other|other|1|x|x|0|",
	"auspawn[1]: ended: 0 records",
	"&quot;&#10;<script>alert(1)</script>",
	"%s%n%1$s%%",
	"\\u000a\\x1b[2J\\n",
	/* and what must stay as it is */
	"na\xc3\xafve caf\xc3\xa9 \xf0\x9f\x98\x80 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
	"",
};

/* --- documents --- */

/* An event in which everything that a stranger chooses is `text`. */
static void make_scene(struct scene *scene, const char *text)
{
	struct identity name = { 33, text };

	scene_web_shell(scene);
	scene->image.executable = text;
	scene->image.comm = text;
	scene->image.working_directory = text;
	scene->image.script = text;
	scene->image.credentials.user = name;
	scene->image.credentials.real_user = name;
	scene->image.credentials.login_user = name;
	SCENE_ARGS(scene, text, "-c", text);
	scene->parent_image = scene->image;
	scene->previous_image = scene->image;
	scene->event.host.name = text;
	scene->event.node = text;
	scene->event.key = text;
	scene->event.env_vars = (char *)text;
	scene->event.env_count = 1;
}

static const char *const formats[] = { "json", "cee", "cef", "text" };

/* Is the text valid, and does nothing of it steer, reorder or end a line? */
static bool is_harmless(struct span text)
{
	while (text.length) {
		uint32_t code = 0;
		size_t length = utf8_sequence(text, &code);

		if (!length || utf8_is_control(code))
			return false;
		text.start += length;
		text.length -= length;
	}
	return true;
}

static bool is_json(const char *line, const char *text, bool cut)
{
	struct json_object *document = json_tokener_parse(line);
	struct json_object *id = document_get(document, "rule.id");
	struct json_object *executable = document_get(document, "process.executable");
	UT_string clean;
	bool good;

	utstring_init(&clean);
	utf8_append(&clean, span_of(text));
	good = id && !strcmp(json_object_get_string(id), rule.id) &&
	       (cut || (executable &&
			!strcmp(json_object_get_string(executable), utstring_body(&clean))));
	utstring_done(&clean);
	json_object_put(document);
	return good;
}

static bool is_key(const char *key, size_t length)
{
	static const char *const keys[] = {
		"rt",	"externalId", "dvchost",  "suser", "suid",     "spid", "sproc",	   "dpid",
		"dproc", "cs1Label",  "cs1",	  "cs2Label", "cs2", "cs3Label", "cs3", "cs4Label", "cs4",
		"cs5Label", "cs5",
	};

	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		if (strlen(keys[i]) == length && !memcmp(keys[i], key, length))
			return true;
	}
	return false;
}

/* Seven pipes that are not escaped, and then every = that is not is behind a key of ours, each once. */
static bool is_cef(const char *line)
{
	const char *extension = line;
	int pipes = 0, keys = 0;

	for (; *extension && pipes < 7; extension++) {
		if (*extension == '\\' && extension[1])
			extension++;
		else if (*extension == '|')
			pipes++;
	}
	for (const char *at = extension; *at; at++) {
		const char *key = at;

		if (*at == '\\') {
			at++;
			if (!*at)
				return false;
			continue;
		}
		if (*at != '=')
			continue;
		while (key > extension && key[-1] != ' ')
			key--;
		if (!is_key(key, (size_t)(at - key)))
			return false;
		keys++;
	}
	return pipes == 7 && keys <= 19;
}

static bool is_good(enum alert_format format, const char *line, const char *text, bool cut)
{
	switch (format) {
	case FORMAT_JSON:
		return is_json(line, text, cut);
	case FORMAT_CEE:
		return !strncmp(line, "@cee: {", 7) && is_json(line + 6, text, cut);
	case FORMAT_CEF:
		return is_cef(line);
	default:
		return !strncmp(line, "2023-11-14T22:13:20.123Z high web-shell-spawn ", 46);
	}
}

static bool check_format(const char *name, const char *text, size_t limit)
{
	struct json_object *document;
	enum alert_format format = FORMAT_JSON;
	struct scene scene;
	UT_string out;
	bool good;

	assert_true(alert_format_named(name, &format));
	make_scene(&scene, text);
	document = alert_of_event(&rule, &scene.event);
	utstring_init(&out);
	alert_encode(document, format, limit, &out);
	good = is_harmless((struct span){ utstring_body(&out), utstring_len(&out) }) &&
	       is_good(format, utstring_body(&out), text, limit < 100000);
	if (!good)
		print_error("%s, %zu bytes: %s\n", name, limit, utstring_body(&out));
	json_object_put(document);
	utstring_done(&out);
	return good;
}

static void test_a_text_stays_a_text_in_every_format(void **state)
{
	static const size_t limits[] = { 100000, 4000, 1500 };
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hostile); i++) {
		for (size_t j = 0; j < COUNT_OF(formats); j++) {
			for (size_t k = 0; k < COUNT_OF(limits); k++)
				wrong += !check_format(formats[j], hostile[i], limits[k]);
		}
	}
	assert_rows(wrong);
}

static void append_code(char text[8], uint32_t code)
{
	size_t n = 0;

	if (code < 0x80) {
		text[n++] = (char)code;
	} else if (code < 0x800) {
		text[n++] = (char)(0xc0 | code >> 6);
		text[n++] = (char)(0x80 | (code & 0x3f));
	} else {
		text[n++] = (char)(0xe0 | code >> 12);
		text[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		text[n++] = (char)(0x80 | (code & 0x3f));
	}
	text[n] = '\0';
}

/* Visible and unambiguous, not left out: who reads it must see that somebody tried. */
static void test_every_control_is_shown_by_its_number(void **state)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x01, 0x08 },	    { 0x0b, 0x0c },	{ 0x0e, 0x1f },	    { 0x7f, 0x9f },    { 0x61c, 0x61c },
		{ 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 },
	};
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ranges); i++) {
		for (uint32_t code = ranges[i].first; code <= ranges[i].last; code++) {
			struct json_object *document = json_object_new_object();
			char text[8], escaped[16], json[16];
			UT_string out;

			append_code(text, code);
			snprintf(escaped, sizeof(escaped), code < 0x80 ? "\\x%02x" : "\\u{%x}", code);
			snprintf(json, sizeof(json), "\\u%04x", code);
			/* json-c has a short form for this one. */
			if (code == '\b' || code == '\f')
				snprintf(json, sizeof(json), code == '\b' ? "\\b" : "\\f");
			document_set_text(document, "process.executable", text);
			document_set_text(document, "process.command_line", text);
			utstring_init(&out);
			for (size_t j = 0; j < COUNT_OF(formats); j++) {
				enum alert_format format = FORMAT_JSON;

				alert_format_named(formats[j], &format);
				utstring_clear(&out);
				alert_encode(document, format, 8000, &out);
				if (strstr(utstring_body(&out), format <= FORMAT_CEE ? json : escaped))
					continue;
				print_error("U+%04X, %s: %s\n", code, formats[j], utstring_body(&out));
				wrong++;
			}
			utstring_done(&out);
			json_object_put(document);
		}
	}
	assert_rows(wrong);
}

/* --- messages --- */

struct printer {
	const char *name;
	void (*print)(struct folder *folder, const char *text);
	size_t lines; /* that it prints of each text */
};

static void print_complaint(struct folder *folder, const char *text)
{
	(void)folder;
	complain("%s: can't be read", text);
}

static void print_log(struct folder *folder, const char *text)
{
	struct mistakes mistakes = { 0 };
	struct config *config = config_load(NULL, SETTINGS_TRUST_ALL, &mistakes);
	int receiver = bind_socket(folder, "log", SOCK_DGRAM);
	char message[8192];
	struct sinks *sinks;
	ssize_t length;

	free(config->syslog.socket);
	config->syslog.socket = mem_strdup(folder_file(folder, "log"));
	sinks = sinks_new(config);
	sinks_log(sinks, 0, MESSAGE_MISTAKE, "%s: can't be read", text);
	length = recv(receiver, message, sizeof(message), 0);
	assert_true(length > 0);
	assert_harmless((struct span){ message, (size_t)length });
	sinks_free(sinks);
	config_free(config);
	close(receiver);
	unlink(folder_file(folder, "log"));
}

static void print_mistake(struct folder *folder, const char *text)
{
	struct mistakes mistakes = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "%s", folder_file(folder, "mistake"));
	write_text(path, "1\n2\n");
	mistakes_add(&mistakes, &(struct place){ .file = path, .line = 3, .column = 1 }, "%s", text);
	mistakes_print(&mistakes, MISTAKES_ALL, stderr);
	mistakes_clear(&mistakes);
}

static void print_line_of_mistake(struct folder *folder, const char *text)
{
	struct mistakes mistakes = { 0 };
	char path[128];
	UT_string line;

	/* What ends a line in a file ends it here as well. */
	utstring_init(&line);
	utstring_printf(&line, "x%.*s\n", (int)strcspn(text, "\n"), text);
	snprintf(path, sizeof(path), "%s", folder_file(folder, "line"));
	write_bytes(path, utstring_body(&line), utstring_len(&line));
	utstring_done(&line);
	mistakes_add(&mistakes, &(struct place){ .file = path, .line = 1, .column = 1 }, "wrong");
	mistakes_print(&mistakes, MISTAKES_ALL, stderr);
	mistakes_clear(&mistakes);
}

static void print_shown(struct folder *folder, const char *text)
{
	(void)folder;
	utf8_print_shown(stderr, span_of(text));
}

static const struct printer printers[] = {
	{ "a command's message", print_complaint, 1 },
	{ "the plugin's message", print_log, 1 },
	{ "a mistake", print_mistake, 1 },
	{ "a mistake's line", print_line_of_mistake, 3 },
	{ "a name in a table", print_shown, 1 },
};

/* What is printed to stderr meanwhile; free() releases it. */
static char *capture(const struct printer *printer, struct folder *folder, const char *text)
{
	char path[128];
	int saved = dup(STDERR_FILENO);
	int fd;

	snprintf(path, sizeof(path), "%s", folder_file(folder, "stderr"));
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(saved >= 0 && fd >= 0);
	fflush(stderr);
	dup2(fd, STDERR_FILENO);
	printer->print(folder, text);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fd);
	return read_text(path);
}

static void test_messages_are_as_many_lines_as_they_should(void **state)
{
	size_t wrong = 0;

	for (size_t i = 0; i < COUNT_OF(hostile); i++) {
		for (size_t j = 0; j < COUNT_OF(printers); j++) {
			char *printed = capture(&printers[j], *state, hostile[i]);
			size_t lines = 0;
			bool good = true;

			for (char *line = printed; *line; lines++) {
				size_t length = strcspn(line, "\n");

				good &= is_harmless((struct span){ line, length });
				line += length + (line[length] == '\n');
			}
			if (!good || lines != printers[j].lines) {
				print_error("text %zu, %s: %s\n", i, printers[j].name, printed);
				wrong++;
			}
			free(printed);
		}
	}
	assert_rows(wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_text_stays_a_text_in_every_format),
		cmocka_unit_test(test_every_control_is_shown_by_its_number),
		cmocka_unit_test_setup_teardown(test_messages_are_as_many_lines_as_they_should,
						folder_make, folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
