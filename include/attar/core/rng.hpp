// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

namespace attar {

/// The seed of a run, a named wrapper so that a bare number is never mistaken for it.
struct Seed {
  std::uint64_t value = 0;
};

/// Philox4x32-10, a counter-based generator (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
///
/// A sequence is named by (seed, stream): two streams of a seed are independent, so every image of every epoch can
/// have its own, whichever thread draws from it. The values are the same with every compiler and standard library.
///
///     Rng rng{Seed{1}, 42};
///     float x = rng.uniform();
class Rng {
 public:
  explicit constexpr Rng(Seed seed, std::uint64_t stream = 0) noexcept : seed_{seed.value}, stream_{stream} {}

  /// 32 uniformly distributed bits.
  constexpr std::uint32_t bits() noexcept {
    if (used_ == block_.size()) {
      block_ = philox(counter_++);
      used_ = 0;
    }
    return block_[used_++];
  }

  /// A number in [0, 1) with 24 random bits, exact in float.
  constexpr float uniform() noexcept { return static_cast<float>(bits() >> 8) * 0x1p-24F; }

  /// An integer in [0, bound); `bound` must be positive. Unbiased (Lemire 2019, by rejection).
  constexpr std::uint32_t below(std::uint32_t bound) noexcept {
    const std::uint32_t threshold = (0U - bound) % bound;
    for (;;) {
      const std::uint64_t product = std::uint64_t{bits()} * bound;
      if (static_cast<std::uint32_t>(product) >= threshold) return static_cast<std::uint32_t>(product >> 32);
    }
  }

  /// A sample of the standard normal distribution (Box and Muller 1958).
  float normal() noexcept {
    const float radius = std::sqrt(-2.0F * std::log(1.0F - uniform()));
    return radius * std::cos(2.0F * std::numbers::pi_v<float> * uniform());
  }

  /// Puts the items into a uniformly random order (Fisher and Yates).
  template <class T>
  constexpr void shuffle(std::span<T> items) noexcept {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(static_cast<std::uint32_t>(i))]);
  }

 private:
  using Block = std::array<std::uint32_t, 4>;

  [[nodiscard]] constexpr Block philox(std::uint64_t counter) const noexcept {
    Block x{static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32),
            static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)};
    auto key0 = static_cast<std::uint32_t>(seed_);
    auto key1 = static_cast<std::uint32_t>(seed_ >> 32);
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t product0 = std::uint64_t{0xD2511F53U} * x[0];
      const std::uint64_t product1 = std::uint64_t{0xCD9E8D57U} * x[2];
      x = {static_cast<std::uint32_t>(product1 >> 32) ^ x[1] ^ key0, static_cast<std::uint32_t>(product1),
           static_cast<std::uint32_t>(product0 >> 32) ^ x[3] ^ key1, static_cast<std::uint32_t>(product0)};
      key0 += 0x9E3779B9U;
      key1 += 0xBB67AE85U;
    }
    return x;
  }

  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t counter_ = 0;
  Block block_{};
  std::size_t used_ = 4;
};

}  // namespace attar
