// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace attar {

namespace detail {

#ifdef _OPENMP
inline constinit thread_local bool loops_are_serial = false;
#endif

/// Keeps the loops of this thread on this thread while it lives, without a word to OpenMP, which allocates when a
/// thread first tells it a number.
class SerialScope {
#ifdef _OPENMP
 public:
  SerialScope() noexcept : before_{loops_are_serial} { loops_are_serial = true; }
  SerialScope(const SerialScope&) = delete;
  SerialScope& operator=(const SerialScope&) = delete;
  ~SerialScope() { loops_are_serial = before_; }

 private:
  bool before_;
#endif
};

}  // namespace detail

/// How many threads a parallel loop started by this thread uses; 1 where the program is built without OpenMP.
[[nodiscard]] inline int thread_count() noexcept {
#ifdef _OPENMP
  return detail::loops_are_serial ? 1 : omp_get_max_threads();
#else
  return 1;
#endif
}

/// Sets the number of threads of the loops (and of oneDNN, which shares the OpenMP pool) started by this thread.
inline void set_thread_count([[maybe_unused]] int threads) noexcept {
#ifdef _OPENMP
  omp_set_num_threads(threads);
#endif
}

/// Calls `body(begin, end, thread)` for a division of [0, count) into at most `thread_count()` contiguous ranges. The
/// division depends on the count and the number of threads alone, so results are reproducible. `body` must not throw.
template <class Body>
void parallel_ranges(std::size_t count, Body&& body) {
#ifdef _OPENMP
  const auto threads = static_cast<std::size_t>(thread_count());
  if (threads > 1 && count > 1) {
#pragma omp parallel num_threads(static_cast<int>(threads))
    {
      const auto thread = static_cast<std::size_t>(omp_get_thread_num());
      const auto team = static_cast<std::size_t>(omp_get_num_threads());
      const std::size_t begin = count * thread / team;
      const std::size_t end = count * (thread + 1) / team;
      if (begin < end) body(begin, end, thread);
    }
    return;
  }
#endif
  if (count > 0) body(std::size_t{0}, count, std::size_t{0});
}

/// Calls `body(i)` for every i in [0, count), on several threads. `body` must not throw.
template <class Body>
void parallel_for(std::size_t count, Body&& body) {
  parallel_ranges(count, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) body(i);
  });
}

}  // namespace attar
