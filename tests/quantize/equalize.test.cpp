// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/reference.hpp>
#include <attar/core/rng.hpp>
#include <attar/quantize/equalize.hpp>

namespace attar::equalize_test {
namespace {

using Doubles = Reference<double>;

/// Pairs of every kind, and those that must stay: a sum, ReLU6, two readers.
using Net = Sequential<Input<2, 8, 8>, Conv2d<8, Kernel<3>, Bias>, ReLU, DepthwiseConv2d<Kernel<3>, Bias>, ReLU,
                       Conv2d<8, Groups<2>>, ReLU, MaxPool2d<2>, Conv2d<8, Kernel<3>, Bias>, ReLU6, Conv2d<8>,
                       Residual<Stack<Conv2d<8, Bias>, ReLU, Conv2d<8>>>, ReLU, Conv2d<6, Bias>, ReLU, Flatten,
                       Linear<12>, ReLU, Linear<4>>;

/// Channels of very different ranges, as norms leave them when they are folded.
Network<Net, double> uneven(Seed seed) {
  Network<Net, double> network{seed};
  Rng rng{seed, 99};
  for (std::size_t i = 0; i < Net::program.parameters.size(); ++i) {
    const auto tensor = network.tensor(static_cast<int>(i));
    const std::size_t filter = tensor.size() / static_cast<std::size_t>(Net::program.parameters[i].dims[0]);
    const bool bias = Net::program.parameters[i].role == Role::bias;
    for (std::size_t begin = 0; begin < tensor.size(); begin += filter) {
      const double factor = std::exp(static_cast<double>(rng.normal()));
      for (double& x : tensor.subspan(begin, filter)) x = bias ? static_cast<double>(rng.normal()) : factor * x;
    }
  }
  return network;
}

std::vector<double> logits_of(const Network<Net, double>& network, const std::vector<double>& images) {
  const InferenceSession<Doubles> session{Net::program, network.buffer(), 3};
  auto context = session.make_context();
  std::vector<double> logits(session.output_size());
  session.run(images.data(), logits.data(), context);
  return logits;
}

TEST(Equalize, LeavesTheFunctionAsItWas) {
  for (const Seed seed : {Seed{1}, Seed{2}, Seed{3}}) {
    Rng rng{seed};
    std::vector<double> images(3 * Net::input_shape.size());
    for (double& x : images) x = static_cast<double>(rng.normal());
    const Network<Net, double> network = uneven(seed);
    const std::vector<double> before = logits_of(network, images);
    const std::vector<double> after = logits_of(equalize(network), images);
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_NEAR(after[i], before[i], 1e-9 * std::max(1.0, std::abs(before[i])));
    }
  }
}

/// The largest channel's range over the smallest's, of a tensor's outputs.
double spread(const Network<Net, double>& network, std::string_view name) {
  const auto weights = network.tensor(name);
  const int index = detail::find_parameter(Net::program, name);
  const std::size_t filter = weights.size() / static_cast<std::size_t>(Net::program.parameter(index).dims[0]);
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  for (std::size_t begin = 0; begin < weights.size(); begin += filter) {
    double range = 0;
    for (const double x : weights.subspan(begin, filter)) range = std::max(range, std::abs(x));
    least = std::min(least, range);
    most = std::max(most, range);
  }
  return most / least;
}

TEST(Equalize, MakesTheRangesOfAPairMeet) {
  const Network<Net, double> network = uneven(Seed{1});
  const Network<Net, double> even = equalize(network);
  // The last pair: what a channel's largest weight is before, it is behind.
  const auto before = even.tensor("15.weight");  // 12 outputs
  const auto behind = even.tensor("17.weight");  // 4 x 12
  const std::size_t inputs = before.size() / 12;
  for (std::size_t c = 0; c < 12; ++c) {
    double first = 0;
    double second = 0;
    for (std::size_t i = 0; i < inputs; ++i) first = std::max(first, std::abs(before[c * inputs + i]));
    for (std::size_t o = 0; o < 4; ++o) second = std::max(second, std::abs(behind[o * 12 + c]));
    EXPECT_NEAR(first / second, 1, 0.005) << c;
  }
  EXPECT_LT(spread(even, "0.weight"), 0.6 * spread(network, "0.weight"));
  EXPECT_LT(spread(even, "15.weight"), 0.6 * spread(network, "15.weight"));
}

TEST(Equalize, SkipsWhatIsNotHomogeneousOrHasOtherReaders) {
  const Network<Net, double> network = uneven(Seed{1});
  const Network<Net, double> even = equalize(network);
  // Conv2d before ReLU6, and the one that a residual block reads twice: their biases and outputs stay.
  EXPECT_TRUE(std::ranges::equal(even.tensor("7.bias"), network.tensor("7.bias")));
  EXPECT_TRUE(std::ranges::equal(even.tensor("9.weight"), network.tensor("9.weight")));
  // Converged: once more changes next to nothing.
  const Network<Net, double> again = equalize(even);
  for (std::size_t i = 0; i < even.buffer().size(); ++i) {
    EXPECT_NEAR(again.buffer()[i], even.buffer()[i], 2e-3 * std::abs(even.buffer()[i]));
  }
}

TEST(Equalize, LeavesDeadChannelsAlone) {
  Network<Net, double> network = uneven(Seed{1});
  std::ranges::fill(network.tensor("0.weight").first(18), 0.0);
  std::ranges::fill(network.tensor("4.weight"), 0.0);
  const Network<Net, double> even = equalize(network);
  for (const double x : even.buffer()) EXPECT_TRUE(std::isfinite(x));
}

TEST(Equalize, RefusesWhatIsNotFinite) {
  Network<Net, double> network = uneven(Seed{1});
  network.tensor("2.bias")[1] = std::numeric_limits<double>::quiet_NaN();
  try {
    (void)equalize(network);
    FAIL() << "Nothing was thrown.";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_finite);
    EXPECT_EQ(error.subject(), "2.bias");
  }
}

}  // namespace
}  // namespace attar::equalize_test
