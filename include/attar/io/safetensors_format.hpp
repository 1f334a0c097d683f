// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <attar/core/dtype.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/checksum.hpp>

namespace attar {

static_assert(std::endian::native == std::endian::little, "attar: safetensors files are read and written in place");

/// What a safetensors file says about itself: texts by name.
using Metadata = std::map<std::string, std::string, std::less<>>;

/// The metadata that Attar adds to its files. Safetensors itself detects no change within the data; these do. A file
/// that has any key of the prefix must have all three.
namespace metadata_key {
/// How the keys of Attar begin.
inline constexpr std::string_view prefix = "attar.";
/// The version of what Attar writes, now "1".
inline constexpr std::string_view format = "attar.format";
/// The XXH64 of the header's bytes, padding included, without the 16 digits themselves.
inline constexpr std::string_view header_checksum = "attar.header_checksum";
/// The XXH64 of each tensor's data, sorted by the tensors' names, between spaces.
inline constexpr std::string_view tensor_checksums = "attar.tensor_checksums";
}  // namespace metadata_key

namespace detail {

inline constexpr std::string_view safetensors_format_version = "1";

/// An element type of the safetensors format; `dtype` is empty where Attar cannot compute with it.
struct SafetensorsType {
  std::string_view name;
  unsigned bits;
  std::optional<DType> dtype = std::nullopt;
};

/// All types of safetensors 0.8.
inline constexpr std::array safetensors_types{
    SafetensorsType{"F32", 32, DType::f32},
    SafetensorsType{"I8", 8, DType::s8},
    SafetensorsType{"I32", 32, DType::s32},
    SafetensorsType{"U8", 8, DType::u8},
    SafetensorsType{"F64", 64, DType::f64},
    SafetensorsType{"BF16", 16, DType::bf16},
    SafetensorsType{"BOOL", 8},
    SafetensorsType{"F4", 4},
    SafetensorsType{"F6_E2M3", 6},
    SafetensorsType{"F6_E3M2", 6},
    SafetensorsType{"F8_E5M2", 8},
    SafetensorsType{"F8_E4M3", 8},
    SafetensorsType{"F8_E8M0", 8},
    SafetensorsType{"F8_E4M3FNUZ", 8},
    SafetensorsType{"F8_E5M2FNUZ", 8},
    SafetensorsType{"I16", 16},
    SafetensorsType{"U16", 16},
    SafetensorsType{"F16", 16},
    SafetensorsType{"U32", 32},
    SafetensorsType{"C64", 64},
    SafetensorsType{"I64", 64},
    SafetensorsType{"U64", 64},
};

/// The type that the format calls `name`, or nullptr.
[[nodiscard]] constexpr const SafetensorsType* find_type(std::string_view name) noexcept {
  const auto found = detail::find(safetensors_types, name, &SafetensorsType::name);
  return found == safetensors_types.end() ? nullptr : &*found;
}

/// What the format calls one of our types.
[[nodiscard]] constexpr std::string_view safetensors_name(DType dtype) noexcept {
  return detail::find(safetensors_types, std::optional{dtype}, &SafetensorsType::dtype)->name;
}

/// Where in a header's text the 16 digits of its checksum stand, or npos. Within a JSON text the quotes would be
/// escaped, so only the key itself can match.
[[nodiscard]] inline std::size_t find_header_checksum(std::string_view header) {
  std::string key{'"'};
  key.append(metadata_key::header_checksum).append("\":\"");
  const std::size_t found = header.find(key);
  return found == header.npos || header.size() - found < key.size() + 16 ? header.npos : found + key.size();
}

/// The checksum of a header whose digits stand at `digits`.
[[nodiscard]] inline std::string header_checksum(std::string_view header, std::size_t digits) {
  return Checksum{}
      .add(std::as_bytes(std::span{header.substr(0, digits)}))
      .add(std::as_bytes(std::span{header.substr(digits + 16)}))
      .hex();
}

}  // namespace detail
}  // namespace attar
