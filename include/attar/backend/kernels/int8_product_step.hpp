// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_finish.hpp>
#include <attar/backend/kernels/int8_pairs.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// `conv2d` and `linear` of an int8 inference for every CPU, exact in full 8 bits. Rows of the image are widened to
/// 16-bit numbers with padding around them, so that windows lie in memory as they are; then the sums of some
/// neighbouring pixels and two vectors of outputs stay in registers until they are finished.
class Int8ProductStep {
 public:
  using Binding = StepPointers;

  Int8ProductStep(Int8Op op, int batch, std::span<const std::int8_t> weights)
      : op_{std::move(op)},
        plane_{op_, batch},
        inputs_{static_cast<std::size_t>(op_.in.channels / op_.op.groups)},
        outputs_{static_cast<std::size_t>(op_.out.channels / op_.op.groups)},
        threads_{static_cast<std::size_t>(thread_count())} {
    set_window();
    pack(weights);
  }

  [[nodiscard]] std::string kernel_name() const { return "attar int8 product, 16-bit pairs"; }
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return threads_ * bytes_per_thread(); }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }

  void execute(auto& p) const noexcept {
    parallel_ranges(plane_.images * plane_.out_height, [&](std::size_t begin, std::size_t end, std::size_t thread) {
      auto* rows = as<std::int16_t>(p.scratchpad + thread * bytes_per_thread());
      while (begin < end) {
        const std::size_t image = begin / plane_.out_height;
        const std::size_t stop = std::min(end, (image + 1) * plane_.out_height);
        const Lines lines{image, begin - image * plane_.out_height, stop - image * plane_.out_height};
        widen(p, lines, rows);
        with_blocks([&](std::size_t group, std::size_t block, auto vectors) {
          multiply<vectors()>(p, lines, rows, group, block);
        });
        begin = stop;
      }
    });
  }

 private:
  /// The most pixels whose sums fit into the registers beside two vectors of weights.
  static constexpr std::size_t most_pixels = native_lanes == 16 ? 12 : 6;
  static constexpr std::size_t lanes = native_lanes;

  /// The maps as rows of pixels. A convolution that looks at one pixel at a time sees all pixels of a batch as one long
  /// row, cut into pieces.
  struct Plane {
    Window window;
    std::size_t images, in_height, in_width, out_height, out_width, pixels;

    Plane(const Int8Op& op, int batch)
        : window{op.op.window},
          images{static_cast<std::size_t>(batch)},
          in_height{static_cast<std::size_t>(op.in.height)},
          in_width{static_cast<std::size_t>(op.in.width)},
          out_height{static_cast<std::size_t>(op.out.height)},
          out_width{static_cast<std::size_t>(op.out.width)},
          pixels{op.out.pixels()} {
      if (op.op.kind == OpKind::conv2d && window != Window{}) return;
      constexpr std::size_t piece = 4 * most_pixels;
      window = Window{};
      pixels = images * pixels;
      images = 1;
      out_width = in_width = std::min(piece, pixels);
      out_height = in_height = (pixels + out_width - 1) / out_width;
    }
  };

  /// Rows `begin` to `end` of the result for one image.
  struct Lines {
    std::size_t image, begin, end;
  };

  [[nodiscard]] std::size_t in_channels() const noexcept { return static_cast<std::size_t>(op_.in.channels); }
  [[nodiscard]] std::size_t out_channels() const noexcept { return static_cast<std::size_t>(op_.out.channels); }
  [[nodiscard]] std::size_t padding_left() const noexcept {
    return static_cast<std::size_t>(plane_.window.padding.width);
  }
  [[nodiscard]] std::size_t row_pixels() const noexcept { return plane_.in_width + 2 * padding_left(); }
  [[nodiscard]] std::size_t row_size() const noexcept { return row_pixels() * in_channels(); }
  /// The rows of the image that `lines` rows of the result see.
  [[nodiscard]] std::size_t rows_seen(std::size_t lines) const noexcept {
    const Window& w = plane_.window;
    return static_cast<std::size_t>(w.stride.height) * (lines - 1) +
           static_cast<std::size_t>(w.dilation.height) * static_cast<std::size_t>(w.kernel.height - 1) + 1;
  }
  [[nodiscard]] std::size_t bytes_per_thread() const noexcept {
    // One number more, for the last pair may reach beyond.
    const std::size_t bytes = (rows_seen(plane_.out_height) * row_size() + 1) * sizeof(std::int16_t);
    return (bytes + buffer_alignment - 1) / buffer_alignment * buffer_alignment;
  }

  /// A row of taps is one part of the window where its numbers are neighbours in memory, else each tap is one.
  void set_window() {
    const Window& w = plane_.window;
    const auto columns = static_cast<std::size_t>(w.kernel.width);
    const bool whole_rows = op_.op.groups == 1 && w.dilation.width == 1;
    for (std::size_t i = 0; i < static_cast<std::size_t>(w.kernel.height); ++i) {
      const std::size_t row = i * static_cast<std::size_t>(w.dilation.height) * row_size();
      for (std::size_t j = 0; j < (whole_rows ? 1 : columns); ++j) {
        offsets_.push_back(row + j * static_cast<std::size_t>(w.dilation.width) * in_channels());
      }
    }
    part_ = whole_rows ? columns * inputs_ : inputs_;
    pairs_ = (part_ + 1) / 2;
  }

  /// Calls `body(group, block, vectors)` for blocks of one or two vectors of outputs; `block` is the first vector.
  template <class Body>
  void with_blocks(Body&& body) const {
    const std::size_t vectors = (outputs_ + lanes - 1) / lanes;
    for (std::size_t group = 0; group < static_cast<std::size_t>(op_.op.groups); ++group) {
      for (std::size_t block = 0; block < vectors; block += 2) {
        if (block + 1 < vectors) {
          body(group, block, std::integral_constant<int, 2>{});
        } else {
          body(group, block, std::integral_constant<int, 1>{});
        }
      }
    }
  }

  /// Numbers of the packed weights of one vector of outputs.
  [[nodiscard]] std::size_t packed_vector() const noexcept { return offsets_.size() * pairs_ * 2 * lanes; }
  [[nodiscard]] std::size_t packed_block(std::size_t group, std::size_t block) const noexcept {
    return (group * ((outputs_ + lanes - 1) / lanes) + block) * packed_vector();
  }

  /// OIHW to the order of `pair_products`, zeros where a pair or a vector is not full.
  void pack(std::span<const std::int8_t> weights) {
    const std::size_t taps = weights.size() / (out_channels() * inputs_);
    packed_ = AlignedBuffer<std::int16_t>{packed_block(static_cast<std::size_t>(op_.op.groups), 0)};
    with_blocks([&](std::size_t group, std::size_t block, auto vectors) {
      std::int16_t* to = packed_.data() + packed_block(group, block);
      for (std::size_t part = 0; part < offsets_.size(); ++part) {
        for (std::size_t pair = 0; pair < pairs_; ++pair) {
          for (std::size_t lane = 0; lane < std::size_t{vectors()} * lanes; ++lane) {
            const std::size_t output = block * lanes + lane;
            for (std::size_t k = 2 * pair; k < 2 * pair + 2; ++k, ++to) {
              if (output >= outputs_ || k >= part_) continue;
              const std::size_t number = part * part_ + k;  // Of the window, (tap, input).
              const std::size_t row = (group * outputs_ + output) * inputs_ + number % inputs_;
              *to = weights[row * taps + number / inputs_];
            }
          }
        }
      }
    });
  }

  /// Copies the rows of the image that `lines` see, zero points where they leave it.
  void widen(const StepPointers& p, const Lines& lines, std::int16_t* to) const noexcept {
    const auto top = static_cast<std::ptrdiff_t>(lines.begin * static_cast<std::size_t>(plane_.window.stride.height)) -
                     plane_.window.padding.height;
    const std::size_t count = rows_seen(lines.end - lines.begin);
    const std::size_t margin = padding_left() * in_channels();
    const std::size_t width = plane_.in_width * in_channels();
    const std::size_t size = op_.in.size() * (plane_.images == 1 ? batch_size() : 1);
    const auto zero = static_cast<std::int16_t>(op_.zero_points[0]);
    with_byte_type(op_.signed_operands[0], [&]<class From>(From) {
      const From* from = as<From>(p.inputs[0]) + lines.image * op_.in.size();
      for (std::size_t row = 0; row < count; ++row, to += row_size()) {
        const std::ptrdiff_t y = top + static_cast<std::ptrdiff_t>(row);
        if (y < 0 || y >= static_cast<std::ptrdiff_t>(plane_.in_height)) {
          std::fill_n(to, row_size(), zero);
          continue;
        }
        std::fill_n(to, margin, zero);
        const std::size_t first = static_cast<std::size_t>(y) * width;
        std::copy_n(from + first, std::min(width, size - first), to + margin);
        std::fill_n(to + margin + width, margin, zero);
      }
      *to = 0;
    });
  }
  [[nodiscard]] std::size_t batch_size() const noexcept { return plane_.pixels / op_.out.pixels(); }

  template <int Vectors>
  void multiply(const StepPointers& p, const Lines& lines, const std::int16_t* rows, std::size_t group,
                std::size_t block) const noexcept {
    const std::int16_t* weights = packed_.data() + packed_block(group, block);
    const Position position{group * outputs_ + block * lanes,
                            std::min(outputs_ - block * lanes, std::size_t{Vectors} * lanes)};
    const std::size_t step = static_cast<std::size_t>(plane_.window.stride.width) * in_channels();
    const std::size_t down = static_cast<std::size_t>(plane_.window.stride.height) * row_size();
    for (std::size_t line = lines.begin; line < lines.end; ++line) {
      const std::int16_t* row = rows + (line - lines.begin) * down + group * inputs_;
      const std::size_t first = (lines.image * plane_.out_height + line) * plane_.out_width;
      const std::size_t width = std::min(plane_.out_width, plane_.images * plane_.pixels - first);
      // Pieces of nearly equal size, for short ones keep the registers waiting.
      const std::size_t pieces = (width + most_pixels - 1) / most_pixels;
      for (std::size_t piece = 0; piece < pieces; ++piece) {
        const std::size_t begin = width * piece / pieces;
        const std::size_t count = width * (piece + 1) / pieces - begin;
        with_count(count, std::make_index_sequence<most_pixels>{}, [&](auto pixels) {
          finish<pixels(), Vectors>(p, position, first + begin, row + begin * step, step, weights);
        });
      }
    }
  }

  /// Calls `body` with `count`, which is 1 to the length of the sequence, as a constant.
  template <std::size_t... I, class Body>
  static void with_count(std::size_t count, std::index_sequence<I...>, Body&& body) noexcept {
    (void)((count == I + 1 && (body(std::integral_constant<int, static_cast<int>(I) + 1>{}), true)) || ...);
  }

  /// The first channel of a block of outputs, and how many there are.
  struct Position {
    std::size_t channel, channels;
  };

  template <int Pixels, int Vectors>
  void finish(const StepPointers& p, const Position& position, std::size_t pixel, const std::int16_t* window,
              std::size_t step, const std::int16_t* weights) const noexcept {
    constexpr std::size_t width = std::size_t{Vectors} * lanes;
    alignas(64) std::array<std::int32_t, Pixels * width> sums;
    pair_products<Pixels, Vectors>({offsets_.data(), offsets_.size(), pairs_}, window, step, weights, sums.data());
    for (std::size_t i = 0; i < std::size_t{Pixels}; ++i) {
      const std::size_t at = (pixel + i) * out_channels() + position.channel;
      for_lanes(0, position.channels, [&](std::size_t c, auto some) {
        int8_finish(op_, p, at + c, position.channel + c, load_floats(sums.data() + i * width + c, some), some);
      });
    }
  }

  Int8Op op_;
  Plane plane_;
  std::size_t inputs_;   ///< Per group.
  std::size_t outputs_;  ///< Per group.
  std::size_t threads_;
  std::vector<std::size_t> offsets_;  ///< Of the window's parts.
  std::size_t part_ = 0;              ///< Numbers of a part.
  std::size_t pairs_ = 0;             ///< Pairs of a part.
  AlignedBuffer<std::int16_t> packed_;
};

}  // namespace attar::detail
