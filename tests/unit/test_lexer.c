/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_alert_support.h"

#include "rules/lexer.h"

static const char *const type_names[] = {
	[TOKEN_END] = "END",
	[TOKEN_NAME] = "NAME",
	[TOKEN_QUOTED] = "QUOTED",
	[TOKEN_LIST] = "LIST",
	[TOKEN_STRING] = "STRING",
	[TOKEN_NUMBER] = "NUMBER",
	[TOKEN_EQUAL] = "==",
	[TOKEN_UNEQUAL] = "!=",
	[TOKEN_LESS] = "<",
	[TOKEN_LESS_EQUAL] = "<=",
	[TOKEN_GREATER] = ">",
	[TOKEN_GREATER_EQUAL] = ">=",
	[TOKEN_COLON] = ":",
	[TOKEN_TILDE] = "~",
	[TOKEN_OPTIONAL] = "?",
	[TOKEN_PLUS] = "+",
	[TOKEN_MINUS] = "-",
	[TOKEN_TIMES] = "*",
	[TOKEN_DIVIDE] = "/",
	[TOKEN_MODULO] = "%",
	[TOKEN_PIPE] = "|",
	[TOKEN_BRACKET] = "[",
	[TOKEN_OPEN] = "OPEN",
	[TOKEN_CLOSE] = "CLOSE",
	[TOKEN_COMMA] = ",",
	[TOKEN_INVALID] = "INVALID",
};

/* OFFSET:TYPE and, where it has one, the value in brackets. */
static void append_token(UT_string *out, const struct lexer *lexer, const struct token *token)
{
	utstring_printf(out, "%zu:%s", token->offset, type_names[token->type]);
	switch (token->type) {
	case TOKEN_NAME:
	case TOKEN_QUOTED:
	case TOKEN_LIST:
		utstring_printf(out, "[%.*s]", (int)token->text.length, token->text.start);
		break;
	case TOKEN_STRING:
		utstring_printf(out, "[");
		utstring_concat(out, &lexer->string);
		utstring_printf(out, "]");
		break;
	case TOKEN_NUMBER:
		utstring_printf(out, "[%.10g]", token->number);
		break;
	case TOKEN_INVALID:
		utstring_printf(out, "[%s]", token->error);
		break;
	default:
		break;
	}
}

struct row {
	const char *text;
	const char *tokens; /* up to the end or the first that is invalid */
};

/* Lexes exactly `text` and no byte behind it: the copy lets a sanitizer see the end. */
static bool row_holds(const struct row *row)
{
	size_t length = strlen(row->text);
	char *copy = mem_strndup(row->text, length);
	char *exact = mem_resize(NULL, length, 1);
	struct lexer lexer;
	struct token token;
	UT_string tokens;
	bool holds;

	memcpy(exact, copy, length);
	free(copy);
	utstring_init(&tokens);
	lexer_init(&lexer, (struct span){ exact, length });
	do {
		token = lexer_next(&lexer);
		if (utstring_len(&tokens))
			utstring_printf(&tokens, " ");
		append_token(&tokens, &lexer, &token);
		assert_in_range(token.offset + token.text.length, token.offset, length);
		assert_in_range(lexer.offset, token.offset, length);
	} while (token.type != TOKEN_END && token.type != TOKEN_INVALID);
	holds = row_is(row->text, utstring_body(&tokens), row->tokens);
	lexer_free(&lexer);
	utstring_done(&tokens);
	free(exact);
	return holds;
}

static size_t wrong_rows(const struct row *rows, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++)
		wrong += !row_holds(&rows[i]);
	return wrong;
}

#define UNKNOWN_ESCAPE                                                                            \
	"INVALID[unknown escape; known are \\n \\t \\r \\b \\f \\\\ \\\" \\' \\u{HEX}]"

#define ASSERT_ROWS(rows) assert_rows(wrong_rows(rows, COUNT_OF(rows)))

