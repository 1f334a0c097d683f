// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <attar/io/file.hpp>
#include <attar/io/safetensors_format.hpp>

namespace attar {

/// How much of an untrusted file is believed; everything above is refused before memory is taken for it.
struct SafetensorsLimits {
  std::uint64_t header_bytes = 100'000'000;           ///< The limit of the original implementation.
  std::uint64_t data_bytes = std::uint64_t{8} << 30;  ///< Of all tensors together.
};

namespace detail {

/// One tensor as the header describes it: its data are the bytes [begin, end) of those that follow the header.
struct TensorDescription {
  std::string name;
  const SafetensorsType* type = nullptr;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::vector<TensorDescription> tensors;  ///< By name.
  Metadata metadata;
  bool has_metadata = false;
};

[[nodiscard]] inline std::string tensor_subject(const std::string& file, std::string_view tensor) {
  return file + ", tensor '" + printable(tensor) + "'";
}

/// Reads the header's text and checks all that can be known without the data, of which `data_bytes` follow.
[[nodiscard]] SafetensorsHeader parse_header(std::string_view text, std::uint64_t data_bytes,
                                             const std::string& subject);

}  // namespace detail
}  // namespace attar

#ifndef ATTAR_COMPILED
#include <attar/io/safetensors_header_impl.hpp>
#endif
