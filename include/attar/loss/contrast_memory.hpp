// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/rng.hpp>
#include <attar/detail/matrix_map.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar::detail {

/// The embeddings of a batch by one network, vectors of norm 1, and the gradient with respect to them.
template <std::floating_point T>
struct ContrastSide {
  const ImageRows<T>& embeddings;
  ImageRows<T>& gradient;
};

/// What contrastive distillation remembers: for each sample of a data set how either network embedded it, running means
/// of norm 1; and the level of the scores, which is estimated from the first batch.
template <std::floating_point T>
class ContrastMemory {
 public:
  static constexpr double temperature = 0.07;
  static constexpr double momentum = 0.5;

  /// Begins with uniformly distributed vectors with a mean square norm of 1.
  ContrastMemory(std::size_t samples, std::size_t features, Rng rng)
      : features_{features}, bank_size_{samples * features}, numbers_{2 * bank_size_ + 2} {
    const double bound = std::sqrt(3 / static_cast<double>(features));
    for (T& x : numbers_.span().first(2 * bank_size_)) {
      x = static_cast<T>(bound * (2 * static_cast<double>(rng.uniform()) - 1));
    }
  }

  /// The student's vectors, the teacher's, and the levels for the student's and the teacher's embeddings, 0 where not
  /// yet estimated.
  [[nodiscard]] std::span<T> numbers() noexcept { return numbers_.span(); }

  /// Returns the loss and overwrites the gradients. `drawn` has, for each image, its own sample and then K others. Each
  /// image's embedding s by one network is held against the other's memory m of the drawn samples:
  ///
  ///     -log h(its own) - sum over the others of log(1 - h)
  ///     h = P / (P + K / samples), P = exp(s . m / temperature) / Z
  ///
  /// times `shares[image]`, summed over images and both networks. Z is `samples` times the mean of exp(s . m /
  /// temperature) in the first batch, the level, for either network.
  double contrast(ContrastSide<T> student, ContrastSide<T> teacher, std::span<const std::uint32_t> drawn,
                  std::span<const double> shares) {
    const std::size_t count = drawn.size() / shares.size();
    return hold_against(student, bank(1), level(0), drawn, count, shares) +
           hold_against(teacher, bank(0), level(1), drawn, count, shares);
  }

  /// Moves the memory of the images' own samples towards their embeddings.
  void remember(const ImageRows<T>& student, const ImageRows<T>& teacher, std::span<const std::uint32_t> samples) {
    for (std::size_t image = 0; image < samples.size(); ++image) {
      const auto row = static_cast<::Eigen::Index>(image);
      for (const auto& [side, embeddings] : {std::pair{0, &student}, std::pair{1, &teacher}}) {
        auto kept = vector(bank(side), samples[image]);
        kept = static_cast<T>(momentum) * kept + static_cast<T>(1 - momentum) * embeddings->row(row);
        kept.normalize();
      }
    }
  }

 private:
  using Scores = ::Eigen::ArrayXd;

  [[nodiscard]] T* bank(int side) noexcept { return numbers_.data() + static_cast<std::size_t>(side) * bank_size_; }
  [[nodiscard]] T& level(int side) noexcept { return numbers_[2 * bank_size_ + static_cast<std::size_t>(side)]; }
  [[nodiscard]] auto vector(T* bank, std::uint32_t sample) const {
    return matrix_map(bank + sample * features_, 1, features_).row(0);
  }

  /// The products of an embedding with the memory of `drawn`, divided by the temperature.
  template <class Row>
  void score(const Row& embedding, T* bank, std::span<const std::uint32_t> drawn, Scores& scores) const {
    for (std::size_t k = 0; k < drawn.size(); ++k) {
      const T product = vector(bank, drawn[k]).dot(embedding);
      scores[static_cast<::Eigen::Index>(k)] = static_cast<double>(product) / temperature;
    }
  }

  double hold_against(ContrastSide<T> side, T* bank, T& level, std::span<const std::uint32_t> drawn, std::size_t count,
                      std::span<const double> shares) {
    if (level == 0) level = static_cast<T>(mean_exponential(side, bank, drawn, count));
    // P / (K / samples) is the exponential of a score less this.
    const double noise = std::log(static_cast<double>(level) * static_cast<double>(count - 1));
    side.gradient.resize(side.embeddings.rows(), side.embeddings.cols());
    std::vector<double> losses(shares.size());
    parallel_ranges(shares.size(), [&](std::size_t begin, std::size_t end, std::size_t) {
      Scores scores(static_cast<::Eigen::Index>(count));
      for (std::size_t image = begin; image < end; ++image) {
        const std::span<const std::uint32_t> those = drawn.subspan(image * count, count);
        const auto row = static_cast<::Eigen::Index>(image);
        score(side.embeddings.row(row), bank, those, scores);
        losses[image] = shares[image] * differentiate(noise, scores);
        auto gradient = side.gradient.row(row);
        gradient.setZero();
        scores *= shares[image] / temperature;
        for (std::size_t k = 0; k < count; ++k) {
          gradient += static_cast<T>(scores[static_cast<::Eigen::Index>(k)]) * vector(bank, those[k]);
        }
      }
    });
    return std::accumulate(losses.begin(), losses.end(), 0.0);
  }

  /// Returns the loss of one image's scores, and puts its derivatives in their place.
  static double differentiate(double noise, Scores& scores) {
    scores -= noise;
    scores[0] = -scores[0];  // -log h for its own, -log(1 - h) for the others: both log(1 + exp(x)).
    const Scores small = (-scores.abs()).exp();
    const double loss = (scores.max(0) + (1 + small).log()).sum();
    scores = (scores > 0).select(1, small) / (1 + small);
    scores[0] = -scores[0];
    return loss;
  }

  double mean_exponential(const ContrastSide<T>& side, T* bank, std::span<const std::uint32_t> drawn,
                          std::size_t count) const {
    Scores scores(static_cast<::Eigen::Index>(count));
    double sum = 0;
    for (::Eigen::Index image = 0; image < side.embeddings.rows(); ++image) {
      const auto first = static_cast<std::size_t>(image) * count;
      score(side.embeddings.row(image), bank, drawn.subspan(first, count), scores);
      sum += scores.exp().sum();
    }
    return sum / static_cast<double>(drawn.size());
  }

  std::size_t features_, bank_size_;
  AlignedBuffer<T> numbers_;
};

}  // namespace attar::detail
