// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <attar/core/parallel.hpp>
#include <attar/loss/features.hpp>

namespace attar {

/// Attention transfer (Zagoruyko and Komodakis, "Paying more attention to attention", ICLR 2017, eq. 2, with squares):
/// where a network looks is the mean over channels of its squared features. Both maps of attention are divided by their
/// norm; the loss is their mean squared difference. Channels may differ; of different heights and widths the larger map
/// is averaged down to the smaller, of which it must be a multiple.
///
/// Options: `Tap` (one or two), `Weight` (default 1; usual is 1000, for the numbers are small).
///
///     AttentionTransfer<Tap<"middle">, Weight<1000>>
template <class... Options>
struct AttentionTransfer : FeatureOptions<Options...> {
  using Base = FeatureOptions<Options...>;

  [[nodiscard]] static constexpr FeatureFault check(const Shape& student, const Shape& teacher) {
    const auto even = [](int a, int b) { return a % b == 0; };
    const bool down = even(student.height, teacher.height) && even(student.width, teacher.width);
    const bool up = even(teacher.height, student.height) && even(teacher.width, student.width);
    return down || up ? FeatureFault::none : FeatureFault::extents_uneven;
  }

  template <class T>
  class State final : public FeatureState<T> {
   public:
    explicit State(const FeatureContext& context)
        : student_{context.student},
          teacher_{context.teacher},
          height_{std::min(student_.height, teacher_.height)},
          width_{std::min(student_.width, teacher_.width)},
          losses_(context.batch) {}

    double add(const FeatureInputs<T>& inputs, std::span<T> gradient) override {
      const double share = Base::weight(inputs.progress) / static_cast<double>(inputs.student.batch * pixels());
      parallel_for(inputs.student.batch, [&](std::size_t image) {
        losses_[image] =
            add_image(inputs.student.image(image), inputs.teacher.image(image), share * inputs.image_weight(image),
                      gradient.subspan(image * student_.size(), student_.size()));
      });
      double loss = 0;
      for (std::size_t image = 0; image < inputs.student.batch; ++image) loss += losses_[image];
      return loss;
    }

   private:
    [[nodiscard]] std::size_t pixels() const {
      return static_cast<std::size_t>(height_) * static_cast<std::size_t>(width_);
    }

    /// The pixel of the smaller map that the pixel `i` of a map of `shape` belongs to.
    [[nodiscard]] std::size_t cell(const Shape& shape, std::size_t i) const {
      const auto width = static_cast<std::size_t>(shape.width);
      const std::size_t y = i / width * static_cast<std::size_t>(height_) / static_cast<std::size_t>(shape.height);
      const std::size_t x = i % width * static_cast<std::size_t>(width_) / width;
      return y * static_cast<std::size_t>(width_) + x;
    }

    /// The attention divided by its norm, which is left in `norm`.
    std::vector<double> attention(const Shape& shape, std::span<const T> map, double& norm) const {
      const auto channels = static_cast<std::size_t>(shape.channels);
      std::vector<double> result(pixels());
      for (std::size_t i = 0; i < shape.pixels(); ++i) {
        double sum = 0;
        for (const T x : map.subspan(i * channels, channels)) sum += static_cast<double>(x) * static_cast<double>(x);
        result[cell(shape, i)] += sum;
      }
      const double all = static_cast<double>(shape.size()) / static_cast<double>(pixels());
      norm = 0;
      for (double& x : result) {
        x /= all;
        norm += x * x;
      }
      norm = std::max(std::sqrt(norm), 1e-12);
      for (double& x : result) x /= norm;
      return result;
    }

    /// Returns the loss of one image, `share` times the sum of squares.
    double add_image(std::span<const T> student, std::span<const T> teacher, double share,
                     std::span<T> gradient) const {
      double norm = 0;
      double teacher_norm = 0;
      const std::vector<double> seen = attention(student_, student, norm);
      const std::vector<double> wanted = attention(teacher_, teacher, teacher_norm);
      double loss = 0;
      double along = 0;
      for (std::size_t i = 0; i < seen.size(); ++i) {
        const double difference = seen[i] - wanted[i];
        loss += difference * difference;
        along += difference * seen[i];
      }
      const auto channels = static_cast<std::size_t>(student_.channels);
      const double all = static_cast<double>(student_.size()) / static_cast<double>(pixels());
      for (std::size_t i = 0; i < student_.pixels(); ++i) {
        const std::size_t at = cell(student_, i);
        // The norm's gradient takes off what points along the attention itself; 2 and 2 are from the squares.
        const double slope = 4 * share * (seen[at] - wanted[at] - along * seen[at]) / (norm * all);
        for (std::size_t c = i * channels; c < (i + 1) * channels; ++c) {
          gradient[c] += static_cast<T>(slope * static_cast<double>(student[c]));
        }
      }
      return share * loss;
    }

    Shape student_, teacher_;
    int height_, width_;  ///< Of the smaller map.
    std::vector<double> losses_;
  };
};

}  // namespace attar
