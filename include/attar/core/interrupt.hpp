// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <csignal>

namespace attar {

namespace detail {

inline std::atomic<bool> interrupt_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "attar: a signal handler needs a lock-free flag");

extern "C" inline void attar_note_interrupt(int signal) {
  interrupt_requested.store(true);
  std::signal(signal, SIG_DFL);  // The second one ends the program at once.
}

}  // namespace detail

/// Makes Ctrl-C (SIGINT) and SIGTERM polite: long work stops at its next safe point with an `Error` of code
/// `interrupted`, checkpoint written. A second signal ends the program as usual. A program calls this if it wants it.
inline void stop_politely_on_signals() {
  std::signal(SIGINT, detail::attar_note_interrupt);
  std::signal(SIGTERM, detail::attar_note_interrupt);
}

/// Whether somebody asked to stop.
[[nodiscard]] inline bool interrupt_requested() noexcept {
  return detail::interrupt_requested.load();
}

}  // namespace attar
