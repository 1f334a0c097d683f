// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <attar/detail/whole_range.hpp>

namespace attar::detail {

/// The convex combination of a few vectors that has the smallest norm, with no weight above a limit: the quadratic
/// program min w G w, sum w = 1, 0 <= w <= most, with the vectors' inner products G. Solved by an active set: exactly,
/// but for rounding. Of several solutions it is the most even, so equal vectors get equal weights.
class SmallestNorm {
 public:
  explicit SmallestNorm(std::size_t count)
      : count_{count}, held_(count), factor_(count * count), best_(count), pull_(count) {}

  /// `gram` is count x count, `most` at least 1 / count. Weights are even where `gram` is zero or not finite.
  void solve(std::span<const double> gram, double most, std::span<double> weights) {
    detail::fill(weights, 1.0 / static_cast<double>(count_));
    detail::fill(held_, Held::no);
    double trace = 0;
    for (std::size_t i = 0; i < count_; ++i) trace += gram[i * (count_ + 1)];
    if (!(trace > 0) || !std::isfinite(trace)) return;
    gram_ = gram;
    ridge_ = 1e-10 * trace;
    // Each round lowers the norm or holds one more weight; far fewer rounds than these are needed.
    for (std::size_t round = 0; round < 100 * count_; ++round) {
      const double level = find_best(weights);
      if (!move(most, weights) && !release(weights, level, 1e-13 * trace)) return;
    }
  }

 private:
  enum class Held : char { no, at_zero, at_most };

  /// An element of the matrix; the ridge makes its solution the most even.
  [[nodiscard]] double matrix(std::size_t i, std::size_t j) const {
    return gram_[i * count_ + j] + (i == j ? ridge_ : 0.0);
  }
  [[nodiscard]] bool free(std::size_t i) const { return held_[i] == Held::no; }

  /// Leaves in `best_` the best values of the weights that are not held, whatever their limits. Returns the slope of
  /// the norm, which is the same along all of them.
  double find_best(std::span<const double> weights) {
    double rest = 1;
    for (std::size_t i = 0; i < count_; ++i) {
      best_[i] = free(i) ? 1.0 : 0.0;
      pull_[i] = 0;
      if (!free(i)) rest -= weights[i];
      for (std::size_t j = 0; j < count_; ++j) {
        if (free(i) && !free(j)) pull_[i] += matrix(i, j) * weights[j];
        factor_[i * count_ + j] = free(i) && free(j) ? matrix(i, j) : (i == j ? 1.0 : 0.0);
      }
    }
    factorize();
    substitute(best_);
    substitute(pull_);
    double sum = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      sum += best_[i];
      rest += pull_[i];
    }
    const double level = rest / sum;
    for (std::size_t i = 0; i < count_; ++i) best_[i] = level * best_[i] - pull_[i];
    return level;
  }

  /// Cholesky's factor of the matrix in `factor_`, in its lower half.
  void factorize() {
    for (std::size_t j = 0; j < count_; ++j) {
      for (std::size_t i = j; i < count_; ++i) {
        double sum = factor_[i * count_ + j];
        for (std::size_t k = 0; k < j; ++k) sum -= factor_[i * count_ + k] * factor_[j * count_ + k];
        factor_[i * count_ + j] = i == j ? std::sqrt(sum) : sum / factor_[j * count_ + j];
      }
    }
  }

  /// Solves with the factor, in place.
  void substitute(std::span<double> x) const {
    for (std::size_t i = 0; i < count_; ++i) {
      for (std::size_t k = 0; k < i; ++k) x[i] -= factor_[i * count_ + k] * x[k];
      x[i] /= factor_[i * count_ + i];
    }
    for (std::size_t i = count_; i-- > 0;) {
      for (std::size_t k = i + 1; k < count_; ++k) x[i] -= factor_[k * count_ + i] * x[k];
      x[i] /= factor_[i * count_ + i];
    }
  }

  /// Goes to the best values, or as far as the limits allow, and holds the weight that is stopped first. Returns
  /// whether one was.
  bool move(double most, std::span<double> weights) {
    double step = 1;
    std::size_t stopped = count_;
    for (std::size_t i = 0; i < count_; ++i) {
      if (!free(i) || (best_[i] >= -rounding && best_[i] <= most + rounding)) continue;
      const double limit = best_[i] < 0 ? 0.0 : most;
      const double possible = (limit - weights[i]) / (best_[i] - weights[i]);
      if (possible >= step) continue;
      step = possible;
      stopped = i;
    }
    for (std::size_t i = 0; i < count_; ++i) {
      if (free(i)) weights[i] = std::clamp(weights[i] + step * (best_[i] - weights[i]), 0.0, most);
    }
    if (stopped == count_) return false;
    held_[stopped] = best_[stopped] < 0 ? Held::at_zero : Held::at_most;
    weights[stopped] = best_[stopped] < 0 ? 0.0 : most;
    return true;
  }

  /// Frees the held weight whose change would lower the norm the most. Returns whether there is one.
  bool release(std::span<const double> weights, double level, double tolerance) {
    double gain = tolerance;
    std::size_t best = count_;
    for (std::size_t i = 0; i < count_; ++i) {
      if (free(i)) continue;
      double slope = 0;
      for (std::size_t j = 0; j < count_; ++j) slope += matrix(i, j) * weights[j];
      const double possible = held_[i] == Held::at_zero ? level - slope : slope - level;
      if (possible <= gain) continue;
      gain = possible;
      best = i;
    }
    if (best == count_) return false;
    held_[best] = Held::no;
    return true;
  }

  static constexpr double rounding = 1e-12;

  std::size_t count_;
  std::vector<Held> held_;
  std::vector<double> factor_, best_, pull_;
  std::span<const double> gram_{};
  double ridge_ = 0;
};

}  // namespace attar::detail
