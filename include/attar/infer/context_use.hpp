// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

/// Mistakes with contexts that no type can rule out are found where the program is compiled without NDEBUG, as those
/// that `assert` finds. With NDEBUG nothing is looked at; the numbers are there in any case, for no macro may change
/// what a class looks like.
namespace attar::detail {

/// Tells the engines of a program apart; copies and moved ones have the number of their origin.
class EngineNumber {
 public:
  EngineNumber() noexcept : number_{next().fetch_add(1, std::memory_order_relaxed)} {}
  [[nodiscard]] unsigned value() const noexcept { return number_; }

 private:
  static std::atomic<unsigned>& next() noexcept {
    static constinit std::atomic<unsigned> number{0};
    return number;
  }
  unsigned number_;
};

/// What a context knows of its use.
struct ContextUse {
  unsigned engine = 0;  ///< That made it.
  unsigned calls = 0;   ///< That are using it now.
};

/// A call that uses a context, while it lives. Prints a sentence and aborts the program where `engine` did not make the
/// context, or where another call is using it.
class [[nodiscard]] ContextCall {
 public:
#ifdef NDEBUG
  ContextCall(ContextUse&, const EngineNumber&) noexcept {}
#else
  ContextCall(ContextUse& use, const EngineNumber& engine) noexcept : use_{use} {
    if (use.engine != engine.value()) {
      fail("attar: a context was used with an engine that did not make it: each engine needs contexts of its own\n");
    }
    if (std::atomic_ref<unsigned>{use.calls}.exchange(1, std::memory_order_acquire) != 0) {
      fail("attar: a context was used by two threads at once: each thread needs one of its own\n");
    }
  }
  ~ContextCall() { std::atomic_ref<unsigned>{use_.calls}.store(0, std::memory_order_release); }
#endif
  ContextCall(const ContextCall&) = delete;
  ContextCall& operator=(const ContextCall&) = delete;

 private:
#ifndef NDEBUG
  [[noreturn]] static void fail(const char* sentence) noexcept {
    std::fputs(sentence, stderr);
    std::abort();
  }
  ContextUse& use_;
#endif
};

}  // namespace attar::detail
