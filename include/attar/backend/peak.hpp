// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <string_view>
#include <type_traits>
#include <utility>

#include <attar/backend/embedded/dot.hpp>
#include <attar/backend/kernels/vector.hpp>

namespace attar {

namespace detail {

#if defined(__AVX512BF16__)
/// In bf16: two products per lane.
struct Bf16Dot {
  static constexpr int group = 2;
  static constexpr int lanes = 16;
  using Sum = Floats<lanes>;
  [[nodiscard]] static Sum add(Sum sum, Sum image, Sum weights) noexcept {
    return reinterpret_cast<Sum>(_mm512_dpbf16_ps(reinterpret_cast<__m512>(sum), reinterpret_cast<__m512bh>(image),
                                                  reinterpret_cast<__m512bh>(weights)));
  }
};
#endif

/// Independent sums, as many as the registers hold beside the factor: enough to hide how long one instruction takes.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr int peak_chains = 24;
#else
inline constexpr int peak_chains = 12;
#endif

/// A loop of nothing but `Dot`'s instruction on registers: each of the sums gains `rounds` products. Each is its own
/// factor, so that no product can be taken out of the loop; all are zero, and stay so. Not inlined, for where a call is
/// near the compiler would keep the sums in memory.
template <class Dot, int... Chain>
[[gnu::noinline]] typename Dot::Sum add_dots(int rounds, std::integer_sequence<int, Chain...>) {
  using Sum = typename Dot::Sum;
  using Number = std::remove_cvref_t<decltype(Sum{}[0])>;
  volatile Number zero = 0;  // Read for each sum anew: of equal ones the compiler would keep one.
  const Sum weights = splat<Sum>(Number{zero});
  Sum sums[] = {((void)Chain, splat<Sum>(Number{zero}))...};
  for (int i = 0; i < rounds; ++i) ((sums[Chain] = Dot::add(sums[Chain], sums[Chain], weights)), ...);
  Sum all = weights;
  ((all += sums[Chain]), ...);
  return all;
}

/// Multiply-adds a nanosecond of that loop, the best of some.
template <class Dot>
[[nodiscard]] double dots_per_ns() {
  using Clock = std::chrono::steady_clock;
  constexpr int rounds = 2000;
  double best = 0;
  for (int attempt = 0; attempt < 500; ++attempt) {
    const auto start = Clock::now();
    volatile auto used = add_dots<Dot>(rounds, std::make_integer_sequence<int, peak_chains>{})[0];
    (void)used;
    const std::chrono::duration<double, std::nano> time = Clock::now() - start;
    best = std::max(best, double{rounds} * peak_chains * Dot::group * Dot::lanes / time.count());
  }
  return best;
}

}  // namespace detail

/// Multiply-adds a nanosecond that one core of this machine can do at best in "fp32", "int8" or "bf16", measured in
/// some milliseconds by a loop of the widest instruction for it that the program was compiled for: a fused multiply-add
/// of floats, `vpdpbusd` or `sdot` of bytes, without them `vpmaddwd` and an addition; 0 where there is none (bf16 on
/// most CPUs), and for other names. The clock rate is in it, so it is a little different each time.
[[nodiscard]] inline double peak_multiply_adds_per_ns(std::string_view precision) {
  if (precision == "fp32") return detail::dots_per_ns<detail::FloatDot>();
  if (precision == "int8") return detail::dots_per_ns<detail::Int8Dot>();
#if defined(__AVX512BF16__)
  if (precision == "bf16") return detail::dots_per_ns<detail::Bf16Dot>();
#endif
  return 0;
}

}  // namespace attar
