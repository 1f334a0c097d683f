// SPDX-License-Identifier: MIT
#include <cstddef>
#include <limits>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/model/network.hpp>
#include <attar/train/accuracy.hpp>

namespace attar::test::accuracy_test {
namespace {

using Net = Sequential<Input<1, 8, 8>, AvgPool2d<4>, Flatten, Linear<4, NoBias>>;

/// The mean of each corner is its class's logit.
Network<Net> perfect() {
  Network<Net> network;
  for (std::size_t corner = 0; corner < 4; ++corner) network.tensor("2.weight")[corner * 4 + corner] = 1;
  return network;
}

TEST(Accuracy, CountsHits) {
  Network<Net> network = perfect();
  EXPECT_EQ(accuracy<EigenBackend>(Net::program, network.buffer(), corners(250)), 100);
  network.tensor("2.weight")[0] = -1;  // The first class is never the answer now.
  const Dataset data = corners(250);
  std::size_t first = 0;
  for (std::size_t i = 0; i < data.size(); ++i) first += data.label(i) == 0 ? 1 : 0;
  EXPECT_EQ(accuracy<EigenBackend>(Net::program, network.buffer(), data), 100 * (1 - static_cast<double>(first) / 250));
}

template <class A>
ErrorCode code_of(const Network<A>& network, const Dataset& data) {
  try {
    static_cast<void>(accuracy<EigenBackend>(A::program, network.buffer(), data));
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::interrupted;
}

TEST(Accuracy, RefusesWhatDoesNotFit) {
  Network<Net> network = perfect();
  EXPECT_EQ(code_of(network, corners(0)), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(Network<Sequential<Input<1, 4, 4>, Flatten, Linear<4>>>{}, corners(5)),
            ErrorCode::architecture_mismatch);
  EXPECT_EQ(code_of(Network<Sequential<Input<1, 8, 8>, Flatten, Linear<3>>>{}, corners(5)),
            ErrorCode::architecture_mismatch);
  network.tensor("2.weight")[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(code_of(network, corners(5)), ErrorCode::not_finite);
}

}  // namespace
}  // namespace attar::test::accuracy_test
