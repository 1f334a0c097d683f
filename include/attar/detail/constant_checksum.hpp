// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace attar::detail {

inline constexpr std::uint64_t checksum_factor = 1'099'511'628'211U;  // The prime of FNV-1a.

/// The bits of a number.
template <class T>
constexpr std::uint64_t checksum_bits(const T& number) noexcept {
  if constexpr (sizeof(T) == 4) {
    return std::bit_cast<std::uint32_t>(number);
  } else {
    return number;
  }
}

/// A polynomial of the numbers' bits: any single one that changes changes it. Of a part, so that a compiler does not
/// reach its limit of steps in one evaluation.
template <class T>
constexpr std::uint64_t checksum_of_part(const T* numbers, std::size_t begin, std::size_t end) noexcept {
  std::uint64_t sum = end - begin;
  for (std::size_t i = begin; i < end; ++i) sum = sum * checksum_factor + checksum_bits(numbers[i]);
  return sum;
}

inline constexpr std::size_t checksum_part = 16'384;
constexpr std::size_t checksum_end(std::size_t begin, std::size_t size) noexcept {
  return size - begin < checksum_part ? size : begin + checksum_part;
}

/// The checksum of numbers at run time, for who writes them...
template <class T>
[[nodiscard]] std::uint64_t checksum_of(std::span<const T> numbers) noexcept {
  std::uint64_t sum = 0;
  for (std::size_t begin = 0; begin < numbers.size(); begin += checksum_part) {
    sum = sum * checksum_factor + checksum_of_part(numbers.data(), begin, checksum_end(begin, numbers.size()));
  }
  return sum;
}

template <const auto& Numbers, std::size_t Begin>
inline constexpr std::uint64_t constant_part =
    checksum_of_part(&Numbers[0], Begin, checksum_end(Begin, std::size(Numbers)));

template <const auto& Numbers, std::size_t... Parts>
constexpr std::uint64_t sum_of_parts(std::index_sequence<Parts...>) noexcept {
  std::uint64_t sum = 0;
  ((sum = sum * checksum_factor + constant_part<Numbers, Parts * checksum_part>), ...);
  return sum;
}

/// ... and of an array at compile time, for who reads them.
template <const auto& Numbers>
inline constexpr std::uint64_t constant_checksum =
    sum_of_parts<Numbers>(std::make_index_sequence<(std::size(Numbers) + checksum_part - 1) / checksum_part>{});

}  // namespace attar::detail
