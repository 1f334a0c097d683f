// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/detail/matrix_map.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/loss/features.hpp>

namespace attar {

/// Neuron selectivity transfer (Huang and Wang, "Like what you like", 2017): in each image, the channels' maps shall be
/// distributed alike, by the squared maximum mean discrepancy with the kernel k(x, y) = (x . y)^2 on the maps s and t
/// of single channels, divided by their norms:
///
///     mean k(s, s') + mean k(t, t') - 2 mean k(s, t)        over pairs of channels; then the mean over the batch
///
/// Channels may differ, heights and widths must be equal.
///
/// Options: `Tap` (one or two), `Weight` (default 1; usual is 50).
///
///     Selectivity<Tap<"middle">, Weight<50>>
template <class... Options>
struct Selectivity : FeatureOptions<Options...> {
  using Base = FeatureOptions<Options...>;

  [[nodiscard]] static constexpr FeatureFault check(const Shape& student, const Shape& teacher) {
    return detail::check_equal_extents(student, teacher);
  }

  /// With A and B the matrices (pixels x channels) of the normalized maps over the root of their number, the loss is
  /// |A A' - B B'|^2, or written out |A' A|^2 - 2 |A' B|^2 + |B' B|^2: products of pixels or of channels, the cheaper
  /// of which is taken.
  template <class T>
  class State final : public FeatureState<T> {
   public:
    explicit State(const FeatureContext& context)
        : pixels_{context.student.pixels()},
          student_channels_{static_cast<std::size_t>(context.student.channels)},
          teacher_channels_{static_cast<std::size_t>(context.teacher.channels)},
          by_pixels_{pixels_ * (2 * student_channels_ + teacher_channels_) <=
                     2 * student_channels_ * channels() + teacher_channels_ * teacher_channels_},
          workers_(std::min(static_cast<std::size_t>(thread_count()), context.batch),
                   Worker{.maps = AlignedBuffer<T>{pixels_ * channels()},
                          .products = AlignedBuffer<T>{by_pixels_ ? pixels_ * pixels_
                                                                  : student_channels_ * channels() +
                                                                        teacher_channels_ * teacher_channels_},
                          .slopes = AlignedBuffer<T>{pixels_ * student_channels_},
                          .scales = std::vector<double>(channels()),
                          .along = std::vector<double>(student_channels_)}),
          losses_(context.batch) {}

    double add(const FeatureInputs<T>& inputs, std::span<T> gradient) override {
      const std::size_t batch = inputs.student.batch;
      const double share = Base::weight(inputs.progress) / static_cast<double>(batch);
      parallel_for(workers_.size(), [&](std::size_t k) {
        const std::size_t end = batch * (k + 1) / workers_.size();
        for (std::size_t image = batch * k / workers_.size(); image < end; ++image) {
          losses_[image] =
              add_image(workers_[k], inputs.student.image(image), inputs.teacher.image(image),
                        share * inputs.image_weight(image), gradient.data() + image * pixels_ * student_channels_);
        }
      });
      double loss = 0;
      for (std::size_t image = 0; image < batch; ++image) loss += losses_[image];
      return loss;
    }

   private:
    /// What one thread works with.
    struct Worker {
      AlignedBuffer<T> maps;       ///< A and B side by side.
      AlignedBuffer<T> products;   ///< A A' - B B'; or A' A, -A' B side by side and behind them B' B.
      AlignedBuffer<T> slopes;     ///< A quarter of the gradient with respect to A.
      std::vector<double> scales;  ///< What the channels were multiplied by.
      std::vector<double> along;
    };

    [[nodiscard]] std::size_t channels() const { return student_channels_ + teacher_channels_; }

    double add_image(Worker& worker, std::span<const T> student, std::span<const T> teacher, double share,
                     T* gradient) const {
      normalize(worker, student, student_channels_, 0);
      normalize(worker, teacher, teacher_channels_, student_channels_);
      const double loss = by_pixels_ ? compare_pixels(worker) : compare_channels(worker);
      differentiate(worker, share, gradient);
      return share * loss;
    }

