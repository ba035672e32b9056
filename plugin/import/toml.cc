/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "import/toml.h"

#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string_view>

/* What toml++ asserts, or calls unreachable, it does not always check before: "[&" is enough to end
 * the process, or worse, in releases up to 3.4. So where that happens, the file is at fault. */
[[noreturn]] static void refuse()
{
	throw std::logic_error("malformed in a way that toml++ has no words for");
}

static constexpr void check(bool holds)
{
	if (!holds)
		refuse();
}

/* From the headers alone, so that nothing but the C++ library is needed at run time. */
#undef NDEBUG
#undef TOML_SHARED_LIB
#undef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY       1
#define TOML_EXCEPTIONS	       1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES TOML_MAX_DEPTH
#define TOML_ASSERT(expr)      check(static_cast<bool>(expr))

#if __has_include(<toml++/impl/forward_declarations.hpp>)
#include <toml++/impl/forward_declarations.hpp>
#else
#include <toml++/impl/forward_declarations.h>
#endif
#undef TOML_UNREACHABLE

/* Whether U+00E9 is a blank it calls unreachable too, and there it is the library's fault. It isn't
 * one. */
#define TOML_UNREACHABLE return false
#if __has_include(<toml++/impl/unicode.hpp>)
#include <toml++/impl/unicode.hpp>
#else
#include <toml++/impl/unicode.h>
#endif
#undef TOML_UNREACHABLE

#define TOML_UNREACHABLE refuse()
#include <toml++/toml.h>

struct toml_file {
	toml::table root;
};

static const toml::node *node_of(const struct toml_node *node)
{
	return reinterpret_cast<const toml::node *>(node);
}

static const struct toml_node *face_of(const toml::node *node)
{
	return reinterpret_cast<const struct toml_node *>(node);
}

static struct toml_place place_of(const toml::source_region &source)
{
	return { static_cast<int>(source.begin.line), static_cast<int>(source.begin.column) };
}

static struct toml_file *fail(struct toml_error *error, struct toml_place place,
			      std::string_view text)
{
	error->place = place;
	std::snprintf(error->text, sizeof(error->text), "%.*s", static_cast<int>(text.size()),
		      text.data());
	return nullptr;
}

/* Memory that is not there ends the process, as everywhere else. */
struct toml_file *toml_open(const char *text, size_t length, struct toml_error *error)
{
	try {
		return new toml_file{ toml::parse(std::string_view(text, length)) };
	} catch (const toml::parse_error &failure) {
		return fail(error, place_of(failure.source()), failure.description());
	} catch (const std::bad_alloc &) {
		std::fputs("auspawn: out of memory\n", stderr);
		std::exit(1);
	} catch (const std::exception &failure) {
		return fail(error, { 0, 0 }, failure.what());
	}
}

void toml_close(struct toml_file *file)
{
	delete file;
}

const struct toml_node *toml_root(const struct toml_file *file)
{
	return face_of(&file->root);
}

const struct toml_node *toml_member(const struct toml_node *table, const char *name)
{
	const toml::table *of = table ? node_of(table)->as_table() : nullptr;

	return of ? face_of(of->get(name)) : nullptr;
}

bool toml_is_table(const struct toml_node *node)
{
	return node_of(node)->is_table();
}

bool toml_is_array(const struct toml_node *node)
{
	return node_of(node)->is_array();
}

size_t toml_elements(const struct toml_node *array)
{
	const toml::array *of = array ? node_of(array)->as_array() : nullptr;

	return of ? of->size() : 0;
}

const struct toml_node *toml_element(const struct toml_node *array, size_t index)
{
	const toml::array *of = array ? node_of(array)->as_array() : nullptr;

	return of ? face_of(of->get(index)) : nullptr;
}

bool toml_string(const struct toml_node *node, const char **text, size_t *length)
{
	const toml::value<std::string> *string = node_of(node)->as_string();

	if (!string)
		return false;
	*text = string->get().data();
	*length = string->get().size();
	return true;
}

bool toml_integer(const struct toml_node *node, int64_t *number)
{
	const toml::value<int64_t> *integer = node_of(node)->as_integer();

	if (!integer)
		return false;
	*number = integer->get();
	return true;
}

struct toml_place toml_place_of(const struct toml_node *node)
{
	return place_of(node_of(node)->source());
}
