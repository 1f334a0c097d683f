// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <attar/backend/kernels/activate.hpp>
#include <attar/core/rng.hpp>
#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>

namespace attar::detail {

/// Some output positions of a layer over all images, drawn at random, and for each of them the row that it has in
/// matrices, in random order. Position = image * pixels + pixel. Which ones depends on counts and seed alone.
class SampledPositions {
 public:
  /// At most `wanted` of `total`, one from each of as many ranges of equal size.
  SampledPositions(std::size_t total, std::size_t wanted, Seed seed, std::uint64_t stream) {
    const std::size_t count = std::min(total, wanted);
    Rng rng{seed, stream};
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t begin = total * i / count;
      const std::size_t end = total * (i + 1) / count;
      positions_.push_back(begin + rng.below(static_cast<std::uint32_t>(end - begin)));
    }
    rows_.resize(count);
    std::iota(rows_.begin(), rows_.end(), std::size_t{0});
    rng.shuffle(std::span{rows_});
  }

  [[nodiscard]] std::size_t count() const noexcept { return rows_.size(); }

  /// Calls `body(position - begin, row)` for the positions in [begin, end).
  template <class Body>
  void for_each(std::size_t begin, std::size_t end, Body&& body) const {
    auto next =
        static_cast<std::size_t>(std::lower_bound(positions_.begin(), positions_.end(), begin) - positions_.begin());
    for (; next < positions_.size() && positions_[next] < end; ++next) body(positions_[next] - begin, rows_[next]);
  }

 private:
  std::vector<std::size_t> positions_;  // Ascending.
  std::vector<std::size_t> rows_;
};

/// The matrices that rounding the weights of a convolution or linear layer is about: Y = X W^T for each group, where X
/// holds the inputs of a window in the order of the weights (channel, row, column), one row per position, and Y the
/// outputs that are wanted.
class LayerSamples {
 public:
  LayerSamples(const Op& op, const Shape& in, const Shape& out, std::size_t rows)
      : window_{op.window},
        in_{op.kind == OpKind::linear ? Shape{static_cast<int>(in.size()), 1, 1} : in},
        out_{out},
        groups_{static_cast<std::size_t>(op.groups)},
        rows_{rows},
        inputs_{static_cast<std::size_t>(in_.channels / op.groups * window_.kernel.height * window_.kernel.width)},
        outputs_{static_cast<std::size_t>(out.channels) / groups_},
        targets_(rows * static_cast<std::size_t>(out.channels)) {}

  [[nodiscard]] std::size_t groups() const noexcept { return groups_; }
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  /// Of a group.
  [[nodiscard]] std::size_t inputs() const noexcept { return inputs_; }
  [[nodiscard]] std::size_t outputs() const noexcept { return outputs_; }
  /// X of a group, rows x inputs, and Y, rows x outputs, from a row on.
  [[nodiscard]] const float* windows(std::size_t group, std::size_t row) const noexcept {
    return windows_.data() + (group * rows_ + row) * inputs_;
  }
  [[nodiscard]] const float* targets(std::size_t group, std::size_t row) const noexcept {
    return targets_.data() + (group * rows_ + row) * outputs_;
  }

  /// What is wanted at a row: the channels of a pixel.
  void set_target(std::size_t row, std::span<const float> channels, Activation function) {
    with_activation(function, [&](auto f) {
      for (std::size_t c = 0; c < channels.size(); ++c) {
        targets_[(c / outputs_ * rows_ + row) * outputs_ + c % outputs_] = activate<f.value>(channels[c]);
      }
    });
  }

  /// What the layer reads at a row, for the output pixel number `pixel` of `image`; `number(image's index)` gives the
  /// inputs, height x width x channels. Padding is zero.
  template <class Number>
  void set_window(std::size_t row, std::size_t pixel, Number&& number) {
    windows_.resize(groups_ * rows_ * inputs_);  // Not before, for the targets of all layers are held at once.
    const int width = static_cast<int>(pixel % static_cast<std::size_t>(out_.width));
    const int height = static_cast<int>(pixel / static_cast<std::size_t>(out_.width));
    const int top = height * window_.stride.height - window_.padding.height;
    const int left = width * window_.stride.width - window_.padding.width;
    const int of_group = in_.channels / static_cast<int>(groups_);
    for (int channel = 0; channel < in_.channels; ++channel) {
      const auto group = static_cast<std::size_t>(channel / of_group);
      const int taps = window_.kernel.height * window_.kernel.width;
      float* to = windows_.data() + (group * rows_ + row) * inputs_ + (channel % of_group) * taps;
      for (int ky = 0; ky < window_.kernel.height; ++ky) {
        for (int kx = 0; kx < window_.kernel.width; ++kx) {
          const int y = top + ky * window_.dilation.height;
          const int x = left + kx * window_.dilation.width;
          const bool inside = y >= 0 && y < in_.height && x >= 0 && x < in_.width;
          *to++ = inside ? number(static_cast<std::size_t>((y * in_.width + x) * in_.channels + channel)) : 0.0F;
        }
      }
    }
  }

 private:
  Window window_;
  Shape in_;
  Shape out_;
  std::size_t groups_;
  std::size_t rows_;
  std::size_t inputs_;
  std::size_t outputs_;
  std::vector<float> windows_;
  std::vector<float> targets_;
};

}  // namespace attar::detail
