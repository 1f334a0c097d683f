// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace attar::detail {

/// Words of 8 bytes that hold so many bytes, at least one, for an array cannot be empty.
[[nodiscard]] constexpr std::size_t constant_words(std::size_t bytes) noexcept {
  return std::max<std::size_t>((bytes + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t), 1);
}

/// The length of an array of so many numbers.
[[nodiscard]] constexpr std::size_t constant_length(std::size_t numbers) noexcept {
  return std::max<std::size_t>(numbers, 1);
}

}  // namespace attar::detail
