// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/fusion.hpp"
#include <attar/core/rng.hpp>
#include <attar/distill/fusion.hpp>

namespace attar::test {

/// A batch that owns its numbers, with several teachers.
struct FusionCase {
  FusionCase(std::size_t teachers, std::size_t batch_, std::size_t classes_)
      : batch{batch_},
        classes{classes_},
        teacher_logits(teachers, std::vector<float>(batch * classes)),
        student_logits(batch * classes),
        labels(batch) {}

  explicit FusionCase(const golden::Fusion& golden) : FusionCase{golden.teachers, golden.batch, golden.classes} {
    auto next = golden.teacher_logits.begin();
    for (std::vector<float>& logits : teacher_logits) {
      std::copy_n(next, logits.size(), logits.begin());
      next += static_cast<std::ptrdiff_t>(logits.size());
    }
    student_logits = golden.student_logits;
    labels = golden.labels;
  }

  [[nodiscard]] std::size_t teachers() const { return teacher_logits.size(); }
  [[nodiscard]] std::vector<LogitsView<float>> views() const {
    std::vector<LogitsView<float>> result;
    for (const std::vector<float>& logits : teacher_logits) result.push_back({logits.data(), batch, classes});
    return result;
  }

  /// The weights, teachers x batch.
  [[nodiscard]] std::vector<double> weigh(FusionState& state) const {
    std::vector<double> weights(teachers() * batch);
    const std::vector<LogitsView<float>> all = views();
    state.weigh({{student_logits.data(), batch, classes}, labels, all}, weights);
    return weights;
  }
  template <class W>
  [[nodiscard]] std::vector<double> weigh() const {
    typename W::State state{teachers(), classes, Seed{1}};
    return weigh(state);
  }

  std::size_t batch, classes;
  std::vector<std::vector<float>> teacher_logits;  ///< Batch x classes each.
  std::vector<float> student_logits;
  std::vector<std::int32_t> labels;
};

/// Normally distributed logits of all teachers and the student.
inline FusionCase random_fusion_case(std::size_t teachers, std::size_t batch, std::size_t classes, std::uint64_t seed,
                                     float size = 3) {
  FusionCase result{teachers, batch, classes};
  Rng rng{Seed{seed}};
  for (std::vector<float>& logits : result.teacher_logits) {
    for (float& logit : logits) logit = size * rng.normal();
  }
  for (float& logit : result.student_logits) logit = size * rng.normal();
  for (std::int32_t& label : result.labels) {
    label = static_cast<std::int32_t>(rng.below(static_cast<std::uint32_t>(classes)));
  }
  return result;
}

template <class T>
void expect_all_near(std::span<const T> found, std::span<const double> expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(found[i]), expected[i], tolerance) << "number " << i;
  }
}

/// What every weighting promises, whatever the teachers say: weights of at least 0 and of sum 1 for each image; the
/// same weights for teachers in another order; equal weights for equal teachers.
template <class W>
void expect_a_weighting(double tolerance = 1e-12) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::size_t teachers = 2 + seed % 4;
    FusionCase c = random_fusion_case(teachers, 3, 5, seed, seed % 2 == 0 ? 1.0F : 50.0F);
    const std::vector<double> weights = c.weigh<W>();
    for (std::size_t image = 0; image < c.batch; ++image) {
      double sum = 0;
      for (std::size_t k = 0; k < teachers; ++k) {
        EXPECT_GE(weights[k * c.batch + image], 0);
        sum += weights[k * c.batch + image];
      }
      EXPECT_NEAR(sum, 1, 1e-12);
    }

    std::ranges::reverse(c.teacher_logits);
    const std::vector<double> reversed = c.weigh<W>();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const std::size_t other = (teachers - 1 - i / c.batch) * c.batch + i % c.batch;
      EXPECT_NEAR(reversed[other], weights[i], tolerance);
    }

    c.teacher_logits.back() = c.teacher_logits.front();
    const std::vector<double> twins = c.weigh<W>();
    for (std::size_t image = 0; image < c.batch; ++image) {
      EXPECT_NEAR(twins[image], twins[(teachers - 1) * c.batch + image], tolerance);
    }

    std::ranges::fill(c.teacher_logits, c.teacher_logits.front());
    for (const double weight : c.weigh<W>()) EXPECT_NEAR(weight, 1.0 / static_cast<double>(teachers), tolerance);
  }
}

}  // namespace attar::test
