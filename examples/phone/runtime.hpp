// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

/// What the program wants of the operating system.
namespace phone {

inline constexpr long standard_output = 1;
inline constexpr long standard_error = 2;

/// Fills `bytes` from the standard input; false where it ends before.
bool read(std::span<std::byte> bytes) noexcept;

/// Writes all of `bytes`; false where that fails.
bool write(long file, std::span<const std::byte> bytes) noexcept;

}  // namespace phone
