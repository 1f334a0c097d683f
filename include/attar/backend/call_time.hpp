// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace attar {

/// How long a latency measurement lasts.
struct LatencyOptions {
  int repetitions = 1000;                   ///< At most so many calls.
  std::chrono::milliseconds at_most{2000};  ///< And about so long; at least 10 calls are made.
};

namespace detail {

/// The middle one of at least one number, which are put into another order; of an even count the larger of two.
[[nodiscard]] inline double median(std::vector<double>& numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

}  // namespace detail

/// The median time of a call in microseconds, after a tenth of that to warm up.
template <class Call>
[[nodiscard]] double median_call_us(const Call& call, LatencyOptions options = {}) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  for (int i = 0; i < options.repetitions / 10 && Clock::now() - start < options.at_most / 10; ++i) call();
  std::vector<double> times;
  for (auto begin = Clock::now(); times.size() < 10 || begin - start < options.at_most;) {
    call();
    const auto end = Clock::now();
    times.push_back(std::chrono::duration<double, std::micro>(end - begin).count());
    if (times.size() == static_cast<std::size_t>(options.repetitions)) break;
    begin = end;
  }
  return detail::median(times);
}

}  // namespace attar
