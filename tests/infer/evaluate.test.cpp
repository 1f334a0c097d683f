// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/core/parallel.hpp>
#include <attar/infer/evaluate.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::evaluate_test {
namespace {

/// Averages each corner; the brightest is the class. Right on all images of `corners` by construction.
using Corners = Sequential<Input<1, 8, 8>, AvgPool2d<4>, Flatten, Linear<4>>;

Network<Corners> seeing() {
  Network<Corners> network;
  for (std::size_t i = 0; i < 4; ++i) network.tensor("2.weight")[5 * i] = 1;
  return network;
}

TEST(Evaluate, CountsHitsInPercent) {
  EXPECT_EQ(evaluate(Engine{seeing()}, corners(200)), 100.0);
  // All logits are equal: the first class is the answer, so a quarter or so is right.
  const Dataset data = corners(200);
  std::size_t zeros = 0;
  for (const int label : data.labels()) zeros += label == 0 ? 1 : 0;
  EXPECT_EQ(evaluate(Engine{Network<Corners>{}}, data), 100.0 * static_cast<double>(zeros) / 200);
}

TEST(Evaluate, DoesNotDependOnBatchOrThreads) {
  const Network<Corners> network{Seed{3}};
  const Dataset data = corners(101);
  const double one = evaluate(Engine{network}, data);
  EXPECT_EQ(evaluate(Engine<Network<Corners>, Embedded, BatchSize<8>>{network}, data), one);
  EXPECT_EQ(evaluate(Engine<Network<Corners>, Embedded, BatchSize<200>>{network}, data), one);
  const int before = thread_count();
  for (const int threads : {1, 3}) {
    set_thread_count(threads);
    EXPECT_EQ(evaluate(Engine{network}, data), one);
  }
  set_thread_count(before);
}

ErrorCode code_of(auto&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::interrupted;  // Nothing was thrown.
}

TEST(Evaluate, RefusesDataThatDoNotFit) {
  using Wider = Sequential<Input<1, 9, 8>, Flatten, Linear<4>>;
  using Fewer = Sequential<Input<1, 8, 8>, Flatten, Linear<3>>;
  EXPECT_EQ(code_of([] { (void)evaluate(Engine{Network<Wider>{}}, corners(4)); }), ErrorCode::architecture_mismatch);
  EXPECT_EQ(code_of([] { (void)evaluate(Engine{Network<Fewer>{}}, corners(4)); }), ErrorCode::architecture_mismatch);
  EXPECT_EQ(code_of([] { (void)evaluate(Engine{seeing()}, corners(4).take(0)); }), ErrorCode::invalid_data);
}

}  // namespace
}  // namespace attar::test::evaluate_test