static void test_symbols_are_the_longest_that_fit(void **state)
{
	static const struct row rows[] = {
		{ "==", "0:== 2:END" },
		{ "!=", "0:!= 2:END" },
		{ "<", "0:< 1:END" },
		{ "<=", "0:<= 2:END" },
		{ ">", "0:> 1:END" },
		{ ">=", "0:>= 2:END" },
		{ ":", "0:: 1:END" },
		{ "~", "0:~ 1:END" },
		{ "(),", "0:OPEN 1:CLOSE 2:, 3:END" },
		{ "<==", "0:<= 2:INVALID['=' compares nothing here; write '==']" },
		{ ">>=", "0:> 1:>= 3:END" },
		{ "in~(", "0:NAME[in] 2:~ 3:OPEN 4:END" },
		{ "+-*/%", "0:+ 1:- 2:* 3:/ 4:% 5:END" },
		{ "a / b", "0:NAME[a] 2:/ 4:NAME[b] 5:END" },
		{ "?a.b", "0:? 1:NAME[a.b] 4:END" },
		{ "? a", "0:? 2:NAME[a] 3:END" },
		{ "| [", "0:| 2:[ 3:END" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_names_have_letters_digits_underscores_and_dots(void **state)
{
	static const struct row rows[] = {
		{ "process.name", "0:NAME[process.name] 12:END" },
		{ "a", "0:NAME[a] 1:END" },
		{ "_a1.B_2", "0:NAME[_a1.B_2] 7:END" },
		{ "and", "0:NAME[and] 3:END" },
		{ "AND", "0:NAME[AND] 3:END" },
		{ "a==b", "0:NAME[a] 1:== 3:NAME[b] 4:END" },
		{ "a.b:c", "0:NAME[a.b] 3:: 4:NAME[c] 5:END" },
		{ "@timestamp", "0:NAME[@timestamp] 10:END" },
		{ "a-b", "0:NAME[a] 1:- 2:NAME[b] 3:END" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_an_at_sign_begins_the_name_of_a_list(void **state)
{
	static const struct row rows[] = {
		{ "@shells", "0:LIST[shells] 7:END" },
		{ "@timestamps", "0:LIST[timestamps] 11:END" },
		{ "@a@b", "0:LIST[a] 2:LIST[b] 4:END" },
		{ " @ ", "1:LIST[] 3:END" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_strings_stand_in_either_quotes(void **state)
{
	static const struct row rows[] = {
		{ "'sh'", "0:STRING[sh] 4:END" },
		{ "\"sh\"", "0:STRING[sh] 4:END" },
		{ "''", "0:STRING[] 2:END" },
		{ "\"\"", "0:STRING[] 2:END" },
		{ "'a\"b'", "0:STRING[a\"b] 5:END" },
		{ "\"a'b\"", "0:STRING[a'b] 5:END" },
		{ "'a' 'b'", "0:STRING[a] 4:STRING[b] 7:END" },
		{ "'// no comment'", "0:STRING[// no comment] 15:END" },
		{ "'/* nor this */'", "0:STRING[/* nor this */] 16:END" },
		{ "'\xc3\xa9\xff'", "0:STRING[\xc3\xa9\xff] 5:END" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_raw_strings_have_no_escapes(void **state)
{
	static const struct row rows[] = {
		{ "\"\"\"a\\d\"\"\"", "0:STRING[a\\d] 9:END" },
		{ "\"\"\"\"\"\"", "0:STRING[] 6:END" },
		{ "\"\"\"a\"b\"\"c\"\"\"", "0:STRING[a\"b\"\"c] 12:END" },
		{ "\"\"\"a\"\"\"\"", "0:STRING[a\"] 8:END" },
		{ "\"\"\"a\"\"\"\"\" b", "0:STRING[a\"\"] 10:NAME[b] 11:END" },
		{ "\"\"\"a\nb\"\"\"", "0:STRING[a\nb] 9:END" },
		{ "?\"a\\\"", "0:STRING[a\\] 5:END" },
		{ "?'a\\'", "0:STRING[a\\] 5:END" },
		{ "?''", "0:STRING[] 3:END" },
		{ "?'\"'", "0:STRING[\"] 4:END" },
		{ "\"\"\"a\"\"", "0:INVALID[the string has no end]" },
		{ "a ?'b", "0:NAME[a] 2:INVALID[the string has no end]" },
		{ "?\"a'", "0:INVALID[the string has no end]" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_a_name_in_backquotes_is_no_keyword(void **state)
{
	static const struct row rows[] = {
		{ "`and`", "0:QUOTED[and] 5:END" },
		{ "`process.name`==", "0:QUOTED[process.name] 14:== 16:END" },
		{ "`a b-c`", "0:QUOTED[a b-c] 7:END" },
		{ "``", "0:QUOTED[] 2:END" },
		{ "a `b", "0:NAME[a] 2:INVALID[the `name` has no end]" },
		{ "`", "0:INVALID[the `name` has no end]" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_characters_can_be_named_by_their_number(void **state)
{
	static const struct row rows[] = {
		{ "'\\u{41}'", "0:STRING[A] 8:END" },
		{ "'\\u{e9}x'", "0:STRING[\xc3\xa9x] 9:END" },
		{ "'\\u{20AC}'", "0:STRING[\xe2\x82\xac] 10:END" },
		{ "'\\u{0001f600}'", "0:STRING[\xf0\x9f\x98\x80] 14:END" },
		{ "'\\u{10ffff}'", "0:STRING[\xf4\x8f\xbf\xbf] 12:END" },
		{ "'\\u{7f}\\u{80}'", "0:STRING[\x7f\xc2\x80] 14:END" },
		{ "'\\u{7ff}\\u{800}'", "0:STRING[\xdf\xbf\xe0\xa0\x80] 16:END" },
		{ "'\\u{ffff}\\u{10000}'", "0:STRING[\xef\xbf\xbf\xf0\x90\x80\x80] 19:END" },
		{ "'\\u{110000}'", "1:" UNKNOWN_ESCAPE },
		{ "'\\u{d800}'", "1:" UNKNOWN_ESCAPE },
		{ "'\\u{00}'", "1:" UNKNOWN_ESCAPE },
		{ "'\\u{}'", "1:" UNKNOWN_ESCAPE },
		{ "'\\u{1}'", "1:" UNKNOWN_ESCAPE },
		{ "'\\u{000000041}'", "1:" UNKNOWN_ESCAPE },
		{ "'\\u{4g}'", "1:" UNKNOWN_ESCAPE },
		{ "'\\u{-41}'", "1:" UNKNOWN_ESCAPE },
		{ "'\\u41'", "1:" UNKNOWN_ESCAPE },
		{ "'\\u{41'", "1:" UNKNOWN_ESCAPE },
		{ "'\\u", "1:" UNKNOWN_ESCAPE },
		{ "'\\u{", "1:" UNKNOWN_ESCAPE },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_escapes_stand_for_one_byte(void **state)
{
	static const struct row rows[] = {
		{ "'\\n\\t\\r\\b\\f'", "0:STRING[\n\t\r\b\f] 12:END" },
		{ "'\\\\'", "0:STRING[\\] 4:END" },
		{ "'\\''", "0:STRING['] 4:END" },
		{ "\"\\\"\"", "0:STRING[\"] 4:END" },
		{ "'\\\"'", "0:STRING[\"] 4:END" },
		{ "'C:\\\\\\\\x'", "0:STRING[C:\\\\x] 9:END" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_an_unknown_escape_is_shown_where_it_is(void **state)
{
	static const struct row rows[] = {
		{ "'\\x41'", "1:" UNKNOWN_ESCAPE },
		{ "'ab\\*'", "3:" UNKNOWN_ESCAPE },
		{ "a == 'b\\0'", "0:NAME[a] 2:== 7:" UNKNOWN_ESCAPE },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_a_string_without_an_end_is_shown_at_its_start(void **state)
{
	static const struct row rows[] = {
		{ "'", "0:INVALID[the string has no end on its line]" },
		{ "\"a'", "0:INVALID[the string has no end on its line]" },
		{ "a == 'b and c", "0:NAME[a] 2:== 5:INVALID[the string has no end on its line]" },
		{ "'a\nb'", "0:INVALID[the string has no end on its line]" },
		{ "'a\\'", "0:INVALID[the string has no end on its line]" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_a_backslash_at_the_very_end_leaves_the_string_open(void **state)
{
	static const struct row rows[] = {
		{ "'\\", "0:INVALID[the string has no end on its line]" },
		{ "a == 'bcd\\", "0:NAME[a] 2:== 5:INVALID[the string has no end on its line]" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_numbers_are_decimal_and_without_a_sign(void **state)
{
	static const struct row rows[] = {
		{ "0", "0:NUMBER[0] 1:END" },
		{ "42", "0:NUMBER[42] 2:END" },
		{ "-7", "0:- 1:NUMBER[7] 2:END" },
		{ "1.5", "0:NUMBER[1.5] 3:END" },
		{ ".5", "0:NUMBER[0.5] 2:END" },
		{ "1e3", "0:NUMBER[1000] 3:END" },
		{ "2.5E-1", "0:NUMBER[0.25] 6:END" },
		{ "1e+2", "0:NUMBER[100] 4:END" },
		{ "007", "0:NUMBER[7] 3:END" },
		{ "4294967296", "0:NUMBER[4294967296] 10:END" },
		{ "1,2", "0:NUMBER[1] 1:, 2:NUMBER[2] 3:END" },
		{ "1)", "0:NUMBER[1] 1:CLOSE 2:END" },
		{ "a<-1", "0:NAME[a] 1:< 2:- 3:NUMBER[1] 4:END" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_what_only_looks_like_a_number_is_none(void **state)
{
	static const struct row rows[] = {
		{ "1.", "0:INVALID[not a number]" },
		{ "1.2.3", "0:INVALID[not a number]" },
		{ " 1..2", "1:INVALID[not a number]" },
		{ "5m", "0:INVALID[not a number]" },
		{ "1e", "0:INVALID[not a number]" },
		{ "1e+", "0:INVALID[not a number]" },
		{ "0x1f", "0:INVALID[not a number]" },
		{ ".5.", "0:INVALID[not a number]" },
		{ ".", "0:INVALID[unexpected character]" },
		{ "1234567890123456789012345678901234567890123456789012345678901234",
		  "0:INVALID[the number is too long]" },
		{ "123456789012345678901234567890123456789012345678901234567890123",
		  "0:NUMBER[1.23456789e+62] 63:END" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_blanks_and_comments_separate_tokens(void **state)
{
	static const struct row rows[] = {
		{ "", "0:END" },
		{ " \t\r\n\f", "5:END" },
		{ "a // and b\n== c", "0:NAME[a] 11:== 14:NAME[c] 15:END" },
		{ "a // to the end", "0:NAME[a] 15:END" },
		{ "//", "2:END" },
		{ "a/* */b", "0:NAME[a] 6:NAME[b] 7:END" },
		{ "/**/a", "4:NAME[a] 5:END" },
		{ "/* / ** // \n */a", "15:NAME[a] 16:END" },
		{ "/* a */ // b\n /* c */", "21:END" },
		{ "// /*\na", "6:NAME[a] 7:END" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_a_comment_without_an_end_is_shown_at_its_start(void **state)
{
	static const struct row rows[] = {
		{ "/*", "0:INVALID[the comment has no end]" },
		{ "/*/", "0:INVALID[the comment has no end]" },
		{ "a  /* == b *", "0:NAME[a] 3:INVALID[the comment has no end]" },
		{ "/* a */ /* b", "8:INVALID[the comment has no end]" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_other_characters_are_invalid(void **state)
{
	static const struct row rows[] = {
		{ "a = b", "0:NAME[a] 2:INVALID['=' compares nothing here; write '==']" },
		{ "!a", "0:INVALID[unexpected character]" },
		{ "a & b", "0:NAME[a] 2:INVALID[unexpected character]" },
		{ "\\", "0:INVALID[unexpected character]" },
		{ "[a]", "0:[ 1:NAME[a] 2:INVALID[unexpected character]" },
		{ "\xc3\xa9", "0:INVALID[unexpected character]" },
		{ "\x01", "0:INVALID[unexpected character]" },
	};

	(void)state;
	ASSERT_ROWS(rows);
}

static void test_a_nul_byte_is_invalid(void **state)
{
	struct lexer lexer;
	struct token token;

	(void)state;
	lexer_init(&lexer, (struct span){ "a\0b", 3 });
	assert_int_equal(lexer_next(&lexer).type, TOKEN_NAME);
	token = lexer_next(&lexer);
	assert_int_equal(token.type, TOKEN_INVALID);
	assert_int_equal(token.offset, 1);
	lexer_free(&lexer);
}

static void test_a_token_can_be_read_again(void **state)
{
	struct lexer lexer;
	struct token first, again;

	(void)state;
	lexer_init(&lexer, span_of("  'a' == 'b'"));
	first = lexer_next(&lexer);
	lexer_next(&lexer);
	lexer_next(&lexer);
	lexer.offset = first.offset;
	again = lexer_next(&lexer);
	assert_int_equal(again.type, TOKEN_STRING);
	assert_int_equal(again.offset, 2);
	assert_string_equal(utstring_body(&lexer.string), "a");
	lexer_free(&lexer);
}

static void test_the_end_comes_again_and_again(void **state)
{
	struct lexer lexer;

	(void)state;
	lexer_init(&lexer, span_of("a "));
	assert_int_equal(lexer_next(&lexer).type, TOKEN_NAME);
	for (int i = 0; i < 3; i++) {
		struct token token = lexer_next(&lexer);

		assert_int_equal(token.type, TOKEN_END);
		assert_int_equal(token.offset, 2);
	}
	lexer_free(&lexer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols_are_the_longest_that_fit),
		cmocka_unit_test(test_names_have_letters_digits_underscores_and_dots),
		cmocka_unit_test(test_an_at_sign_begins_the_name_of_a_list),
		cmocka_unit_test(test_strings_stand_in_either_quotes),
		cmocka_unit_test(test_raw_strings_have_no_escapes),
		cmocka_unit_test(test_a_name_in_backquotes_is_no_keyword),
		cmocka_unit_test(test_characters_can_be_named_by_their_number),
		cmocka_unit_test(test_escapes_stand_for_one_byte),
		cmocka_unit_test(test_an_unknown_escape_is_shown_where_it_is),
		cmocka_unit_test(test_a_string_without_an_end_is_shown_at_its_start),
		cmocka_unit_test(test_a_backslash_at_the_very_end_leaves_the_string_open),
		cmocka_unit_test(test_numbers_are_decimal_and_without_a_sign),
		cmocka_unit_test(test_what_only_looks_like_a_number_is_none),
		cmocka_unit_test(test_blanks_and_comments_separate_tokens),
		cmocka_unit_test(test_a_comment_without_an_end_is_shown_at_its_start),
		cmocka_unit_test(test_other_characters_are_invalid),
		cmocka_unit_test(test_a_nul_byte_is_invalid),
		cmocka_unit_test(test_a_token_can_be_read_again),
		cmocka_unit_test(test_the_end_comes_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
