// SPDX-License-Identifier: MIT

#include <gtest/gtest.h>

#include "../support/mix_case.hpp"
#include <attar/quantize/fastest_mix.hpp>

namespace attar::test::fastest_mix_test {
namespace {

using enum LayerPrecision;

TEST(FastestMix, BlamesAccuracyOnlyWhereTheBoundNeedsIt) {
  const MixCase test;
  const FastestMixOptions options{.max_drop = 100, .latency = {.repetitions = 20}, .rounds = 3};
  const auto result = fastest_mix<MixPolicy<>, EigenBackend>(test.int8, test.network, test.data, test.data, options);
  for (const MixedLayer& layer : result.report.layers) EXPECT_NE(layer.reason, MixReason::sensitive) << layer.path;
}

TEST(FastestMix, IsWithinTheBoundAndNotSlowerThanFloats) {
  MixCase test;
  test.spoil("3.weight");
  const FastestMixOptions options{.max_drop = 2, .latency = {.repetitions = 30}, .rounds = 5};
  const auto [mixed, report] =
      fastest_mix<MixPolicy<LastLayer<Fp32>>, EigenBackend>(test.int8, test.network, test.data, test.data, options);
  EXPECT_GE(report.mixed.accuracy, 98);
  EXPECT_LE(report.mixed.us, report.all_float.us);
  EXPECT_EQ(layer_of(report, "3").precision, fp32);
  EXPECT_EQ(layer_of(report, "11").precision, fp32);
  for (const MixedLayer& layer : report.layers) {
    EXPECT_GT(layer.int8_us, 0);
    EXPECT_GT(layer.float_us, 0);
    const bool faster = layer.precision == int8 ? layer.int8_us <= layer.float_us : layer.float_us <= layer.int8_us;
    if (layer.reason == MixReason::fastest || layer.reason == MixReason::neighbours) {
      EXPECT_EQ(layer.reason == MixReason::fastest, faster);
    }
  }
  const MixedSession<EigenBackend> session{mixed.model(), 100};
  EXPECT_EQ(detail::session_accuracy(session, MixInt8::program, test.data), report.mixed.accuracy);
}

TEST(FastestMix, TimesTheKernelsOfEmbedded) {
  const MixCase test;
  const FastestMixOptions options{.max_drop = 100, .batch = 3, .latency = {.repetitions = 20}, .rounds = 3};
  const auto [mixed, report] =
      fastest_mix<MixPolicy<LastLayer<Fp32>>, Embedded>(test.int8, test.network, test.data, test.data, options);
  EXPECT_LE(report.mixed.us, report.all_float.us);
  EXPECT_EQ(layer_of(report, "11").precision, fp32);
  for (const MixedLayer& layer : report.layers) {
    EXPECT_GT(layer.int8_us, 0);
    EXPECT_GT(layer.float_us, 0);
  }
}

}  // namespace
}  // namespace attar::test::fastest_mix_test
