// SPDX-License-Identifier: MIT
#pragma once

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#ifndef XXH_NO_XXH3
#define XXH_NO_XXH3  // Not used, and it would include the intrinsics of all instructions.
#endif
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <xxhash.h>

namespace attar {

/// XXH64 (Yann Collet), fed piece by piece: `Checksum{}.add(a).add(b)` equals `Checksum{}.add(a followed by b)`.
/// It finds accidental damage; it is no protection against an attacker.
class Checksum {
 public:
  Checksum() noexcept { XXH64_reset(&state_, 0); }

  // Not inlined: GCC 12 would warn of places in xxhash that a short input never reaches.
  [[gnu::noinline]] Checksum& add(std::span<const std::byte> bytes) noexcept {
    if (!bytes.empty()) XXH64_update(&state_, bytes.data(), bytes.size());
    return *this;
  }
  /// Adds the bytes of one number, a size for example, so that pieces cannot run into each other unnoticed.
  Checksum& add(std::uint64_t number) noexcept {
    return add({reinterpret_cast<const std::byte*>(&number), sizeof(number)});
  }

  [[nodiscard]] std::uint64_t value() const noexcept { return XXH64_digest(&state_); }
  /// The value as 16 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex() const {
    std::uint64_t rest = value();
    std::string digits(16, '0');
    for (std::size_t i = digits.size(); i-- > 0; rest >>= 4) digits[i] = "0123456789abcdef"[rest & 15];
    return digits;
  }

 private:
  XXH64_state_t state_;
};

}  // namespace attar
