// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_tile.hpp>
#include <attar/backend/kernels/int8_vector.hpp>
#include <attar/backend/kernels/kernel_kind.hpp>
#include <attar/backend/kernels/pooling.hpp>
#include <attar/backend/kernels/vector.hpp>
#include <attar/backend/step_session.hpp>

namespace attar::detail {

/// Any step of an int8 inference but `conv2d` and `linear`, by portable kernels, which are compiled only where a step
/// is executed.
class Int8KernelStep {
 public:
  using Binding = StepPointers;

  Int8KernelStep(Int8Op op, int batch) : op_{std::move(op)}, batch_{static_cast<std::size_t>(batch)} {}

  [[nodiscard]] std::string kernel_name() const { return "attar int8 kernel"; }
  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return 0; }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }

  void execute(auto& p) const noexcept {
    with_kernel_kind(op_.op.kind, [&](auto kind) { execute_as<kind()>(p); });
  }
  /// The same for a kind of operation that the compiler knows.
  template <OpKind Kind>
  void execute_as(const StepPointers& p) const noexcept {
    if constexpr (Kind == OpKind::batch_norm) {
      batch_norm(p);
    } else if constexpr (Kind == OpKind::activation) {
      int8_look_up(p.inputs[0], batch_ * op_.out.size(), op_.table.data(), p.output);
    } else if constexpr (Kind == OpKind::max_pool) {
      max_pool(p);
    } else if constexpr (Kind == OpKind::avg_pool) {
      avg_pool(p);
    } else if constexpr (Kind == OpKind::global_avg_pool) {
      global_avg_pool(p);
    } else if constexpr (Kind == OpKind::flatten) {
      flatten(p);
    } else if constexpr (Kind == OpKind::add) {
      add(p);
    } else if constexpr (Kind == OpKind::concat) {
      concat(p);
    } else {
      static_assert(Kind == OpKind::scale);
      scale(p);
    }
  }

 private:
  [[nodiscard]] std::size_t channels() const noexcept { return static_cast<std::size_t>(op_.out.channels); }
  [[nodiscard]] std::size_t pixels() const noexcept { return batch_ * op_.out.pixels(); }

  /// The residual, the activation and the rounding of a tile that begins at element `at`.
  void finish(Int8Tile& tile, std::size_t at, const auto& p) const noexcept {
    if (p.residual != nullptr) tile.add(p.residual + at, op_.signed_residual, op_.residual_multiplier);
    tile.activate(op_);
    store(tile, at, p);
  }
  void store(const Int8Tile& tile, std::size_t at, const auto& p) const noexcept {
    if (op_.float_output) {
      tile.store_floats(as<float>(p.output) + at);
    } else {
      tile.store(op_.signed_output, p.output + at);
    }
  }

  void batch_norm(const auto& p) const noexcept {
    for_tiles(pixels(), channels(), [&](Int8Tile& tile, std::size_t row, std::size_t channel) {
      const std::size_t at = row * channels() + channel;
      tile.set_affine(p.inputs[0] + at, op_.signed_operands[0], op_.multiplier.data() + channel,
                      op_.offset.data() + channel);
      finish(tile, at, p);
    });
  }

  void add(const auto& p) const noexcept {
    for_tiles(pixels(), channels(), [&](Int8Tile& tile, std::size_t row, std::size_t channel) {
      const std::size_t at = row * channels() + channel;
      tile.set(p.inputs[0] + at, op_.signed_operands[0], op_.operand_multipliers[0]);
      tile.add(p.inputs[1] + at, op_.signed_operands[1], op_.operand_multipliers[1]);
      tile.add(op_.offset[0]);
      finish(tile, at, p);
    });
  }

  void concat(const auto& p) const noexcept {
    std::size_t place = 0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(op_.op.operand_count); ++k) {
      const auto width = static_cast<std::size_t>(op_.operand_channels[k]);
      for_tiles(pixels(), width, [&](Int8Tile& tile, std::size_t row, std::size_t channel) {
        tile.set(p.inputs[k] + row * width + channel, op_.signed_operands[k], op_.operand_multipliers[k]);
        tile.add(op_.offset[k]);
        store(tile, row * channels() + place + channel, p);
      });
      place += width;
    }
  }

  void scale(const auto& p) const noexcept {
    for_chunks(pixels(), channels(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t channel = 0; channel < channels(); channel += Int8Tile::capacity) {
        Int8Tile gates{std::min(Int8Tile::capacity, channels() - channel)};
        for (std::size_t row = begin; row < end; ++row) {
          if (row == begin || row % op_.out.pixels() == 0) {  // Of another image.
            gates.set(p.inputs[1] + row / op_.out.pixels() * channels() + channel, op_.signed_operands[1], 1.0F);
            gates.add(-static_cast<float>(op_.zero_points[1]));
          }
          scale_row(p, gates, row * channels() + channel);
        }
      }
    });
  }
  /// The channels of one pixel, from element `at` on.
  void scale_row(const auto& p, const Int8Tile& gates, std::size_t at) const noexcept {
    const auto zero = static_cast<float>(op_.zero_points[0]);
    const float multiplier = op_.operand_multipliers[0];
    Int8Tile tile{gates.count()};
    with_byte_type(op_.signed_operands[0], [&]<class Input>(Input) {
      const Input* input = as<Input>(p.inputs[0]) + at;
      tile.set([&](std::size_t i, auto& y, auto lanes) {
        y = (load_floats(input + i, lanes) - zero) * load(gates.y() + i, lanes) * multiplier;
      });
    });
    tile.add(op_.offset[0]);
    finish(tile, at, p);
  }

  void global_avg_pool(const auto& p) const noexcept {
    const std::size_t size = op_.in.pixels();
    with_byte_type(op_.signed_operands[0], [&]<class From>(From) {
      for_tiles(batch_, channels(), [&](Int8Tile& tile, std::size_t image, std::size_t channel) {
        const From* from = as<From>(p.inputs[0]) + image * size * channels() + channel;
        tile.set([&]<int L>(std::size_t i, Floats<L>& y, Lanes<L> lanes) {
          Ints<L> sum{};
          for (std::size_t pixel = 0; pixel < size; ++pixel) sum += load_integers(from + pixel * channels() + i, lanes);
          y = __builtin_convertvector(sum, Floats<L>) * op_.operand_multipliers[0];
        });
        tile.add(op_.offset[0]);
        finish(tile, image * channels() + channel, p);
      });
    });
  }

  /// The taps of a window along one axis that lie inside of the image: where the first one is, and how many.
  struct Taps {
    std::size_t first = 0;
    std::size_t count = 0;
  };
  static Taps taps_inside(int begin, int taps, int dilation, int size) noexcept {
    for (; begin < 0; begin += dilation) --taps;
    while (taps > 0 && begin + (taps - 1) * dilation >= size) --taps;
    return {static_cast<std::size_t>(begin), static_cast<std::size_t>(std::max(taps, 0))};
  }

  /// Calls `body(row, inside, for_taps)` for every pixel of the output; `for_taps(visit)` calls `visit(element)` with
  /// where the channels of each pixel under its window begin, of which `inside` lie in the image.
  template <class Body>
  void for_windows(Body&& body) const noexcept {
    const Window& w = op_.op.window;
    const auto width = static_cast<std::size_t>(op_.out.width);
    const auto in_width = static_cast<std::size_t>(op_.in.width);
    const std::size_t down = static_cast<std::size_t>(w.dilation.height) * in_width * channels();
    const std::size_t right = static_cast<std::size_t>(w.dilation.width) * channels();
    const std::size_t lines = batch_ * static_cast<std::size_t>(op_.out.height);
    for_chunks(lines, width * channels(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t line = begin; line < end; ++line) {
        const auto y = static_cast<int>(line % static_cast<std::size_t>(op_.out.height));
        const std::size_t image = line / static_cast<std::size_t>(op_.out.height) * op_.in.size();
        const Taps rows =
            taps_inside(y * w.stride.height - w.padding.height, w.kernel.height, w.dilation.height, op_.in.height);
        for (int x = 0; x < op_.out.width; ++x) {
          const Taps columns =
              taps_inside(x * w.stride.width - w.padding.width, w.kernel.width, w.dilation.width, op_.in.width);
          const std::size_t first = image + (rows.first * in_width + columns.first) * channels();
          body(line * width + static_cast<std::size_t>(x), rows.count * columns.count, [&](auto&& visit) {
            for (std::size_t i = 0; i < rows.count; ++i) {
              for (std::size_t j = 0; j < columns.count; ++j) visit(first + i * down + j * right);
            }
          });
        }
      }
    });
  }

  void max_pool(const auto& p) const noexcept {
    const auto height = static_cast<std::size_t>(op_.out.height);
    const std::size_t row_size = op_.out.size() / height;
    with_byte_type(op_.signed_operands[0], [&]<class T>(T) {
      for_chunks(batch_ * height, row_size, [&](std::size_t begin, std::size_t end) {
        for (std::size_t line = begin; line < end; ++line) {
          const T* const image = as<T>(p.inputs[0]) + line / height * op_.in.size();
          T* const row = as<T>(p.output) + line * row_size;
          std::fill_n(row, row_size, std::numeric_limits<T>::min());
          max_pool_row(op_.op.window, op_.in, op_.out, static_cast<int>(line % height),
                       [&](std::size_t from, std::size_t to, std::size_t count) {
                         for_bytes(count, [&]<int L>(std::size_t i, Lanes<L> lanes) {
                           const Bytes<T, L> value = load_bytes(image + from + i, lanes);
                           const Bytes<T, L> best = load_bytes(row + to + i, lanes);
                           const Bytes<T, L> larger = value > best ? value : best;
                           std::memcpy(row + to + i, &larger, sizeof(larger));
                         });
                       });
        }
      });
    });
  }

  void avg_pool(const auto& p) const noexcept {
    const int taps = op_.op.window.kernel.height * op_.op.window.kernel.width;
    with_byte_type(op_.signed_operands[0], [&]<class T>(T) {
      const T* from = as<T>(p.inputs[0]);
      for_windows([&](std::size_t pixel, std::size_t inside, auto&& for_taps) {
        const int padding = op_.zero_points[0] * (taps - static_cast<int>(inside));
        for (std::size_t channel = 0; channel < channels(); channel += Int8Tile::capacity) {
          Int8Tile tile{std::min(Int8Tile::capacity, channels() - channel)};
          tile.set([&]<int L>(std::size_t i, Floats<L>& y, Lanes<L> lanes) {
            Ints<L> sum = Ints<L>{} + padding;
            for_taps([&](std::size_t at) { sum += load_integers(from + at + channel + i, lanes); });
            y = __builtin_convertvector(sum, Floats<L>) * op_.operand_multipliers[0];
          });
          tile.add(op_.offset[0]);
          finish(tile, pixel * channels() + channel, p);
        }
      });
    });
  }

  void flatten(const auto& p) const noexcept {
    const std::size_t size = op_.in.pixels();
    const auto width = static_cast<std::size_t>(op_.in.channels);
    parallel_for(batch_, [&](std::size_t image) {
      const std::byte* from = p.inputs[0] + image * size * width;
      std::byte* to = p.output + image * size * width;
      for (std::size_t c = 0; c < width; ++c) {
        for (std::size_t pixel = 0; pixel < size; ++pixel) to[c * size + pixel] = from[pixel * width + c];
      }
    });
  }

  Int8Op op_;
  std::size_t batch_;
};

}  // namespace attar::detail
