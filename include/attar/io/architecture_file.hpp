// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/file.hpp>
#include <attar/model/cost.hpp>
#include <attar/model/description.hpp>
#include <attar/model/narrowed_network.hpp>
#include <attar/model/spelled_text.hpp>
#include <attar/model/spelling.hpp>

namespace attar {

/// How an architecture is written to a header.
struct ArchitectureHeader {
  std::string name = "Architecture";  ///< What the type is called.
};

namespace detail {

inline constexpr std::array<std::string_view, 94> cpp_keywords{
    "alignas",     "alignof",  "and",        "and_eq",    "asm",       "auto",         "bitand",
    "bitor",       "bool",     "break",      "case",      "catch",     "char",         "char16_t",
    "char32_t",    "char8_t",  "class",      "co_await",  "co_return", "co_yield",     "compl",
    "concept",     "const",    "const_cast", "consteval", "constexpr", "constinit",    "continue",
    "decltype",    "default",  "delete",     "do",        "double",    "dynamic_cast", "else",
    "enum",        "explicit", "export",     "extern",    "false",     "float",        "for",
    "friend",      "goto",     "if",         "inline",    "int",       "long",         "mutable",
    "namespace",   "new",      "noexcept",   "not",       "not_eq",    "nullptr",      "operator",
    "or",          "or_eq",    "private",    "protected", "public",    "register",     "reinterpret_cast",
    "requires",    "return",   "short",      "signed",    "sizeof",    "static",       "static_assert",
    "static_cast", "struct",   "switch",     "template",  "this",      "thread_local", "throw",
    "true",        "try",      "typedef",    "typeid",    "typename",  "union",        "unsigned",
    "using",       "virtual",  "void",       "volatile",  "wchar_t",   "while",        "xor",
    "xor_eq",      "attar",    "main"};

/// Whether a type of the user's may have that name: reserved names and that of the library's namespace are none.
inline bool is_identifier(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name[0]) && name.find("__") == std::string_view::npos &&
         detail::all_of(name, [&](char c) { return letter(c) || digit(c) || c == '_'; }) &&
         detail::find(cpp_keywords, name) == cpp_keywords.end();
}

inline void require_identifier(const std::string& name) {
  if (is_identifier(name)) return;
  raise(Error{ErrorCode::invalid_argument, "name in a header", "a C++ identifier", '"' + name + '"'});
}

/// How a generated header begins.
inline std::string cost_comment(const Program& program) {
  const Cost cost = cost_of(program);
  return "// Written by Attar. " + std::to_string(cost.parameters) + " parameters, " +
         std::to_string(cost.multiply_adds) + " multiply-adds per image, " + std::to_string(cost.bytes) +
         " bytes as fp32.\n#pragma once\n\n";
}

/// The headers of the library that a generated one needs, where they are not all in one file (`attar_infer.hpp`).
inline std::string include_text(std::initializer_list<std::string_view> headers) {
  std::string text = "#ifndef ATTAR_INFER_HPP\n";
  for (const std::string_view header : headers) text.append("#include <attar/").append(header).append(">\n");
  return text + "#endif\n";
}

/// An architecture with a name, and a check that it is the right one.
inline std::string alias_text(const Spelled& architecture, const Program& program, const std::string& name) {
  return "using " + name + " = " + to_lines(architecture) + ";\n\nstatic_assert(" + name +
         "::program.fingerprint == 0x" + fingerprint_text(program) + "U,\n              \"" + name +
         " is not the architecture that this file was written for\");\n";
}

inline void write_header(const Spelled& architecture, const Program& program, const std::string& path,
                         const ArchitectureHeader& header) {
  require_identifier(header.name);
  write_file_atomically(path, cost_comment(program) + include_text({"model/sequential.hpp"}) + '\n' +
                                  alias_text(architecture, program, header.name));
}

}  // namespace detail

/// Writes an architecture as a header: `using Student = attar::Sequential<...>;`, with what it costs in a comment. The
/// header is checked by its compiler against the architecture's fingerprint. The file is replaced in one step or not at
/// all. Throws `Error`: `invalid_argument` where the name is no identifier, `file_not_found` or `file_access`.
///
///     write_architecture<Student>("student.hpp", {.name = "Student"});
template <Architecture A>
void write_architecture(const std::string& path, const ArchitectureHeader& header = {}) {
  detail::write_header(spell_architecture<A>(), A::program, path, header);
}

/// The same for an architecture whose widths were found at run time. The file that `save` writes of the network is one
/// of a `Network` of that type.
///
///     write_architecture(narrowed, "student.hpp", {.name = "Student"});
///     save(narrowed, "student.safetensors");
template <Architecture A, class Scalar>
void write_architecture(const NarrowedNetwork<A, Scalar>& network, const std::string& path,
                        const ArchitectureHeader& header = {}) {
  detail::write_header(spell_architecture<A>(network.widths()), network.program, path, header);
}

}  // namespace attar
