// SPDX-License-Identifier: MIT
#include <limits>
#include <span>

#include <gtest/gtest.h>

#include <attar/model/network.hpp>
#include <attar/prune/criteria/norms.hpp>
#include <attar/prune/criterion.hpp>

namespace attar::criterion_test {
namespace {

using Net = Sequential<Input<3, 8, 8>, Conv2d<4, Kernel<3>>, ReLU, GlobalAvgPool, Linear<10>>;

struct NoCriterion {};
static_assert(!FilterCriterion<NoCriterion> && !WeightCriterion<NoCriterion>);

/// One of a user's: needs data, scores filters only.
struct FirstMovement {
  static constexpr Needs needs = Needs::trajectory;
  template <class Scalar>
  static void filters(const LayerEvidence<Scalar>& layer, std::span<double> scores) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = static_cast<double>(layer.filter(layer.movement, i)[0]);
    }
  }
};
static_assert(FilterCriterion<FirstMovement> && !WeightCriterion<FirstMovement>);

TEST(FilterScores, AreOfLayersWithFiltersAlone) {
  const Network<Net> network{Seed{1}};
  const auto scores = detail::filter_scores<L1Norm>(Net::program, network.buffer());
  ASSERT_EQ(scores.size(), Net::program.ops.size());
  EXPECT_EQ(scores[0].size(), 4U);
  EXPECT_TRUE(scores[1].empty());
  EXPECT_EQ(scores.back().size(), 10U);
}

TEST(FilterScores, TakeEvidence) {
  const Network<Net> network{Seed{1}};
  Evidence<float> evidence{Net::program};
  evidence.movement()[27] = 9;
  EXPECT_EQ(detail::filter_scores<FirstMovement>(Net::program, network.buffer(), evidence)[0],
            (std::vector<double>{0, 9, 0, 0}));
}

TEST(FilterScores, RefuseMissingEvidenceAndNan) {
  Network<Net> network{Seed{1}};
  const auto code = [&](auto criterion) {
    try {
      (void)detail::filter_scores<decltype(criterion)>(Net::program, std::span<const float>{network.buffer()});
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::interrupted;  // No error.
  };
  EXPECT_EQ(code(FirstMovement{}), ErrorCode::invalid_argument);
  EXPECT_EQ(code(L1Norm{}), ErrorCode::interrupted);
  network.tensor("0.weight")[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(code(L1Norm{}), ErrorCode::not_finite);
}

}  // namespace
}  // namespace attar::criterion_test
