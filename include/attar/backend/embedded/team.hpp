// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

#include <sched.h>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>

/// Threads that share the work of one batch. Where a batch has at least as many images as there are threads, each
/// computes whole images, one after the other as long as there are some (`ImageQueue`). Where it has fewer, some
/// threads, a team, compute each image together: all call the same steps, divide the loops of each (`TeamScope`), and
/// wait for each other behind it.
namespace attar::detail {

/// Where the threads of a team wait for each other. They hardly ever wait long, so they look again and again for some
/// microseconds before they let other threads run. All that a thread wrote is seen by the others behind it. It begins
/// as zeros, which a buffer has.
class TeamBarrier {
 public:
  /// Returns when `count` threads have called it, always the same ones.
  void wait(std::size_t count) noexcept {
    if constexpr (has_threads) {
      if (count > 1) wait_for_others(static_cast<unsigned>(count));
    }
  }

 private:
  static constexpr int looks = 200;

  [[gnu::noinline]] void wait_for_others(unsigned count) noexcept {
    std::atomic_ref<unsigned> arrived{arrived_};
    std::atomic_ref<unsigned> round{round_};
    const unsigned mine = round.load(std::memory_order_relaxed);
    if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == count) {
      arrived.store(0, std::memory_order_relaxed);
      round.store(mine + 1, std::memory_order_release);
      return;
    }
    for (int look = 0; round.load(std::memory_order_acquire) == mine; ++look) {
      if (look < looks) {
        pause();
      } else {
        sched_yield();  // There may be more threads than CPUs.
      }
    }
  }

  static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || (defined(__ARM_ARCH) && __ARM_ARCH >= 7)
    asm volatile("yield");
#endif
  }

  // Threads that look for the next round are not disturbed by those that arrive.
  alignas(buffer_alignment) unsigned arrived_;
  alignas(buffer_alignment) unsigned round_;
};

/// Hands out the images of a batch to threads, to each the next one when it asks. CPUs are seldom equally fast: a core
/// may be a slower one, or shared with another program; threads with equal parts would all wait for the slowest. It
/// begins as zeros, which a buffer has, and is so again when every thread has been told that no image is left.
class ImageQueue {
 public:
  /// The next image of `batch`, or a number that is no image where `count` threads have taken them all. Each of them
  /// asks until then.
  [[nodiscard]] std::size_t take(std::size_t batch, std::size_t count) noexcept {
    std::atomic_ref<std::size_t> taken{taken_};
    const std::size_t image = taken.fetch_add(1, std::memory_order_relaxed);
    if (image + 1 == batch + count) taken.store(0, std::memory_order_relaxed);
    return image;
  }

 private:
  alignas(buffer_alignment) std::size_t taken_;
};

/// A thread of a team at work.
struct TeamMember {
  TeamPlace place;
  TeamBarrier* barrier;
  std::byte* values;      ///< The team's: feature maps of an image.
  std::byte* scratchpad;  ///< The thread's own.

  [[nodiscard]] bool first() const noexcept { return place.thread == 0; }
  void wait() const noexcept { barrier->wait(place.count); }
};

/// Has one thread of a team do what cannot be divided; the others wait for it.
template <class Body>
void by_first(const TeamMember& member, const Body& body) noexcept {
  if (member.first()) {
    const TeamScope alone{{}};
    body();
  }
  member.wait();
}

/// How the images of a batch are divided among threads, and what these write meanwhile.
struct TeamPlan {
  std::size_t batch;
  std::size_t threads;
  std::size_t values_bytes;
  std::size_t scratchpad_bytes;  ///< Of a thread; both are multiples of `buffer_alignment`.

  [[nodiscard]] std::size_t teams() const noexcept { return std::min(batch, threads); }
  [[nodiscard]] std::size_t queues() const noexcept { return threads > 1 ? 1 : 0; }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return queues() * sizeof(ImageQueue) + teams() * (sizeof(TeamBarrier) + values_bytes) + threads * scratchpad_bytes;
  }
};

/// What the threads write.
class TeamMemory {
 public:
  TeamMemory() = default;
  explicit TeamMemory(const TeamPlan& plan)
      : queue_{plan.queues()},
        barriers_{plan.teams()},
        bytes_{plan.teams() * plan.values_bytes + plan.threads * plan.scratchpad_bytes} {}

  /// The member of team number `team` at a place in it that is thread number `thread` of all.
  [[nodiscard]] TeamMember member(const TeamPlan& plan, std::size_t team, TeamPlace place,
                                  std::size_t thread) noexcept {
    std::byte* const scratchpads = bytes_.data() + plan.teams() * plan.values_bytes;
    return {place, &barriers_[team], bytes_.data() + team * plan.values_bytes,
            scratchpads + thread * plan.scratchpad_bytes};
  }
  /// That of more threads than one.
  [[nodiscard]] ImageQueue& queue() noexcept { return queue_[0]; }

 private:
  AlignedBuffer<ImageQueue> queue_;
  AlignedBuffer<TeamBarrier> barriers_;
  AlignedBuffer<std::byte> bytes_;
};

/// Calls `body(image, member)` for the images that this thread, one of `count`, gets.
template <class Body>
void take_images(const TeamPlan& plan, ImageQueue& queue, const TeamMember& member, std::size_t count,
                 const Body& body) noexcept(noexcept(body(std::size_t{0}, TeamMember{}))) {
  const auto next = [&] { return queue.take(plan.batch, count); };
  for (std::size_t image = next(); image < plan.batch; image = next()) body(image, member);
}

/// What one of the threads has to do, that at `place` among all: calls `body(image, member)` for its images, one after
/// the other. All threads call it, and all have returned before one does it again with the same memory.
template <class Body>
[[gnu::noinline]] void do_images(const TeamPlan& plan, TeamMemory& memory, TeamPlace place,
                                 const Body& body) noexcept(noexcept(body(std::size_t{0}, TeamMember{}))) {
  const std::size_t teams = std::min(plan.batch, place.count);
  const std::size_t team = place.thread * teams / place.count;
  const auto first_thread = [&](std::size_t of_team) { return (of_team * place.count + teams - 1) / teams; };
  const std::size_t first = first_thread(team);
  const TeamMember member =
      memory.member(plan, team, {place.thread - first, first_thread(team + 1) - first}, place.thread);
  const TeamScope scope{member.place};
  if (plan.batch < place.count) return body(team, member);
  if constexpr (has_threads) {
    if (place.count > 1) return take_images(plan, memory.queue(), member, place.count, body);
  }
  for (std::size_t image = 0; image < plan.batch; ++image) body(image, member);
}

/// Has all threads do so.
template <class Body>
void for_images(const TeamPlan& plan, TeamMemory& memory,
                const Body& body) noexcept(noexcept(body(std::size_t{0}, TeamMember{}))) {
  const auto work = [&](TeamPlace place) { do_images(plan, memory, place, body); };
  if (plan.threads == 1) return work({});
  on_threads(static_cast<int>(plan.threads), work);
}

}  // namespace attar::detail