    /// Writes the normalized maps to the columns of `worker.maps` from `first` on.
    void normalize(Worker& worker, std::span<const T> image, std::size_t count, std::size_t first) const {
      double* scales = worker.scales.data() + first;
      std::fill_n(scales, count, 0.0);
      for (std::size_t pixel = 0; pixel < pixels_; ++pixel) {
        const T* in = image.data() + pixel * count;
        for (std::size_t c = 0; c < count; ++c) scales[c] += static_cast<double>(in[c]) * static_cast<double>(in[c]);
      }
      for (std::size_t c = 0; c < count; ++c) {
        // A channel of zeros stays so, and has no gradient.
        scales[c] = scales[c] > 1e-24 ? 1 / std::sqrt(scales[c] * static_cast<double>(count)) : 0;
      }
      for (std::size_t pixel = 0; pixel < pixels_; ++pixel) {
        const T* in = image.data() + pixel * count;
        T* out = worker.maps.data() + pixel * channels() + first;
        for (std::size_t c = 0; c < count; ++c) out[c] = in[c] * static_cast<T>(scales[c]);
      }
    }

    double compare_pixels(Worker& worker) const {
      const auto maps = detail::matrix_map(worker.maps.data(), pixels_, channels());
      const auto a = maps.leftCols(static_cast<::Eigen::Index>(student_channels_));
      const auto b = maps.rightCols(static_cast<::Eigen::Index>(teacher_channels_));
      auto difference = detail::matrix_map(worker.products.data(), pixels_, pixels_);
      difference.noalias() = a * a.transpose();
      difference.noalias() -= b * b.transpose();
      detail::matrix_map(worker.slopes.data(), pixels_, student_channels_).noalias() = difference * a;
      return detail::sum_of_squares(difference);
    }

    double compare_channels(Worker& worker) const {
      const auto maps = detail::matrix_map(worker.maps.data(), pixels_, channels());
      const auto a = maps.leftCols(static_cast<::Eigen::Index>(student_channels_));
      const auto b = maps.rightCols(static_cast<::Eigen::Index>(teacher_channels_));
      auto with_student = detail::matrix_map(worker.products.data(), student_channels_, channels());
      with_student.noalias() = a.transpose() * maps;
      auto with_each_other =
          detail::matrix_map(worker.products.data() + with_student.size(), teacher_channels_, teacher_channels_);
      with_each_other.noalias() = b.transpose() * b;
      auto crossed = with_student.rightCols(b.cols());
      const double loss = detail::sum_of_squares(with_student.leftCols(a.cols())) -
                          2 * detail::sum_of_squares(crossed) + detail::sum_of_squares(with_each_other);
      crossed *= T{-1};
      detail::matrix_map(worker.slopes.data(), pixels_, student_channels_).noalias() = maps * with_student.transpose();
      return loss;
    }

    /// From the gradient with respect to A to that of the maps: the norm takes off what points along a map itself.
    void differentiate(Worker& worker, double share, T* gradient) const {
      detail::fill(worker.along, 0.0);
      const auto rows = [&](auto&& body) {
        for (std::size_t pixel = 0; pixel < pixels_; ++pixel) {
          body(worker.maps.data() + pixel * channels(), worker.slopes.data() + pixel * student_channels_,
               gradient + pixel * student_channels_);
        }
      };
      rows([&](const T* map, const T* slope, T*) {
        for (std::size_t c = 0; c < student_channels_; ++c) worker.along[c] += static_cast<double>(slope[c] * map[c]);
      });
      for (double& x : worker.along) x *= static_cast<double>(student_channels_);
      rows([&](const T* map, const T* slope, T* out) {
        for (std::size_t c = 0; c < student_channels_; ++c) {
          out[c] +=
              static_cast<T>(4 * share * worker.scales[c]) * (slope[c] - static_cast<T>(worker.along[c]) * map[c]);
        }
      });
    }

    std::size_t pixels_, student_channels_, teacher_channels_;
    bool by_pixels_;
    std::vector<Worker> workers_;
    std::vector<double> losses_;
  };
};

}  // namespace attar
