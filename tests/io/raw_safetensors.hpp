// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace attar::test {

/// The bytes of a file with that header, whatever it is, and a true length in front.
[[nodiscard]] inline std::string raw_file(std::string_view header, std::string_view data = "",
                                          std::int64_t length_error = 0) {
  const auto length = static_cast<std::uint64_t>(static_cast<std::int64_t>(header.size()) + length_error);
  const auto prefix = std::bit_cast<std::array<char, 8>>(length);
  return std::string{prefix.data(), prefix.size()} + std::string{header} + std::string{data};
}

/// One tensor of a header: "name":{...}.
[[nodiscard]] inline std::string raw_tensor(std::string_view name, std::string_view dtype, std::string_view shape,
                                            std::string_view offsets) {
  std::string text = "\"";
  text.append(name).append(R"(":{"dtype":")").append(dtype).append(R"(","shape":[)").append(shape);
  return text.append(R"(],"data_offsets":[)").append(offsets).append("]}");
}

}  // namespace attar::test
