// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../golden/pruning.hpp"
#include <attar/model/network.hpp>
#include <attar/prune/criterion.hpp>

namespace attar::test {

/// The network of make_pruning.py.
using GoldenNet = Sequential<Input<2, 6, 6>, Conv2d<4, Kernel<3>>, BatchNorm2d, ReLU,
                             Conv2d<8, Kernel<3>, Stride<2>, Bias>, ReLU, GlobalAvgPool, Linear<3>>;

/// The numbers of the operations with weights.
inline std::vector<std::size_t> golden_layers() {
  std::vector<std::size_t> layers;
  for (std::size_t i = 0; i < GoldenNet::program.ops.size(); ++i) {
    if (detail::has_filters(GoldenNet::program.ops[i])) layers.push_back(i);
  }
  return layers;
}

inline const Parameter& golden_weight(std::size_t layer) {
  return GoldenNet::program.parameter(GoldenNet::program.ops[golden_layers()[layer]].weight);
}

inline Network<GoldenNet, double> golden_network() {
  Network<GoldenNet, double> network;
  for (const auto& [name, numbers] : golden::pruning_parameters) {
    std::ranges::copy(numbers, network.tensor(name).begin());
  }
  return network;
}

/// What PyTorch saw of it.
inline Evidence<double> golden_evidence() {
  Evidence<double> evidence{GoldenNet::program};
  for (std::size_t layer = 0; layer < 3; ++layer) {
    const std::size_t offset = golden_weight(layer).offset;
    std::ranges::copy(golden::pruning_gradients[layer], evidence.gradients().subspan(offset).begin());
    std::ranges::copy(golden::pruning_curvature[layer], evidence.curvature().subspan(offset).begin());
    std::ranges::copy(golden::pruning_gradients[layer], evidence.movement().subspan(offset).begin());
    ChannelStatistics statistics;
    statistics.magnitude = golden::pruning_filter_scores.at("mean_activation")[layer];
    for (const double share : golden::pruning_filter_scores.at("zero_share")[layer]) {
      statistics.zero_share.push_back(1 - share);
    }
    const Op& op = GoldenNet::program.ops[golden_layers()[layer]];
    evidence.set_activations(detail::activated_value(GoldenNet::program, op), statistics);
  }
  return evidence;
}

inline void expect_scores(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12) << i;
}

/// The scores of weights and filters are PyTorch's, which stand there by that name.
template <class Criterion>
void expect_golden_weights(const std::string& name) {
  const auto network = golden_network();
  const auto evidence = golden_evidence();
  for (std::size_t layer = 0; layer < 3; ++layer) {
    SCOPED_TRACE(layer);
    const auto seen =
        detail::layer_evidence<double>(GoldenNet::program, network.buffer(), golden_layers()[layer], evidence);
    std::vector<double> scores(seen.weights.size());
    Criterion::weights(seen, std::span{scores});
    expect_scores(scores, golden::pruning_weight_scores.at(name)[layer]);
  }
}

template <class Criterion>
void expect_golden_filters(const std::string& name) {
  const auto network = golden_network();
  const auto scores = detail::filter_scores<Criterion>(GoldenNet::program, std::span<const double>{network.buffer()},
                                                       golden_evidence());
  for (std::size_t layer = 0; layer < 3; ++layer) {
    SCOPED_TRACE(layer);
    expect_scores(scores[golden_layers()[layer]], golden::pruning_filter_scores.at(name)[layer]);
  }
}

}  // namespace attar::test
