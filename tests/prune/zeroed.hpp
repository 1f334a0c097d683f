// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "../support/run_network.hpp"
#include <attar/model/network.hpp>
#include <attar/prune/prune_to.hpp>

namespace attar::test {

/// The wide network with the channels zeroed that `prune_to<Narrow>` removes.
template <class Narrow, class Criterion, class Wide>
Network<Wide, double> zeroed(const Network<Wide, double>& network) {
  const Program& program = Wide::program;
  const detail::ChannelChoice choice{program, Narrow::program,
                                     detail::filter_scores<Criterion>(program, network.buffer())};
  Network<Wide, double> result = network;
  for (const Op& op : program.ops) {
    const std::vector<std::size_t> kept = choice.channels(op.output);
    for (const int index : {op.weight, op.bias}) {
      if (index < 0) continue;
      const auto tensor = result.tensor(index);
      const auto rows = static_cast<std::size_t>(program.parameter(index).dims[0]);
      const std::size_t size = tensor.size() / rows;
      for (std::size_t row = 0; row < rows; ++row) {
        if (!std::ranges::binary_search(kept, row)) std::ranges::fill(tensor.subspan(row * size, size), 0.0);
      }
    }
  }
  return result;
}

/// The largest difference between the outputs of the zeroed and of the pruned network, relative to the largest output.
template <class Narrow, class Criterion, class Wide>
double surgery_error(std::uint64_t seed) {
  const Network<Wide, double> wide = random_network<Wide>(seed);
  const Network<Narrow, double> narrow = prune_to<Narrow, Criterion>(wide);
  const std::vector<double> images = random_numbers(3 * Wide::input_shape.size(), seed + 1);
  const std::vector<double> expected = run_network(zeroed<Narrow, Criterion>(wide), images, 3);
  const std::vector<double> found = run_network(narrow, images, 3);
  double largest = 0;
  double error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    error = std::max(error, std::abs(expected[i] - found[i]));
  }
  return largest > 0 ? error / largest : 1;
}

}  // namespace attar::test
