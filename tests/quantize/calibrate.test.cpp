// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include <attar/backend/default_backend.hpp>
#include <attar/backend/reference.hpp>
#include <attar/quantize/aciq.hpp>
#include <attar/quantize/calibrate.hpp>
#include <attar/quantize/entropy.hpp>
#include <attar/quantize/min_max.hpp>
#include <attar/quantize/moving_average.hpp>
#include <attar/quantize/percentile.hpp>
#include <attar/quantize/squared_error.hpp>

namespace attar::test {
namespace {

template <class A>
std::vector<ValueStatistics> gather(const Network<A>& network, const std::vector<float>& images) {
  const std::size_t size = A::input_shape.size();
  return gather_statistics<DefaultBackend>(
      A::program, network.buffer(), images.size() / size, [&](std::size_t first, float* to, std::size_t count) {
        std::copy_n(images.begin() + static_cast<std::ptrdiff_t>(first * size), count * size, to);
      });
}

TEST(GatherStatistics, SeesEveryImageOnce) {
  // 70 images are two batches and a part of one.
  const Network<VggLike> network = lived_in<VggLike>(Seed{1});
  std::vector<float> images = noise(70 * VggLike::input_shape.size(), Seed{2});
  for (float& x : images) x = x == 0 ? 1 : x;
  const auto statistics = gather(network, images);
  std::uint64_t count = 0;
  for (const std::uint64_t bin : statistics[0].histogram()) count += bin;
  EXPECT_EQ(count, images.size());
  const auto [low, high] = std::ranges::minmax(images);
  EXPECT_EQ(statistics[0].smallest(), low);
  EXPECT_EQ(statistics[0].largest(), high);
}

TEST(GatherStatistics, SeesFusedValuesOnly) {
  const auto statistics = gather(lived_in<VggLike>(Seed{1}), noise(2 * VggLike::input_shape.size(), Seed{2}));
  std::vector<bool> written(VggLike::program.values.size());
  written[0] = true;
  for (const Op& op : fuse(VggLike::program, FuseFor::inference).ops)
    written[static_cast<std::size_t>(op.output)] = true;
  for (std::size_t value = 0; value < written.size(); ++value) {
    EXPECT_EQ(statistics[value].magnitude() > 0, written[value]) << value;
  }
}

template <class... Calibrators>
void expect_no_trace_of_batches(const Program& program, const std::vector<std::vector<ValueStatistics>>& by_batch) {
  const auto check = [&]<class Calibrator>(const Calibrator&) {
    const std::vector<float> scales = choose_scales<Calibrator>(program, by_batch[0]).scales;
    for (const float scale : scales) EXPECT_TRUE(std::isfinite(scale) && scale > 0) << scale;
    for (const auto& statistics : by_batch) EXPECT_EQ(choose_scales<Calibrator>(program, statistics).scales, scales);
  };
  (check(Calibrators{}), ...);
}

// Bit by bit, by plain loops, which compute an image alike in any batch.
TEST(GatherStatistics, GivesEveryCalibratorTheSameForAnyBatches) {
  using A = VggLike;
  Network<A> network = lived_in<A>(Seed{1});
  std::ranges::fill(network.tensor("0.0.weight").first(9), 0.0F);  // A dead channel.
  const std::vector<float> images = noise(70 * A::input_shape.size(), Seed{2});
  std::vector<std::vector<ValueStatistics>> by_batch;
  for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
    by_batch.push_back(gather_statistics<Reference<float>>(
        A::program, network.buffer(), 70,
        [&](std::size_t first, float* to, std::size_t count) {
          const std::size_t size = A::input_shape.size();
          std::copy_n(images.begin() + static_cast<std::ptrdiff_t>(first * size), count * size, to);
        },
        batch));
  }
  expect_no_trace_of_batches<MinMax, Entropy, MovingAverage<>, Percentile<9999, 10000>, SquaredError, Aciq>(A::program,
                                                                                                            by_batch);
}

ErrorCode code_of(auto&& body, std::string* subject = nullptr) {
  try {
    body();
  } catch (const Error& error) {
    if (subject != nullptr) *subject = error.subject();
    return error.code();
  }
  return ErrorCode::interrupted;  // Nothing was thrown.
}

TEST(GatherStatistics, RefusesEmptyAndNonFiniteData) {
  Network<ResNetLike> network = lived_in<ResNetLike>(Seed{1});
  EXPECT_EQ(code_of([&] { gather(network, {}); }), ErrorCode::invalid_data);
  std::vector<float> images = noise(2 * ResNetLike::input_shape.size(), Seed{2});
  images[7] = std::numeric_limits<float>::quiet_NaN();
  std::string subject;
  EXPECT_EQ(code_of([&] { gather(network, images); }, &subject), ErrorCode::not_finite);
  EXPECT_EQ(subject, "calibration images");
  images[7] = 0;
  network.tensor("2.main.2.0.weight")[0] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(code_of([&] { gather(network, images); }, &subject), ErrorCode::not_finite);
  EXPECT_NE(subject.find("2."), std::string::npos) << subject;
}

TEST(ChooseScales, TakesUnsignedBytesWhereNothingIsNegative) {
  using A = MobileNetV3Like;
  const Network<A> network = lived_in<A>(Seed{1});
  const auto statistics = gather(network, noise(4 * A::input_shape.size(), Seed{2}));
  const ActivationScales chosen = choose_scales<MinMax>(A::program, statistics);
  EXPECT_TRUE(chosen.signed_values[0]);
  for (const Op& op : fuse(A::program, FuseFor::inference).ops) {
    const auto value = static_cast<std::size_t>(op.output);
    if (op.activation == Activation::relu || op.activation == Activation::hard_sigmoid) {
      EXPECT_FALSE(chosen.signed_values[value]);
      EXPECT_FLOAT_EQ(chosen.scales[value], statistics[value].largest() / 255);
    } else if (op.activation == Activation::hard_swish) {
      EXPECT_TRUE(chosen.signed_values[value]);
      EXPECT_FLOAT_EQ(chosen.scales[value], statistics[value].magnitude() / 127);
    }
  }
}

TEST(ChooseScales, KeepsTheScaleThroughPoolings) {
  const auto statistics = gather(lived_in<VggLike>(Seed{1}), noise(4 * VggLike::input_shape.size(), Seed{2}));
  const ActivationScales chosen = choose_scales<MinMax>(VggLike::program, statistics);
  int found = 0;
  for (const Op& op : fuse(VggLike::program, FuseFor::inference).ops) {
    if (op.kind != OpKind::max_pool && op.kind != OpKind::flatten) continue;
    EXPECT_EQ(chosen.scales[static_cast<std::size_t>(op.output)],
              chosen.scales[static_cast<std::size_t>(op.operands[0])]);
    ++found;
  }
  EXPECT_EQ(found, 3);
}

TEST(ChooseScales, GivesDeadValuesAScale) {
  const Network<ResNetLike> dead;  // All parameters are zero.
  const auto statistics = gather(dead, noise(ResNetLike::input_shape.size(), Seed{2}));
  for (const float scale : choose_scales<MinMax>(ResNetLike::program, statistics).scales) EXPECT_GT(scale, 0);
}

}  // namespace
}  // namespace attar::test
