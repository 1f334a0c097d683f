// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "fusion_case.hpp"
#include <attar/distill/by_gradients.hpp>
#include <attar/loss/soft_targets.hpp>

namespace attar::by_gradients_test {
namespace {

using test::FusionCase;

/// The norm, squared, of the weighted gradients of `SoftTargets<>` at temperature 4, which the weights are to make
/// small.
double norm_of_gradient(const FusionCase& c, const std::vector<double>& weights) {
  std::vector<double> gradient(c.batch * c.classes);
  const std::vector<double> student(c.student_logits.begin(), c.student_logits.end());
  for (std::size_t k = 0; k < c.teachers(); ++k) {
    const std::vector<double> logits(c.teacher_logits[k].begin(), c.teacher_logits[k].end());
    const std::vector<LogitsView<double>> teacher{{logits.data(), c.batch, c.classes}};
    SoftTargets<Temperature<4>>{}.add(
        LossInputs<double>{.student = {student.data(), c.batch, c.classes},
                           .labels = {},
                           .teachers = teacher,
                           .image_weights = std::span{weights}.subspan(k * c.batch, c.batch)},
        std::span{gradient});
  }
  double sum = 0;
  for (const double x : gradient) sum += x * x;
  return sum;
}

std::vector<double> for_all_images(const std::vector<double>& teachers, std::size_t batch) {
  std::vector<double> weights;
  for (const double weight : teachers) weights.insert(weights.end(), batch, weight);
  return weights;
}

TEST(ByGradients, AgreesWithBruteForceInPyTorch) {
  for (const golden::Fusion& golden : golden::fusions) {
    const FusionCase c{golden};
    test::expect_all_near<double>(c.weigh<ByGradients<>>(), for_all_images(golden.by_gradients, c.batch), 1e-6);
    test::expect_all_near<double>(c.weigh<ByGradients<Weight<1>>>(), for_all_images(golden.by_gradients_free, c.batch),
                                  1e-6);
    EXPECT_NEAR(norm_of_gradient(c, c.weigh<ByGradients<>>()),
                norm_of_gradient(c, for_all_images(golden.by_gradients, c.batch)), 1e-9);
  }
}

TEST(ByGradients, IsAWeighting) {
  test::expect_a_weighting<ByGradients<>>(1e-5);
}

TEST(ByGradients, NoOtherWeightsMakeASmallerGradient) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const FusionCase c = test::random_fusion_case(2, 3, 5, seed);
    const double found = norm_of_gradient(c, c.weigh<ByGradients<>>());
    for (int i = 40; i <= 60; ++i) {
      EXPECT_LE(found, norm_of_gradient(c, for_all_images({i / 100.0, 1 - i / 100.0}, c.batch)) + 1e-9);
    }
  }
}

TEST(ByGradients, NoTeacherCountsMoreThanTheMost) {
  FusionCase c = test::random_fusion_case(3, 4, 5, 2);
  c.teacher_logits[1] = c.student_logits;  // Without a limit it would count alone: its gradient is zero.
  EXPECT_NEAR(c.weigh<ByGradients<Weight<1>>>()[c.batch], 1, 1e-6);
  EXPECT_DOUBLE_EQ(c.weigh<ByGradients<>>()[c.batch], 0.6);
  for (const double weight : c.weigh<ByGradients<Weight<1, 3>>>()) EXPECT_NEAR(weight, 1.0 / 3, 1e-12);
}

TEST(ByGradients, RefusesALimitThatIsTooLow) {
  using State = ByGradients<Weight<1, 4>>::State;
  EXPECT_NO_THROW((State{4, 10, Seed{}}));
  try {
    State{3, 10, Seed{}};
    ADD_FAILURE() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace attar::by_gradients_test
