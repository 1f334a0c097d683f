// SPDX-License-Identifier: MIT
#include <string>

#include <gtest/gtest.h>

#include "../support/mix_case.hpp"
#include <attar/quantize/fall_back.hpp>

namespace attar::test::fall_back_test {
namespace {

using enum LayerPrecision;

TEST(FallBack, TakesTheLayerOutOfInt8ThatTheBoundNeeds) {
  MixCase test;
  test.spoil("3.weight");
  const auto [mixed, report] =
      fall_back<MixPolicy<>, EigenBackend>(test.int8, test.network, test.data, test.data, {.max_drop = 5});
  EXPECT_LT(report.all_int8.accuracy, 90);
  EXPECT_GE(report.mixed.accuracy, 95);
  EXPECT_EQ(report.all_float.accuracy, 100);
  EXPECT_EQ(layer_of(report, "3").precision, fp32);
  EXPECT_EQ(layer_of(report, "0").precision, int8);
  EXPECT_EQ(layer_of(report, "7").precision, int8);
  EXPECT_EQ(layer_of(report, "11").precision, int8);
  EXPECT_EQ(report.layers[1].reason, MixReason::sensitive);
  EXPECT_EQ(report.layers[0].reason, MixReason::accurate);
  const MixedSession<EigenBackend> session{mixed.model(), 100};
  EXPECT_EQ(detail::session_accuracy(session, MixInt8::program, test.data), report.mixed.accuracy);
}

TEST(FallBack, ChangesNothingWhereTheBoundIsMet) {
  const MixCase test;
  const auto result =
      fall_back<MixPolicy<>, EigenBackend>(test.int8, test.network, test.data, test.data, {.max_drop = 5});
  for (const MixedLayer& layer : result.report.layers) EXPECT_EQ(layer.precision, int8);
  EXPECT_EQ(result.report.mixed.accuracy, result.report.all_int8.accuracy);
}

TEST(FallBack, MeetsABoundOfNothing) {
  MixCase test;
  test.spoil("3.weight");
  test.spoil("0.weight");
  const auto result =
      fall_back<MixPolicy<>, EigenBackend>(test.int8, test.network, test.data, test.data, {.max_drop = 0});
  EXPECT_EQ(result.report.mixed.accuracy, 100);
}

TEST(FallBack, KeepsWhatAPolicyAsksFor) {
  const MixCase test;
  const auto result = fall_back<MixPolicy<FirstLayer<Fp32>, LastLayer<Fp32>>, EigenBackend>(
      test.int8, test.network, test.data, test.data, {.max_drop = 5});
  EXPECT_EQ(layer_of(result.report, "0").precision, fp32);
  EXPECT_EQ(layer_of(result.report, "3").precision, int8);
  EXPECT_EQ(layer_of(result.report, "11").precision, fp32);
  EXPECT_EQ(result.report.layers[0].reason, MixReason::asked);
}

Error error_of(const MixCase& test, const FallbackOptions& options) {
  try {
    (void)fall_back<MixPolicy<>, EigenBackend>(test.int8, test.network, test.data, test.data, options);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error{ErrorCode::interrupted, "", "", ""};
}

TEST(FallBack, SaysTheBestThatABudgetLets) {
  MixCase test;
  test.spoil("3.weight");
  test.spoil("7.weight");
  const Error layers = error_of(test, {.max_drop = 0.25, .max_float_layers = 1});
  EXPECT_EQ(layers.code(), ErrorCode::invalid_argument);
  EXPECT_NE(std::string{layers.what()}.find("0.25 points below the float network's 100.00%"), std::string::npos);
  EXPECT_NE(std::string{layers.what()}.find("at most 1 layers in floats"), std::string::npos);
  EXPECT_NE(std::string{layers.what()}.find("% at best (1 layers in floats"), std::string::npos) << layers.what();
  const Error bytes = error_of(test, {.max_drop = 0.25, .max_bytes = MixInt8::bytes + 300});
  EXPECT_NE(std::string{bytes.what()}.find("bytes"), std::string::npos);
  EXPECT_EQ(error_of(test, {.max_drop = -1}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(error_of(test, {.other = int8}).code(), ErrorCode::invalid_argument);
  EXPECT_EQ(error_of(test, {.max_drop = 0, .other = bf16}).code(), ErrorCode::unsupported);  // Eigen has none.
}

}  // namespace
}  // namespace attar::test::fall_back_test
