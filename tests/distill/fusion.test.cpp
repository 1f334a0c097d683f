// SPDX-License-Identifier: MIT
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "fusion_case.hpp"
#include <attar/distill/by_confidence.hpp>
#include <attar/distill/by_entropy.hpp>
#include <attar/distill/by_gradients.hpp>
#include <attar/distill/fusion.hpp>

namespace attar::fusion_test {
namespace {

using test::FusionCase;

TEST(Equal, CountsAllTeachersAlike) {
  test::expect_a_weighting<Equal>();
  EXPECT_EQ((FusionCase{4, 2, 3}.weigh<Equal>()), std::vector(8, 0.25));
}

TEST(Fixed, IsTheSharesOfEachTeacherForEachImage) {
  const std::vector<double> weights = FusionCase{3, 2, 3}.weigh<Fixed<Weight<2>, Weight<0>, Weight<1, 2>>>();
  EXPECT_EQ(weights, (std::vector{0.8, 0.8, 0.0, 0.0, 0.2, 0.2}));
}

TEST(Fixed, RefusesAnotherNumberOfTeachers) {
  using State = Fixed<Weight<2>, Weight<1>>::State;
  EXPECT_NO_THROW((State{2, 10, Seed{}}));
  for (const std::size_t teachers : {1U, 3U}) {
    try {
      State{teachers, 10, Seed{}};
      ADD_FAILURE() << "expected an error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
      EXPECT_EQ(error.found(), "2");
    }
  }
}

TEST(Fuse, KnowsItsWeightingAndWhatItFuses) {
  EXPECT_EQ(Fuse<ByConfidence>::of, FusionOf::losses);
  EXPECT_EQ((Fuse<Equal, FusionOf::logits>::of), FusionOf::logits);
  EXPECT_TRUE((std::same_as<Fuse<ByEntropy>::Weights, ByEntropy>));
}

TEST(Weighting, IsATypeWithAState) {
  struct Stateless {};
  struct WithoutTeachers {
    struct State : FusionState {
      void weigh(const FusionInputs& /*inputs*/, std::span<double> /*weights*/) override {}
    };
  };
  EXPECT_TRUE(Weighting<Equal>);
  EXPECT_TRUE((Weighting<Fixed<Weight<1>, Weight<2>>>));
  EXPECT_TRUE(Weighting<ByGradients<>>);
  EXPECT_FALSE(Weighting<Stateless>);
  EXPECT_FALSE(Weighting<WithoutTeachers>);
  EXPECT_FALSE(Weighting<int>);
}

}  // namespace
}  // namespace attar::fusion_test
