// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/rng.hpp>
#include <attar/detail/matrix_map.hpp>
#include <attar/loss/adapter.hpp>
#include <attar/loss/features.hpp>

namespace attar {

/// Hints (Romero et al., "FitNets: hints for thin deep nets", ICLR 2015): the mean squared difference of the student's
/// features s, brought to the teacher's channels by a learned 1x1 convolution r, and the teacher's features t:
///
///     mean (r(s) - t)^2        over batch, pixels and channels
///
/// Of equal channels the features themselves are compared, and nothing is learned. Heights and widths must be equal.
///
/// Options: `Tap` (one or two), `Weight` (default 1; usual is 100).
///
///     FitNet<Tap<"middle">, Weight<100>>
template <class... Options>
struct FitNet : FeatureOptions<Options...> {
  using Base = FeatureOptions<Options...>;

  [[nodiscard]] static constexpr FeatureFault check(const Shape& student, const Shape& teacher) {
    return detail::check_equal_extents(student, teacher);
  }

  template <class T>
  class State final : public FeatureState<T> {
   public:
    explicit State(const FeatureContext& context)
        : pixels_{context.teacher.pixels()},
          channels_{static_cast<std::size_t>(context.teacher.channels)},
          differences_{context.batch * pixels_ * channels_},
          losses_(context.batch) {
      if (context.student.channels == context.teacher.channels) return;
      const auto narrow = static_cast<std::size_t>(context.student.channels);
      parameters_ = AlignedBuffer<T>{detail::Adapter<T>::size(narrow, channels_)};
      gradients_ = AlignedBuffer<T>{parameters_.size()};
      adapter_.emplace(narrow, channels_, parameters_.span(), gradients_.span(), Rng{context.seed});
    }

    double add(const FeatureInputs<T>& inputs, std::span<T> gradient) override {
      const std::size_t batch = inputs.student.batch;
      const double share = Base::weight(inputs.progress) / static_cast<double>(batch * pixels_ * channels_);
      if (adapter_) adapter_->forward(batch * pixels_, inputs.student.data, differences_.data());
      parallel_for(batch, [&](std::size_t image) {
        losses_[image] = compare(inputs, image, share * inputs.image_weight(image), gradient.data());
      });
      if (adapter_) {
        adapter_->backward(batch * pixels_, inputs.student.data, differences_.data(), gradient.data());
      }
      double loss = 0;
      for (std::size_t image = 0; image < batch; ++image) loss += losses_[image];
      return loss;
    }

    [[nodiscard]] std::span<T> parameters() override { return parameters_.span(); }
    [[nodiscard]] std::span<const T> gradients() const override { return gradients_.span(); }

   private:
    /// Returns the loss of one image, `share` times the sum of squares, and leaves its gradient in `differences_`, or
    /// without an adapter adds it to `gradient`.
    double compare(const FeatureInputs<T>& inputs, std::size_t image, double share, T* gradient) {
      const std::size_t begin = image * pixels_ * channels_;
      auto difference = detail::matrix_map(differences_.data() + begin, pixels_, channels_);
      const auto wanted = detail::matrix_map(inputs.teacher.data + begin, pixels_, channels_);
      if (adapter_) {
        difference -= wanted;
      } else {
        difference = detail::matrix_map(inputs.student.data + begin, pixels_, channels_) - wanted;
      }
      const double squares = detail::sum_of_squares(difference);
      difference *= static_cast<T>(2 * share);
      if (!adapter_) detail::matrix_map(gradient + begin, pixels_, channels_) += difference;
      return share * squares;
    }

    std::size_t pixels_, channels_;  ///< Of the teacher's maps.
    AlignedBuffer<T> differences_;
    std::vector<double> losses_;
    AlignedBuffer<T> parameters_, gradients_;
    std::optional<detail::Adapter<T>> adapter_;
  };
};

}  // namespace attar
