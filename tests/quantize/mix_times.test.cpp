// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "../support/mix_case.hpp"
#include <attar/quantize/mix_times.hpp>

namespace attar::test::mix_times_test {
namespace {

using enum LayerPrecision;

using detail::RowPrecisions;

constexpr std::array choices{int8, fp32};

/// The time of a chain of layers: their own times, and a price for each change of precision.
struct Chain {
  std::vector<double> int8_us;
  std::vector<double> float_us;
  double conversion = 0;

  double operator()(const RowPrecisions& precisions) const {
    double sum = 0;
    for (std::size_t i = 0; i < precisions.size(); ++i) {
      sum += precisions[i] == int8 ? int8_us[i] : float_us[i];
      if (i > 0 && precisions[i] != precisions[i - 1]) sum += conversion;
    }
    return sum;
  }
};

TEST(FastestRuns, FindsTheFastestOfAllMixes) {
  Rng rng{Seed{2}};
  const std::vector<int> rows{0, 1, 2, 3, 4, 5, 6, 7};
  int found = 0;
  for (int round = 0; round < 100; ++round) {
    Chain chain{{}, {}, 2 * static_cast<double>(rng.uniform())};
    for (std::size_t i = 0; i < rows.size(); ++i) {
      chain.int8_us.push_back(static_cast<double>(rng.uniform()));
      chain.float_us.push_back(static_cast<double>(rng.uniform()));
    }
    double best = 1e9;
    for (unsigned bits = 0; bits < 256; ++bits) {
      RowPrecisions precisions;
      for (unsigned i = 0; i < 8; ++i) precisions.push_back((bits >> i & 1U) != 0 ? int8 : fp32);
      best = std::min(best, chain(precisions));
    }
    double fastest = 1e9;
    for (const LayerPrecision start : choices) {
      fastest = std::min(fastest, chain(detail::fastest_runs(RowPrecisions(8, start), rows, choices, chain)));
    }
    EXPECT_LE(fastest, 1.1 * best);
    found += fastest <= best + 1e-9 ? 1 : 0;
  }
  EXPECT_GE(found, 90);  // A search that climbs may stop early, now and then.
}

TEST(FastestRuns, LeavesLayersThatAreNotItsOwn) {
  const Chain chain{{1, 1, 1}, {2, 2, 2}, 0};
  const std::vector<int> rows{0, 2};
  EXPECT_EQ(detail::fastest_runs(RowPrecisions(3, fp32), rows, choices, chain), (RowPrecisions{int8, fp32, int8}));
}

TEST(MixTimes, AddsUpLayersAndConversions) {
  const MixCase test;
  const auto folded = fold_batch_norm(test.network);
  const detail::ImageSource images{test.data, MixNet::input_shape, "images"};
  const detail::MixTrial<EigenBackend> trial{test.int8.model(), folded.buffer(), fp32, images};
  const detail::MixTimes<EigenBackend, MixedSession<EigenBackend>> times{
      trial, 4, Threads{1}, {.repetitions = 30, .at_most = std::chrono::milliseconds{200}}};
  const auto sum = [&](const RowPrecisions& precisions) {
    double us = 0;
    for (std::size_t row = 0; row < precisions.size(); ++row)
      us += times.row_us(static_cast<int>(row), precisions[row]);
    return us;
  };
  for (const LayerPrecision precision : choices) {
    const RowPrecisions all = trial.all(precision);
    EXPECT_GT(times.row_us(trial.rows()[1], precision), 0);
    EXPECT_GT(times.predict_us(all), sum(all));  // The images are written, too.
    EXPECT_LT(times.predict_us(all), 2 * sum(all));
  }
  RowPrecisions mixed = trial.all(int8);
  mixed[static_cast<std::size_t>(trial.rows()[1])] = fp32;
  // Two conversions besides, and the pooling behind it in floats.
  const auto pool = std::ranges::find(MixInt8::program.rows, std::string_view{"MaxPool2d"}, &LayerRow::name);
  mixed[static_cast<std::size_t>(pool - MixInt8::program.rows.begin())] = fp32;
  EXPECT_GT(times.predict_us(mixed), sum(mixed));
  // What is neither of the two counts as floats.
  EXPECT_EQ(times.predict_us(trial.all(bf16)), times.predict_us(trial.all(fp32)));
}

}  // namespace
}  // namespace attar::test::mix_times_test
