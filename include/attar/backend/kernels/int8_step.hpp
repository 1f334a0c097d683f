// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_tile.hpp>
#include <attar/backend/step_session.hpp>

namespace attar::detail {

/// Any step of an int8 inference but `conv2d` and `linear`, by portable kernels.
class Int8KernelStep {
 public:
  using Binding = StepPointers;

  Int8KernelStep(Int8Op op, int batch) : op_{std::move(op)}, batch_{static_cast<std::size_t>(batch)} {}

  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return 0; }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }

  void execute(Binding& p) const noexcept {
    switch (op_.op.kind) {
      case OpKind::batch_norm:
        return batch_norm(p);
      case OpKind::activation:
        return int8_look_up(p.inputs[0], batch_ * op_.out.size(), op_.table.data(), p.output);
      case OpKind::max_pool:
        return max_pool(p);
      case OpKind::avg_pool:
        return avg_pool(p);
      case OpKind::global_avg_pool:
        return global_avg_pool(p);
      case OpKind::flatten:
        return flatten(p);
      case OpKind::add:
        return add(p);
      case OpKind::concat:
        return concat(p);
      case OpKind::scale:
        return scale(p);
      case OpKind::conv2d:
      case OpKind::linear:
      case OpKind::dropout:
        return;
    }
  }

 private:
  [[nodiscard]] std::size_t channels() const noexcept { return static_cast<std::size_t>(op_.out.channels); }
  [[nodiscard]] std::size_t pixels() const noexcept { return batch_ * op_.out.pixels(); }

  /// The residual, the activation and the rounding of a tile that begins at element `at`.
  void finish(Int8Tile& tile, std::size_t at, const StepPointers& p) const noexcept {
    if (p.residual != nullptr) tile.add(p.residual + at, op_.signed_residual, op_.residual_multiplier);
    tile.activate(op_);
    tile.store(op_.signed_output, p.output + at);
  }

  void batch_norm(const StepPointers& p) const noexcept {
    for_tiles(pixels(), channels(), [&](Int8Tile& tile, std::size_t row, std::size_t channel) {
      const std::size_t at = row * channels() + channel;
      tile.set_affine(p.inputs[0] + at, op_.signed_operands[0], op_.multiplier.data() + channel,
                      op_.offset.data() + channel);
      finish(tile, at, p);
    });
  }

  void add(const StepPointers& p) const noexcept {
    for_tiles(pixels(), channels(), [&](Int8Tile& tile, std::size_t row, std::size_t channel) {
      const std::size_t at = row * channels() + channel;
      tile.set(p.inputs[0] + at, op_.signed_operands[0], op_.operand_multipliers[0]);
      tile.add(p.inputs[1] + at, op_.signed_operands[1], op_.operand_multipliers[1]);
      tile.add(op_.offset[0]);
      finish(tile, at, p);
    });
  }

  void concat(const StepPointers& p) const noexcept {
    std::size_t place = 0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(op_.op.operand_count); ++k) {
      const auto width = static_cast<std::size_t>(op_.operand_channels[k]);
      for_tiles(pixels(), width, [&](Int8Tile& tile, std::size_t row, std::size_t channel) {
        tile.set(p.inputs[k] + row * width + channel, op_.signed_operands[k], op_.operand_multipliers[k]);
        tile.store(op_.signed_output, p.output + row * channels() + place + channel);
      });
      place += width;
    }
  }

  void scale(const StepPointers& p) const noexcept {
    with_byte_type(op_.signed_operands[0], [&]<class Input>(Input) {
      with_byte_type(op_.signed_operands[1], [&]<class Gate>(Gate) {
        for_tiles(pixels(), channels(), [&](Int8Tile& tile, std::size_t row, std::size_t channel) {
          const std::size_t at = row * channels() + channel;
          const Input* input = as<Input>(p.inputs[0]) + at;
          const Gate* gate = as<Gate>(p.inputs[1]) + row / op_.out.pixels() * channels() + channel;
          for (std::size_t i = 0; i < tile.count(); ++i) {
            tile[i] = static_cast<float>(int{input[i]} * int{gate[i]}) * op_.operand_multipliers[0];
          }
          finish(tile, at, p);
        });
      });
    });
  }

  void global_avg_pool(const StepPointers& p) const noexcept {
    const std::size_t size = op_.in.pixels();
    with_byte_type(op_.signed_operands[0], [&]<class From>(From) {
      for_tiles(batch_, channels(), [&](Int8Tile& tile, std::size_t image, std::size_t channel) {
        std::array<std::int32_t, Int8Tile::capacity> sums{};
        for (std::size_t pixel = 0; pixel < size; ++pixel) {
          const From* from = as<From>(p.inputs[0]) + (image * size + pixel) * channels() + channel;
          for (std::size_t i = 0; i < tile.count(); ++i) sums[i] += from[i];
        }
        for (std::size_t i = 0; i < tile.count(); ++i) {
          tile[i] = static_cast<float>(sums[i]) * op_.operand_multipliers[0];
        }
        finish(tile, image * channels() + channel, p);
      });
    });
  }

  /// Calls `body(input)` with the channels of each pixel under the window of output pixel `row`.
  template <class T, class Body>
  void for_window(const std::byte* input, std::size_t row, Body&& body) const noexcept {
    const auto height = static_cast<std::size_t>(op_.out.height);
    const auto width = static_cast<std::size_t>(op_.out.width);
    const Window& window = op_.op.window;
    const std::size_t image = row / (height * width);
    const int top = static_cast<int>(row / width % height) * window.stride.height - window.padding.height;
    const int left = static_cast<int>(row % width) * window.stride.width - window.padding.width;
    for (int i = 0; i < window.kernel.height; ++i) {
      const int y = top + i * window.dilation.height;
      if (y < 0 || y >= op_.in.height) continue;
      for (int j = 0; j < window.kernel.width; ++j) {
        const int x = left + j * window.dilation.width;
        if (x < 0 || x >= op_.in.width) continue;
        const std::size_t pixel = image * op_.in.pixels() + static_cast<std::size_t>(y * op_.in.width + x);
        body(as<T>(input) + pixel * channels());
      }
    }
  }

  void max_pool(const StepPointers& p) const noexcept {
    with_byte_type(op_.signed_operands[0], [&]<class T>(T) {
      for_chunks(pixels(), channels(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin; row < end; ++row) {
          T* to = as<T>(p.output) + row * channels();
          bool first = true;
          for_window<T>(p.inputs[0], row, [&](const T* from) {
            if (std::exchange(first, false)) {
              std::copy_n(from, channels(), to);
            } else {
              for (std::size_t i = 0; i < channels(); ++i) to[i] = std::max(to[i], from[i]);
            }
          });
        }
      });
    });
  }

  void avg_pool(const StepPointers& p) const noexcept {
    with_byte_type(op_.signed_operands[0], [&]<class T>(T) {
      for_tiles(pixels(), channels(), [&](Int8Tile& tile, std::size_t row, std::size_t channel) {
        std::array<std::int32_t, Int8Tile::capacity> sums{};
        for_window<T>(p.inputs[0], row, [&](const T* from) {
          for (std::size_t i = 0; i < tile.count(); ++i) sums[i] += from[channel + i];
        });
        for (std::size_t i = 0; i < tile.count(); ++i) {
          tile[i] = static_cast<float>(sums[i]) * op_.operand_multipliers[0];
        }
        finish(tile, row * channels() + channel, p);
      });
    });
  }

  void flatten(const StepPointers& p) const noexcept {
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
