// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/kernels/int8_tile.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail {

/// `conv2d` and `linear` of an int8 inference for every CPU: windows of four pixels are gathered as 16-bit numbers, and
/// each output channel is four dot products with them, which compilers turn into multiply-add-pairs instructions.
class Int8ProductStep {
 public:
  using Binding = StepPointers;

  Int8ProductStep(Int8Op op, int batch, std::span<const std::int8_t> weights)
      : op_{std::move(op)},
        inputs_{static_cast<std::size_t>(op_.in.channels / op_.op.groups)},
        outputs_{static_cast<std::size_t>(op_.out.channels / op_.op.groups)},
        taps_{static_cast<std::size_t>(op_.op.window.kernel.height * op_.op.window.kernel.width)},
        pixels_{static_cast<std::size_t>(batch) * op_.out.pixels()},
        threads_{static_cast<std::size_t>(thread_count())},
        weights_{weights.size()} {
    // OIHW to (output, tap, input): the order in which windows are gathered.
    for (std::size_t output = 0; output < weights.size() / (inputs_ * taps_); ++output) {
      for (std::size_t input = 0; input < inputs_; ++input) {
        for (std::size_t tap = 0; tap < taps_; ++tap) {
          weights_[(output * taps_ + tap) * inputs_ + input] = weights[(output * inputs_ + input) * taps_ + tap];
        }
      }
    }
  }

  [[nodiscard]] std::size_t scratchpad_bytes() const noexcept { return threads_ * bytes_per_thread(); }
  [[nodiscard]] Binding bind(const StepPointers& pointers) const noexcept { return pointers; }

  void execute(Binding& p) const noexcept {
    parallel_ranges((pixels_ + block - 1) / block, [&](std::size_t begin, std::size_t end, std::size_t thread) {
      std::byte* memory = p.scratchpad + thread * bytes_per_thread();
      auto* windows = as<std::int16_t>(memory);
      auto* sums = as<std::int32_t>(memory + windows_bytes());
      for (std::size_t i = begin; i < end; ++i) {
        const std::size_t first = i * block;
        const std::size_t count = std::min(block, pixels_ - first);
        for (std::size_t group = 0; group < static_cast<std::size_t>(op_.op.groups); ++group) {
          gather(p, first, count, group, windows);
          multiply(windows, group, sums);
        }
        for (std::size_t pixel = 0; pixel < count; ++pixel) finish(p, first + pixel, sums + pixel * channels());
      }
    });
  }

 private:
  static constexpr std::size_t block = 4;

  [[nodiscard]] std::size_t channels() const noexcept { return static_cast<std::size_t>(op_.out.channels); }
  [[nodiscard]] std::size_t depth() const noexcept { return inputs_ * taps_; }
  [[nodiscard]] std::size_t windows_bytes() const noexcept { return rounded(block * depth() * sizeof(std::int16_t)); }
  [[nodiscard]] std::size_t bytes_per_thread() const noexcept {
    return windows_bytes() + rounded(block * channels() * sizeof(std::int32_t));
  }
  static std::size_t rounded(std::size_t bytes) noexcept {
    return (bytes + buffer_alignment - 1) / buffer_alignment * buffer_alignment;
  }

  /// The windows of `count` output pixels from `first` on, zeros where they leave the image.
  void gather(const StepPointers& p, std::size_t first, std::size_t count, std::size_t group,
              std::int16_t* to) const noexcept {
    const Window& window = op_.op.window;
    const auto in_channels = static_cast<std::size_t>(op_.in.channels);
    with_byte_type(op_.signed_operands[0], [&]<class From>(From) {
      for (std::size_t pixel = first; pixel < first + count; ++pixel) {
        const std::size_t image = pixel / op_.out.pixels();
        const auto place = static_cast<int>(pixel % op_.out.pixels());
        const int top = place / op_.out.width * window.stride.height - window.padding.height;
        const int left = place % op_.out.width * window.stride.width - window.padding.width;
        const From* from = as<From>(p.inputs[0]) + image * op_.in.size() + group * inputs_;
        for (int i = 0; i < window.kernel.height; ++i) {
          for (int j = 0; j < window.kernel.width; ++j, to += inputs_) {
            const int y = top + i * window.dilation.height;
            const int x = left + j * window.dilation.width;
            if (y >= 0 && y < op_.in.height && x >= 0 && x < op_.in.width) {
              const From* tap = from + static_cast<std::size_t>(y * op_.in.width + x) * in_channels;
              std::copy_n(tap, inputs_, to);
            } else {
              std::fill_n(to, inputs_, std::int16_t{0});
            }
          }
        }
      }
    });
  }

  void multiply(const std::int16_t* windows, std::size_t group, std::int32_t* sums) const noexcept {
    for (std::size_t output = group * outputs_; output < (group + 1) * outputs_; ++output) {
      const std::int16_t* weights = weights_.data() + output * depth();
      std::array<std::int32_t, block> total{};
      for (std::size_t k = 0; k < depth(); ++k) {
        for (std::size_t pixel = 0; pixel < block; ++pixel) {
          total[pixel] += std::int32_t{windows[pixel * depth() + k]} * std::int32_t{weights[k]};
        }
      }
      for (std::size_t pixel = 0; pixel < block; ++pixel) sums[pixel * channels() + output] = total[pixel];
    }
  }

  void finish(const StepPointers& p, std::size_t pixel, const std::int32_t* sums) const noexcept {
    for (std::size_t channel = 0; channel < channels(); channel += Int8Tile::capacity) {
      Int8Tile tile{std::min(Int8Tile::capacity, channels() - channel)};
      const std::size_t at = pixel * channels() + channel;
      tile.set_affine(sums + channel, op_.multiplier.data() + channel, op_.offset.data() + channel);
      if (p.residual != nullptr) tile.add(p.residual + at, op_.signed_residual, op_.residual_multiplier);
      tile.activate_product(op_);
      if (op_.float_output) {
        tile.store_floats(as<float>(p.output) + at);
      } else {
        tile.store(op_.signed_output, p.output + at);
      }
    }
  }

  Int8Op op_;
  std::size_t inputs_;   ///< Per group.
  std::size_t outputs_;  ///< Per group.
  std::size_t taps_;
  std::size_t pixels_;
  std::size_t threads_;
  AlignedBuffer<std::int16_t> weights_;
};

}  // namespace attar::detail
