// SPDX-License-Identifier: MIT
#include <cmath>

#include <gtest/gtest.h>

#include "../support/mix_case.hpp"
#include <attar/quantize/mix_trial.hpp>

namespace attar::test::mix_trial_test {
namespace {

using enum LayerPrecision;

TEST(NoiseMeter, MeasuresSignalToNoise) {
  detail::NoiseMeter meter;
  meter.add(10, 9);
  meter.add(0, 0);
  EXPECT_NEAR(meter.decibels(), 20, 1e-9);
  EXPECT_TRUE(std::isinf(detail::NoiseMeter{}.decibels()));
}

TEST(MixTrial, MeasuresMixesAgainstFloats) {
  const MixCase test;
  const auto folded = fold_batch_norm(test.network);
  const detail::ImageSource images{test.data, MixNet::input_shape, "images"};
  const detail::MixTrial<EigenBackend> trial{test.int8.model(), folded.buffer(), fp32, images};
  ASSERT_EQ(trial.rows().size(), 4U);
  EXPECT_TRUE(std::isinf(trial.noise(trial.all(fp32)).logits_db));
  EXPECT_EQ(trial.accuracy(trial.all(fp32), test.data), 100);
  // More layers in int8 are more noise.
  detail::RowPrecisions some = trial.all(fp32);
  some[static_cast<std::size_t>(trial.rows()[1])] = int8;
  const detail::MixNoise one = trial.noise(some, trial.rows()[1]);
  const detail::MixNoise all = trial.noise(trial.all(int8), trial.rows()[1]);
  EXPECT_GT(one.output_db, all.output_db);
  EXPECT_GT(one.logits_db, all.logits_db);
  EXPECT_GT(all.logits_db, 10);
  EXPECT_TRUE(std::isinf(trial.noise(some, trial.rows()[0]).output_db));  // In front of the layer there is none.
}

}  // namespace
}  // namespace attar::test::mix_trial_test
