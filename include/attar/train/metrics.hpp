// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/loss/log_softmax.hpp>
#include <attar/loss/objective.hpp>

namespace attar {

/// How well logits agree with labels, gathered batch by batch. The result does not depend on how the images are divided
/// into batches.
class Metrics {
 public:
  explicit Metrics(std::size_t classes) : classes_{classes}, ranks_(classes), confusion_(classes * classes) {}

  /// Takes a batch in. Where logits are equal, the class with the lower number stands before the other (as argmax
  /// does). Throws `Error`: `not_finite` for NaN or infinity among the logits, `invalid_argument` for sizes that
  /// disagree, `invalid_data` for a label that is no class.
  template <class T>
  void add(const LogitsView<T>& logits, std::span<const std::int32_t> labels) {
    if (logits.classes != classes_) {
      raise(Error{ErrorCode::invalid_argument, "logits", std::to_string(classes_) + " classes",
                  std::to_string(logits.classes)});
    }
    detail::check_labels(labels, logits.batch, classes_);
    for (std::size_t image = 0; image < logits.batch; ++image) {
      add(logits.row(image), static_cast<std::size_t>(labels[image]));
    }
  }

  /// The number of images.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  /// The share of images whose label has the largest logit, in [0, 1]; 0 without images.
  [[nodiscard]] double accuracy() const noexcept { return top(1); }
  /// The share of images whose label is among the `k` largest logits.
  [[nodiscard]] double top(std::size_t k) const noexcept {
    std::size_t hits = 0;
    for (std::size_t rank = 0; rank < std::min(k, classes_); ++rank) hits += ranks_[rank];
    return mean(static_cast<double>(hits));
  }
  /// The mean cross-entropy (natural logarithm).
  [[nodiscard]] double loss() const noexcept { return mean(loss_); }
  /// How many images of class `label` were taken for class `predicted`.
  [[nodiscard]] std::size_t confusion(std::size_t label, std::size_t predicted) const noexcept {
    return confusion_[label * classes_ + predicted];
  }

 private:
  template <class T>
  void add(std::span<const T> row, std::size_t label) {
    if (!detail::all_of(row, [](T logit) { return std::isfinite(logit); })) {
      raise(Error{ErrorCode::not_finite, "logits of image " + std::to_string(count_), "finite numbers",
                  "NaN or infinity"});
    }
    const auto before = [&](std::size_t c) { return row[c] > row[label] || (row[c] == row[label] && c < label); };
    std::size_t rank = 0;
    for (std::size_t c = 0; c < classes_; ++c) rank += before(c) ? 1 : 0;
    ++ranks_[rank];
    ++confusion_[label * classes_ + detail::index_of_largest(row)];
    loss_ -= LogSoftmax{row}[label];
    ++count_;
  }
  [[nodiscard]] double mean(double sum) const noexcept { return count_ > 0 ? sum / static_cast<double>(count_) : 0.0; }

  std::size_t classes_;
  std::size_t count_ = 0;
  std::vector<std::size_t> ranks_;  ///< How often the label's logit was the largest, the second largest, ...
  std::vector<std::size_t> confusion_;
  double loss_ = 0.0;
};

}  // namespace attar
