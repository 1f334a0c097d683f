// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

namespace attar {

/// Where a run stands. `total` is the number of images (or what else is counted) of all epochs together.
struct ProgressState {
  std::string_view label;
  std::size_t done = 0;
  std::size_t resumed_at = 0;  ///< How many were done in an earlier run, which says nothing about the speed of this.
  std::size_t total = 1;
  std::size_t epochs = 1;
  double loss = 0.0;
  double accuracy = 0.0;             ///< In [0, 1]; NaN for work that has none.
  double seconds = 0.0;              ///< Since the start.
  std::string_view unit = "images";  ///< What is counted.
};

namespace detail {

template <class... Numbers>
std::string print_number(const char* format, Numbers... numbers) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, numbers...);
  return text.data();
}

/// "0:07", "12:34", "1:02:03".
inline std::string duration(double seconds) {
  if (!(seconds < 3600.0 * 1000.0)) return "?";
  const auto whole = static_cast<int>(std::lround(seconds));
  if (whole < 3600) return print_number("%d:%02d", whole / 60, whole % 60);
  return print_number("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
}

/// The parts of a line: what runs and how far it is, loss, accuracy, speed, time.
inline std::array<std::string, 5> progress_parts(const ProgressState& state) {
  const auto left = static_cast<double>(state.total - std::min(state.done, state.total));
  const double speed = state.seconds > 0.0 ? static_cast<double>(state.done - state.resumed_at) / state.seconds : 0.0;
  const std::size_t epoch = std::min(state.epochs, state.done * state.epochs / state.total + 1);
  std::string head{state.label};
  head += ' ';
  head += std::to_string(epoch);
  head += '/';
  head += std::to_string(state.epochs);
  std::string time = state.done < state.total ? duration(left / speed) : duration(state.seconds);
  state.done < state.total ? time.append(" left") : time.insert(0, "in ");
  std::string per_second = print_number("%.0f ", speed);
  per_second.append(state.unit).append("/s");
  return {std::move(head), print_number("loss %.4f", state.loss),
          std::isnan(state.accuracy) ? "" : print_number("accuracy %.2f %%", 100.0 * state.accuracy),
          std::move(per_second), std::move(time)};
}

/// The width of the terminal behind stderr, 80 where it does not say.
inline int terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}
inline bool environment_has(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}
inline bool stderr_is_terminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && kind != nullptr && std::string_view{kind} != "dumb";
}

}  // namespace detail

/// The state as a line of text: "student 3/8, loss 0.2130, accuracy 92.41 %, 5120 images/s, 1:12 left".
[[nodiscard]] inline std::string progress_text(const ProgressState& state) {
  std::string line;
  for (const std::string& part : detail::progress_parts(state)) {
    if (!part.empty()) line.append(line.empty() ? "" : ", ").append(part);
  }
  return line;
}

/// The state as a bar with text that fits into `columns` columns, without control characters except for colors:
/// "student 3/8 [=======       ]  loss 0.2130  accuracy 92.41 %  5120 images/s  1:12 left". Where that is too long,
/// speed, accuracy, loss and time are left out in this order; the bar takes the room that is left, if it is enough for
/// one.
[[nodiscard]] inline std::string progress_bar(const ProgressState& state, int columns, bool color) {
  constexpr std::size_t least_bar = 8;
  constexpr std::size_t most_bar = 40;
  auto parts = detail::progress_parts(state);
  const auto room = static_cast<std::size_t>(std::max(columns, 0));
  const auto width = [&] {
    std::size_t sum = parts[0].size();
    for (std::size_t i = 1; i < parts.size(); ++i) sum += parts[i].empty() ? 0 : parts[i].size() + 2;
    return sum;
  };
  for (const std::size_t least_needed : {3U, 2U, 1U, 4U}) {
    if (width() > room) parts[least_needed].clear();
  }
  std::string line = parts[0].substr(0, room);
  if (room >= width() + least_bar + 3) {
    const std::size_t bar = std::min(most_bar, room - width() - 3);
    const std::size_t filled = bar * std::min(state.done, state.total) / state.total;
    line += color ? " [\x1b[32m" : " [";
    line.append(filled, '=').append(color ? "\x1b[0m" : "").append(bar - filled, ' ') += ']';
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (!parts[i].empty()) line.append("  ").append(parts[i]);
  }
  return line;
}

/// Where and how often progress is shown. The defaults look at stderr and the environment (`NO_COLOR`, `TERM`).
struct ProgressOptions {
  std::ostream* out = &std::cerr;
  bool terminal = detail::stderr_is_terminal();       ///< A bar in one line that is drawn again; else lines of text.
  bool color = !detail::environment_has("NO_COLOR");  ///< Of the bar.
  int columns = 0;                                    ///< 0 asks the terminal behind stderr each time.
  std::chrono::milliseconds redraw_after{100};        ///< Between two drawings of the bar.
  std::chrono::milliseconds line_after{15'000};       ///< Between two lines of text.
};

/// Shows how a run goes: a bar on a terminal, otherwise a line now and then, and a last line at the end.
///
///     Progress progress{"student", epochs * loader.images(), epochs};
///     progress.update(batch.size(), loss, accuracy);
///     progress.finish();
class Progress {
 public:
  Progress(std::string label, std::size_t total, std::size_t epochs, const ProgressOptions& options = {},
           std::string_view unit = "images")
      : label_{std::move(label)}, options_{options} {
    state_.unit = unit;
    state_.total = std::max<std::size_t>(total, 1);
    state_.epochs = std::max<std::size_t>(epochs, 1);
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Leaves the bar's line, so that what is printed next (an error, for one) begins on its own.
  ~Progress() {
    if (drawn_) *options_.out << '\n' << std::flush;
  }

  /// The run begins after `images` that an earlier one has done. Call it before the first update.
  void resume(std::size_t images) { state_.done = state_.resumed_at = images; }

  /// `images` more are done; `loss` and `accuracy` (in [0, 1], or NaN) are those to show.
  void update(std::size_t images, double loss, double accuracy) {
    state_.done += images;
    state_.loss = loss;
    state_.accuracy = accuracy;
    const Clock::time_point now = Clock::now();
    if (now - shown_ < (options_.terminal ? options_.redraw_after : options_.line_after)) return;
    shown_ = now;
    show(now);
  }

  /// Shows the last state for good. More calls do nothing.
  void finish() {
    if (std::exchange(finished_, true)) return;
    show(Clock::now());
    if (std::exchange(drawn_, false)) *options_.out << '\n' << std::flush;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void show(Clock::time_point now) {
    state_.label = label_;
    state_.seconds = std::chrono::duration<double>(now - start_).count();
    if (options_.terminal) {
      const int columns = options_.columns > 0 ? options_.columns : detail::terminal_columns();
      // The last column stays free, or some terminals begin a new line.
      *options_.out << '\r' << progress_bar(state_, columns - 1, options_.color) << "\x1b[K" << std::flush;
      drawn_ = true;
    } else {
      *options_.out << progress_text(state_) << '\n' << std::flush;
    }
  }

  std::string label_;
  ProgressOptions options_;
  ProgressState state_{};
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
  bool drawn_ = false;
  bool finished_ = false;
};

}  // namespace attar
