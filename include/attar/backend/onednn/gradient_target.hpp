// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>

namespace attar::detail::onednn {

/// Writes the gradient of an operand, or adds it to what is there, which no primitive of oneDNN does.
template <class Storage>
class GradientTarget {
 public:
  explicit GradientTarget(std::size_t size) : size_{size} {}

  /// `compute` is called once with where to write.
  template <class Compute>
  void write(Storage* gradient, bool accumulate, Compute&& compute) {
    if (!accumulate) {
      compute(gradient);
      return;
    }
    if (summand_.empty()) summand_ = AlignedBuffer<Storage>{size_};
    compute(summand_.data());
    parallel_ranges(size_, [&](std::size_t begin, std::size_t end, std::size_t) {
      const Storage* summand = summand_.data();
      for (std::size_t i = begin; i < end; ++i) gradient[i] = static_cast<Storage>(gradient[i] + summand[i]);
    });
  }

 private:
  std::size_t size_;
  AlignedBuffer<Storage> summand_;
};

}  // namespace attar::detail::onednn
