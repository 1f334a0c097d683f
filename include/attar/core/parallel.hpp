// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace attar {

namespace detail {

/// Items [begin, end) of some.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend constexpr bool operator==(const Range&, const Range&) = default;
};

/// The place of a thread among the `count` threads of a team, which all call the same functions: the loops in there are
/// divided among them. A team of one does all of them on its thread.
struct TeamPlace {
  std::size_t thread = 0;
  std::size_t count = 1;

  /// The items that are this thread's.
  [[nodiscard]] constexpr Range part_of(std::size_t items) const noexcept {
    if (count == 1) return {0, items};
    return {items * thread / count, items * (thread + 1) / count};
  }
};

#if defined(_OPENMP) || defined(_REENTRANT)
/// Whether the program is compiled for threads (-fopenmp, -pthread). One that is not may have nothing thread-local,
/// which needs a C library.
inline constexpr bool has_threads = true;
inline constinit thread_local const TeamPlace* place_of_thread = nullptr;
[[nodiscard]] inline const TeamPlace* own_place() noexcept {
  return place_of_thread;
}
inline void set_own_place(const TeamPlace* place) noexcept {
  place_of_thread = place;
}
#else
inline constexpr bool has_threads = false;
[[nodiscard]] inline const TeamPlace* own_place() noexcept {
  return nullptr;
}
inline void set_own_place(const TeamPlace*) noexcept {}
#endif

/// Makes this thread one of a team while it lives, without a word to OpenMP, which allocates when a thread first tells
/// it a number. Where the threads must wait for each other is up to them.
class TeamScope {
 public:
  explicit TeamScope(const TeamPlace& place) noexcept : place_{place}, before_{own_place()} { set_own_place(&place_); }
  TeamScope(const TeamScope&) = delete;
  TeamScope& operator=(const TeamScope&) = delete;
  ~TeamScope() { set_own_place(before_); }

 private:
  TeamPlace place_;
  const TeamPlace* before_;
};

/// The items that are this thread's: all of them where it is in no team.
[[nodiscard]] inline Range own_part(std::size_t items) noexcept {
  const TeamPlace* const place = own_place();
  return place == nullptr ? Range{0, items} : place->part_of(items);
}

/// Numbers of which a thread should get at least so many: `numbers` where it must be started for that, fewer where it
/// runs already.
[[nodiscard]] inline std::size_t worth_a_thread(std::size_t numbers) noexcept {
  return own_place() == nullptr ? numbers : numbers / 64;
}

}  // namespace detail

/// How many threads a parallel loop started by this thread uses; 1 where the program is built without OpenMP, and in a
/// team (`detail::TeamScope`), whose threads do not start others.
[[nodiscard]] inline int thread_count() noexcept {
#ifdef _OPENMP
  return detail::own_place() != nullptr ? 1 : omp_get_max_threads();
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

namespace detail {

/// Calls `body(place)` on `threads` threads at once, or fewer where OpenMP gives fewer. `body` must not throw.
template <class Body>
void on_threads([[maybe_unused]] int threads, const Body& body) {
#ifdef _OPENMP
#pragma omp parallel num_threads(threads)
  body(TeamPlace{static_cast<std::size_t>(omp_get_thread_num()), static_cast<std::size_t>(omp_get_num_threads())});
#else
  body(TeamPlace{});
#endif
}

}  // namespace detail

/// Calls `body(begin, end, thread)` for a division of [0, count) into at most `thread_count()` contiguous ranges; in a
/// team for the range of this thread alone. The division depends on the count and the number of threads alone, so
/// results are reproducible. `body` must not throw.
template <class Body>
void parallel_ranges(std::size_t count, Body&& body) {
  const auto call = [&](detail::Range part, std::size_t thread) {
    if (part.begin < part.end) body(part.begin, part.end, thread);
  };
#ifdef _OPENMP
  const int threads = thread_count();
  if (threads > 1 && count > 1) {
    detail::on_threads(threads, [&](detail::TeamPlace place) { call(place.part_of(count), place.thread); });
    return;
  }
#endif
  call(detail::own_part(count), 0);
}

/// Calls `body(i)` for every i in [0, count), on several threads. `body` must not throw.
template <class Body>
void parallel_for(std::size_t count, Body&& body) {
  parallel_ranges(count, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) body(i);
  });
}

}  // namespace attar
