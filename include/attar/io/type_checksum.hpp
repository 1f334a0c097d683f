// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <attar/io/checksum.hpp>

namespace attar {

/// 16 digits that tell types apart, template arguments included, but for lambdas of one function; the same in every
/// program of a compiler. It needs no run-time type information (-fno-rtti).
template <class T>
[[nodiscard]] std::string type_checksum() {
  const std::string_view text = __PRETTY_FUNCTION__;
  return Checksum{}.add(std::as_bytes(std::span{text})).hex();
}

}  // namespace attar
