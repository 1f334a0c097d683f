// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <attar/core/aligned_buffer.hpp>
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
                  std::span<const double> shares);

  /// Moves the memory of the images' own samples towards their embeddings.
  void remember(const ImageRows<T>& student, const ImageRows<T>& teacher, std::span<const std::uint32_t> samples);

 private:
  /// In double; named by T so that Eigen's expressions are compiled only where it is used.
  using Scores = ::Eigen::Array<std::common_type_t<T, double>, ::Eigen::Dynamic, 1>;

  [[nodiscard]] T* bank(int side) noexcept { return numbers_.data() + static_cast<std::size_t>(side) * bank_size_; }
  [[nodiscard]] T& level(int side) noexcept { return numbers_[2 * bank_size_ + static_cast<std::size_t>(side)]; }
  [[nodiscard]] auto vector(T* bank, std::uint32_t sample) const {
    return matrix_map(bank + sample * features_, 1, features_).row(0);
  }

  /// The products of an embedding with the memory of `drawn`, divided by the temperature.
  template <class Row>
  void score(const Row& embedding, T* bank, std::span<const std::uint32_t> drawn, Scores& scores) const;

  double hold_against(ContrastSide<T> side, T* bank, T& level, std::span<const std::uint32_t> drawn, std::size_t count,
                      std::span<const double> shares);

  /// Returns the loss of one image's scores, and puts its derivatives in their place.
  static double differentiate(double noise, Scores& scores);

  double mean_exponential(const ContrastSide<T>& side, T* bank, std::span<const std::uint32_t> drawn,
                          std::size_t count) const;

  std::size_t features_, bank_size_;
  AlignedBuffer<T> numbers_;
};

#ifdef ATTAR_COMPILED
extern template class ContrastMemory<float>;
extern template class ContrastMemory<double>;
#endif

}  // namespace attar::detail

#ifndef ATTAR_COMPILED
#include <attar/loss/contrast_memory_impl.hpp>
#endif
