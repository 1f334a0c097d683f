// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include "golden_case.hpp"
#include <attar/backend/reference.hpp>
#include <attar/prune/gather_evidence.hpp>

namespace attar::gather_evidence_test {
namespace {

using test::GoldenNet;
using Exact = Reference<double>;

Dataset golden_data() {
  AlignedBuffer<std::uint8_t> images{golden::pruning_images.size()};
  std::ranges::copy(golden::pruning_images, images.begin());
  return {Shape{2, 6, 6}, 3, std::move(images), golden::pruning_labels,
          Normalization{golden::pruning_mean, golden::pruning_deviation}};
}

constexpr double pixels_are_floats = 2e-6;

void expect_near(std::span<const double> found, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], pixels_are_floats) << i;
}

TEST(GatherEvidence, AsInPyTorch) {
  const auto network = test::golden_network();
  const Evidence<double> evidence =
      gather_evidence<Exact>(network, golden_data(), HardLabels<>{}, {.batch_size = golden::pruning_batch});
  for (std::size_t layer = 0; layer < 3; ++layer) {
    SCOPED_TRACE(layer);
    const std::size_t offset = test::golden_weight(layer).offset;
    expect_near(evidence.gradients().subspan(offset), golden::pruning_gradients[layer]);
    expect_near(evidence.curvature().subspan(offset), golden::pruning_curvature[layer]);
    const Op& op = GoldenNet::program.ops[test::golden_layers()[layer]];
    const ChannelStatistics& seen = evidence.activations(detail::activated_value(GoldenNet::program, op));
    expect_near(seen.magnitude, golden::pruning_filter_scores.at("mean_activation")[layer]);
    for (std::size_t c = 0; c < seen.zero_share.size(); ++c) {
      EXPECT_NEAR(1 - seen.zero_share[c], golden::pruning_filter_scores.at("zero_share")[layer][c], 1e-12) << c;
    }
  }
  EXPECT_TRUE(std::ranges::equal(network.buffer(), test::golden_network().buffer())) << "the network does not change";
}

TEST(GatherEvidence, OnTheDefaultBackendInFloatToo) {
  Network<GoldenNet> network;
  std::ranges::transform(test::golden_network().buffer(), network.buffer().begin(),
                         [](double x) { return static_cast<float>(x); });
  const Evidence<float> evidence =
      gather_evidence(network, golden_data(), HardLabels<>{}, {.batch_size = golden::pruning_batch});
  for (std::size_t layer = 0; layer < 3; ++layer) {
    const std::span<const float> found = evidence.gradients().subspan(test::golden_weight(layer).offset);
    const std::vector<double>& expected = golden::pruning_gradients[layer];
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 2e-5) << layer << ", " << i;
  }
  const ChannelStatistics& seen = evidence.activations(GoldenNet::program.ops[2].output);
  for (std::size_t c = 0; c < 4; ++c) {
    EXPECT_NEAR(seen.magnitude[c], golden::pruning_filter_scores.at("mean_activation")[0][c], 2e-5) << c;
    EXPECT_NEAR(1 - seen.zero_share[c], golden::pruning_filter_scores.at("zero_share")[0][c], 1e-12) << c;
  }
}

TEST(GatherEvidence, GathersWhatIsAskedForAndAllImagesOfABatchThatIsNotFull) {
  const auto network = test::golden_network();
  const auto gather = [&](int batch) {
    return gather_evidence<Exact>(network, golden_data(), HardLabels<>{}, {.batch_size = batch, .gradients = false});
  };
  const Evidence<double> whole = gather(6);
  EXPECT_TRUE(whole.gradients().empty());
  EXPECT_FALSE(whole.holds(Needs::gradients));
  ASSERT_TRUE(whole.holds(Needs::activations));
  const int value = GoldenNet::program.ops[2].output;
  for (const int batch : {4, 5, 100}) {
    const Evidence<double> parts = gather(batch);
    for (std::size_t c = 0; c < 4; ++c) {
      EXPECT_NEAR(parts.activations(value).magnitude[c], whole.activations(value).magnitude[c], 1e-12) << batch;
    }
  }
}

TEST(GatherEvidence, RefusesDataThatCannotBe) {
  const auto network = test::golden_network();
  const auto code = [&](const Dataset& data, int batch = 2) {
    try {
      (void)gather_evidence<Exact>(network, data, HardLabels<>{}, {.batch_size = batch});
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::interrupted;  // No error.
  };
  EXPECT_EQ(code(golden_data().take(0)), ErrorCode::invalid_data);
  EXPECT_EQ(code(golden_data(), 0), ErrorCode::invalid_argument);
  EXPECT_EQ(code(test::corners(4)), ErrorCode::architecture_mismatch);
}

TEST(GatherEvidence, RefusesALossThatIsNotFinite) {
  auto network = test::golden_network();
  network.tensor("6.weight")[0] = std::numeric_limits<double>::quiet_NaN();
  try {
    (void)gather_evidence<Exact>(network, golden_data());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_finite);
  }
}

}  // namespace
}  // namespace attar::gather_evidence_test
