// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>

#include <attar/backend/kernels/vector.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// `Vectors` registers of `Lanes` numbers, as an argument.
template <int Vectors, int Lanes>
struct Block {};

/// An NHWC batch seen as rows that hold whole pixels and whole vectors, whatever the number of channels: a row is the
/// least common multiple of both, and at least four vectors. What belongs to a channel is repeated along a row.
///
/// Rows are divided into parts, a number that depends on the shape alone: sums that are taken per part and then added
/// up in order are the same for any number of threads. A part is visited in tiles that stay in the cache.
class ChannelRows {
 public:
  ChannelRows(std::size_t channels, std::size_t pixels)
      : channels_{channels}, row_{row_length(channels)}, rows_{channels * pixels / row_}, size_{channels * pixels} {
    parts_ = std::clamp<std::size_t>(size_ / smallest_part, 1, most_parts);
    tile_ = std::clamp<std::size_t>(tile_size / row_, 1, 64);
  }

  [[nodiscard]] std::size_t channels() const noexcept { return channels_; }
  [[nodiscard]] std::size_t row() const noexcept { return row_; }
  [[nodiscard]] std::size_t parts() const noexcept { return parts_; }

  /// Calls `body(part)` for every part, on several threads.
  template <class Body>
  void for_parts(Body&& body) const {
    parallel_for(parts_, body);
  }

  /// Calls `body(Block<V, L>{}, at, rows, channel)` for blocks that cover the part: a block is `rows` times V vectors
  /// of L numbers, the first at element `at`, each next one a row further; `channel` is its place in the row.
  /// Backwards, a second pass finds in the cache what the first one read last.
  template <class Body>
  void visit(std::size_t part, bool backwards, Body&& body) const {
    constexpr std::size_t group = 4 * native_lanes;
    const std::size_t first = rows_ * part / parts_;
    const std::size_t last = rows_ * (part + 1) / parts_;
    const std::size_t tiles = (last - first + tile_ - 1) / tile_;
    for (std::size_t i = 0; i < tiles; ++i) {
      const std::size_t begin = first + (backwards ? tiles - 1 - i : i) * tile_;
      const std::size_t rows = std::min(tile_, last - begin);
      std::size_t channel = 0;
      for (; channel + group <= row_; channel += group) {
        body(Block<4, native_lanes>{}, begin * row_ + channel, rows, channel);
      }
      for (; channel < row_; channel += native_lanes) {
        body(Block<1, native_lanes>{}, begin * row_ + channel, rows, channel);
      }
    }
    if (part + 1 < parts_) return;
    for_lanes(0, size_ - rows_ * row_, [&]<int Count>(std::size_t channel, Lanes<Count>) {
      body(Block<1, Count>{}, rows_ * row_ + channel, 1, channel);
    });
  }

  /// Writes `of_channel(c)` to every place of a row that belongs to channel c.
  template <class OfChannel>
  void repeat(float* row, OfChannel&& of_channel) const {
    for (std::size_t c = 0; c < channels_; ++c) {
      const auto value = static_cast<float>(of_channel(c));
      for (std::size_t i = c; i < row_; i += channels_) row[i] = value;
    }
  }

 private:
  static constexpr std::size_t smallest_part = 16384;
  static constexpr std::size_t most_parts = 32;
  static constexpr std::size_t tile_size = 4096;

  static std::size_t row_length(std::size_t channels) {
    constexpr std::size_t group = 4 * native_lanes;
    const std::size_t least = std::lcm(channels, static_cast<std::size_t>(native_lanes));
    return least >= group ? least : least * ((group + least - 1) / least);
  }

  std::size_t channels_;
  std::size_t row_;
  std::size_t rows_;
  std::size_t size_;
  std::size_t parts_ = 1;
  std::size_t tile_ = 1;
};

}  // namespace attar::detail
