// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/rng.hpp>
#include <attar/loss/adapter.hpp>
#include <attar/loss/features.hpp>

namespace attar {

/// Variational information distillation (Ahn et al., CVPR 2019): the student's features s shall tell as much as they
/// can about the teacher's t, which are taken to be normally distributed about what a learned 1x1 convolution r makes
/// of s, with a learned variance v of each channel. The loss is their negative log-likelihood without its constant:
///
///     mean of ((t - r(s))^2 / v + log v) / 2        over batch, pixels and channels
///     v = log(1 + exp(a)) + 1e-5                     a learned per channel, v begins as 5
///
/// Channels may differ, heights and widths must be equal.
///
/// Options: `Tap` (one or two), `Weight` (default 1, which is usual).
///
///     Variational<Tap<"middle">>
template <class... Options>
struct Variational : FeatureOptions<Options...> {
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
          adapter_size_{detail::Adapter<T>::size(static_cast<std::size_t>(context.student.channels), channels_)},
          parameters_{adapter_size_ + channels_},
          gradients_{adapter_size_ + channels_},
          adapter_{static_cast<std::size_t>(context.student.channels), channels_,
                   parameters_.span().first(adapter_size_), gradients_.span().first(adapter_size_), Rng{context.seed}},
          means_{context.batch * pixels_ * channels_},
          variances_(channels_),
          precisions_(channels_),
          squares_(context.batch * channels_) {
      for (T& a : raw_variances()) a = static_cast<T>(std::log(std::expm1(first_variance - smallest_variance)));
    }

    double add(const FeatureInputs<T>& inputs, std::span<T> gradient) override {
      const std::size_t batch = inputs.student.batch;
      const double share = Base::weight(inputs.progress) / static_cast<double>(batch * pixels_ * channels_);
      for (std::size_t c = 0; c < channels_; ++c) {
        const auto a = static_cast<double>(raw_variances()[c]);
        variances_[c] = std::max(a, 0.0) + std::log1p(std::exp(-std::abs(a))) + smallest_variance;
        precisions_[c] = static_cast<T>(1 / variances_[c]);
      }
      adapter_.forward(batch * pixels_, inputs.student.data, means_.data());
      parallel_for(batch, [&](std::size_t image) { compare(inputs, image, share * inputs.image_weight(image)); });
      adapter_.backward(batch * pixels_, inputs.student.data, means_.data(), gradient.data());
      return variance_gradients(inputs, share);
    }

    [[nodiscard]] std::span<T> parameters() override { return parameters_.span(); }
    [[nodiscard]] std::span<const T> gradients() const override { return gradients_.span(); }

   private:
    static constexpr double first_variance = 5;
    static constexpr double smallest_variance = 1e-5;

    [[nodiscard]] std::span<T> raw_variances() { return parameters_.span().subspan(adapter_size_); }

    /// Puts the gradient with respect to the means of an image in their place, and its squared differences, summed over
    /// pixels, into `squares_`.
    void compare(const FeatureInputs<T>& inputs, std::size_t image, double share) {
      T* mean = means_.data() + image * pixels_ * channels_;
      const T* wanted = inputs.teacher.image(image).data();
      double* squares = squares_.data() + image * channels_;
      std::fill_n(squares, channels_, 0.0);
      const auto slope = static_cast<T>(share);
      for (std::size_t pixel = 0; pixel < pixels_; ++pixel) {
        for (std::size_t c = 0; c < channels_; ++c) {
          const T difference = mean[c] - wanted[c];
          squares[c] += static_cast<double>(difference * difference);
          mean[c] = slope * precisions_[c] * difference;
        }
        mean += channels_;
        wanted += channels_;
      }
    }

    /// Sets the gradients of the raw variances and returns the loss.
    double variance_gradients(const FeatureInputs<T>& inputs, double share) {
      const auto pixels = static_cast<double>(pixels_);
      double loss = 0;
      for (std::size_t c = 0; c < channels_; ++c) {
        double images = 0;  // Both sums by the images' weights.
        double squares = 0;
        for (std::size_t image = 0; image < inputs.student.batch; ++image) {
          images += inputs.image_weight(image);
          squares += inputs.image_weight(image) * squares_[image * channels_ + c];
        }
        const double v = variances_[c];
        loss += share / 2 * (squares / v + images * pixels * std::log(v));
        const double sigmoid = 1 / (1 + std::exp(-static_cast<double>(raw_variances()[c])));
        gradients_[adapter_size_ + c] = static_cast<T>(share / 2 * sigmoid / v * (images * pixels - squares / v));
      }
      return loss;
    }

    std::size_t pixels_, channels_;  ///< Of the teacher's maps.
    std::size_t adapter_size_;
    AlignedBuffer<T> parameters_, gradients_;  ///< The adapter's, and behind them the raw variances.
    detail::Adapter<T> adapter_;
    AlignedBuffer<T> means_;
    std::vector<double> variances_;
    std::vector<T> precisions_;
    std::vector<double> squares_;  ///< Of images and channels.
  };
};

}  // namespace attar
