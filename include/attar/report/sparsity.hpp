// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include <attar/model/network.hpp>
#include <attar/report/table.hpp>

namespace attar {

/// How many weights of convolutions and linear layers are exactly zero: a table by tensor, and in all.
///
///     std::cout << sparsity_table(sparse.network);
template <Architecture A, class Scalar>
[[nodiscard]] std::string sparsity_table(const Network<A, Scalar>& network) {
  Table table{{"weights of", "size", "zeros", "sparsity"}};
  std::size_t all = 0;
  std::size_t all_zeros = 0;
  for (std::size_t i = 0; i < A::program.parameters.size(); ++i) {
    const Parameter& parameter = A::program.parameters[i];
    if (parameter.role != Role::weight) continue;
    const std::span<const Scalar> weights = network.tensor(static_cast<int>(i));
    const auto zeros = static_cast<std::size_t>(std::ranges::count(weights, Scalar{}));
    table.add(
        {std::string{parameter.name.view()}, grouped(weights.size()), grouped(zeros), share(zeros, weights.size())});
    all += weights.size();
    all_zeros += zeros;
  }
  table.add_rule();
  table.add({"all", grouped(all), grouped(all_zeros), share(all_zeros, all)});
  return table.text();
}

}  // namespace attar
