// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/calibrators.hpp"
#include "../support/small_networks.hpp"
#include <attar/backend/default_backend.hpp>
#include <attar/backend/kernels/int8.hpp>
#include <attar/backend/reference.hpp>
#include <attar/quantize/aciq.hpp>
#include <attar/quantize/calibrate.hpp>
#include <attar/quantize/entropy.hpp>
#include <attar/quantize/min_max.hpp>
#include <attar/quantize/moving_average.hpp>
#include <attar/quantize/percentile.hpp>
#include <attar/quantize/squared_error.hpp>

namespace attar::test::calibrate_test {
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
    const ActivationScales affine = choose_scales<Calibrator, Asymmetric>(program, by_batch[0]);
    for (const float scale : affine.scales) EXPECT_TRUE(std::isfinite(scale) && scale > 0) << scale;
    for (const auto& statistics : by_batch) {
      EXPECT_EQ(choose_scales<Calibrator>(program, statistics).scales, scales);
      const ActivationScales other = choose_scales<Calibrator, Asymmetric>(program, statistics);
      EXPECT_EQ(other.scales, affine.scales);
      EXPECT_EQ(other.zero_points, affine.zero_points);
    }
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

TEST(ChooseScales, GivesUnsignedBytesAndZeroPointsIfAsked) {
  using A = MobileNetV3Like;
  const auto statistics = gather(lived_in<A>(Seed{1}), noise(4 * A::input_shape.size(), Seed{2}));
  const ActivationScales symmetric = choose_scales<MinMax>(A::program, statistics);
  const ActivationScales chosen = choose_scales<MinMax, Asymmetric>(A::program, statistics);
  EXPECT_TRUE(symmetric.zero_points.empty());
  EXPECT_TRUE(std::ranges::none_of(chosen.signed_values, [](bool flag) { return flag; }));
  EXPECT_GT(chosen.zero_points[0], 100);
  for (const Op& op : fuse(A::program, FuseFor::inference).ops) {
    const auto value = static_cast<std::size_t>(op.output);
    if (op.activation == Activation::hard_swish) {
      EXPECT_LT(chosen.scales[value], 0.9F * symmetric.scales[value]);
    } else if (gives_non_negative(op.activation)) {
      EXPECT_EQ(chosen.zero_points[value], 0);
      EXPECT_EQ(chosen.scales[value], symmetric.scales[value]);
    }
    const float zero_point = chosen.zero_points[value];
    EXPECT_NEAR(-zero_point * chosen.scales[value], statistics[value].smallest(), 0.501F * chosen.scales[value]);
    EXPECT_NEAR((255 - zero_point) * chosen.scales[value], statistics[value].largest(), 0.501F * chosen.scales[value]);
  }
}

/// A layer whose result has these statistics.
template <class Calibrator>
std::pair<float, int> affine_of(const ValueStatistics& numbers) {
  using One = Sequential<Input<1, 1, 1>, Linear<1>>;
  const std::vector<ValueStatistics> statistics{ValueStatistics{}, numbers};
  const ActivationScales chosen = choose_scales<Calibrator, Asymmetric>(One::program, statistics);
  return {chosen.scales[1], chosen.zero_points[1]};
}

template <class Calibrator>
void expect_golden(const ValueStatistics& statistics, const golden::Affine& expected) {
  const auto [scale, zero_point] = affine_of<Calibrator>(statistics);
  EXPECT_FLOAT_EQ(scale, expected.scale);
  EXPECT_EQ(zero_point, expected.zero_point);
  std::vector<std::byte> bytes(golden::images.size());
  detail::int8_quantize(golden::images.data(), bytes.size(), {.scale = scale, .zero_point = zero_point}, bytes.data());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    ASSERT_EQ(std::to_integer<int>(bytes[i]), expected.numbers[i]) << i;
  }
}

TEST(ChooseScales, HasTheZeroPointsOfPyTorch) {
  ValueStatistics statistics;
  statistics.add(golden::images, golden::images.size() / golden::image_size);
  expect_golden<MinMax>(statistics, golden::affine_min_max);
  expect_golden<MovingAverage<1, 4>>(statistics, golden::affine_by_a_quarter);
}

/// Clips at half of the largest magnitude, and at 1 where it is not told as many levels as expected.
template <int Levels>
struct Half {
  static float limit(const ValueStatistics& statistics, int levels) {
    return levels == Levels ? statistics.magnitude() / 2 : 1;
  }
};

TEST(ChooseScales, ClipsEachEndAtTheLimitOfMagnitudes) {
  ValueStatistics statistics;
  statistics.add(std::vector<float>{-2, 8});
  EXPECT_EQ(affine_of<MinMax>(statistics), (std::pair{10 / 255.0F, 51}));
  EXPECT_EQ(affine_of<Half<204>>(statistics), (std::pair{6 / 255.0F, 85}));
  statistics.add(std::vector<float>{-16});
  EXPECT_EQ(affine_of<Half<170>>(statistics), (std::pair{16 / 255.0F, 127}));
}

TEST(ChooseScales, HasZeroAtTheEndOfARangeThatIsAllOnOneSide) {
  ValueStatistics negative;
  negative.add(std::vector<float>{-5, -3});
  EXPECT_EQ(affine_of<MinMax>(negative), (std::pair{5 / 255.0F, 255}));
  ValueStatistics positive;
  positive.add(std::vector<float>{3, 5});
  EXPECT_EQ(affine_of<MinMax>(positive), (std::pair{5 / 255.0F, 0}));
  EXPECT_EQ(affine_of<MinMax>(ValueStatistics{}), (std::pair{1.0F, 0}));
  ValueStatistics huge;
  huge.add(std::vector<float>{-3e38F, 3e38F});
  EXPECT_FLOAT_EQ(affine_of<MinMax>(huge).first, 2.3529412e36F);
}

TEST(ChooseScales, KeepsTheScaleThroughPoolings) {
  const auto statistics = gather(lived_in<VggLike>(Seed{1}), noise(4 * VggLike::input_shape.size(), Seed{2}));
  const ActivationScales chosen = choose_scales<MinMax>(VggLike::program, statistics);
  const ActivationScales affine = choose_scales<MinMax, Asymmetric>(VggLike::program, statistics);
  int found = 0;
  for (const Op& op : fuse(VggLike::program, FuseFor::inference).ops) {
    if (op.kind != OpKind::max_pool && op.kind != OpKind::flatten) continue;
    EXPECT_EQ(chosen.scales[static_cast<std::size_t>(op.output)],
              chosen.scales[static_cast<std::size_t>(op.operands[0])]);
    EXPECT_EQ(affine.zero_points[static_cast<std::size_t>(op.output)],
              affine.zero_points[static_cast<std::size_t>(op.operands[0])]);
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
}  // namespace attar::test::calibrate_test
