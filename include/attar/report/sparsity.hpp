// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/layers/op.hpp>
#include <attar/model/network.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/model/sparse.hpp>
#include <attar/report/table.hpp>

namespace attar {

/// How many weights are exactly zero, one by one and in the groups that could be removed.
struct Zeros {
  std::size_t weights = 0;
  std::size_t zeros = 0;
  std::size_t rows = 0;           ///< Filters: the rows of the matrix of outputs x (inputs x taps).
  std::size_t zero_rows = 0;      ///< Filters of zeros alone.
  std::size_t channels = 0;       ///< Inputs of a filter.
  std::size_t zero_channels = 0;  ///< Inputs that no filter reads.

  Zeros& operator+=(const Zeros& other) {
    weights += other.weights;
    zeros += other.zeros;
    rows += other.rows;
    zero_rows += other.zero_rows;
    channels += other.channels;
    zero_channels += other.zero_channels;
    return *this;
  }
  friend bool operator==(const Zeros&, const Zeros&) = default;
};

/// Counts the zeros of a weight tensor, outputs x inputs x the rest.
template <class Number>
[[nodiscard]] Zeros count_zeros(std::span<const Number> weights, std::size_t outputs, std::size_t inputs) {
  Zeros count{.weights = weights.size(), .rows = outputs, .channels = inputs};
  const std::size_t taps = weights.size() / (outputs * inputs);
  std::vector<std::size_t> in_channel(inputs);
  for (std::size_t row = 0; row < outputs; ++row) {
    const std::size_t before = count.zeros;
    for (std::size_t i = 0; i < inputs * taps; ++i) {
      if (weights[row * inputs * taps + i] != Number{}) continue;
      ++count.zeros;
      ++in_channel[i / taps];
    }
    if (count.zeros - before == inputs * taps) ++count.zero_rows;
  }
  for (const std::size_t zeros : in_channel) count.zero_channels += zeros == outputs * taps ? 1 : 0;
  return count;
}

namespace detail {

template <class A, class Scalar>
[[nodiscard]] Zeros zeros_of(const Network<A, Scalar>& network, int index) {
  const Parameter& parameter = A::program.parameter(index);
  return count_zeros(network.tensor(index), static_cast<std::size_t>(parameter.dims[0]),
                     static_cast<std::size_t>(parameter.dims[1]));
}
template <class A, class Scheme>
[[nodiscard]] Zeros zeros_of(const QuantizedNetwork<A, Scheme>& network, int index) {
  const Parameter& parameter = A::program.parameter(index);
  return count_zeros(network.model().weight(index), static_cast<std::size_t>(parameter.dims[0]),
                     static_cast<std::size_t>(parameter.dims[1]));
}

}  // namespace detail

/// How many weights of convolutions and linear layers are exactly zero, in a network of floats or of 8-bit integers: a
/// table by tensor, and in all, with the filters that are zero and the input channels that no filter reads.
///
///     std::cout << sparsity_table(sparse);
template <class Model>
[[nodiscard]] std::string sparsity_table(const Model& network) {
  Table table{{"weights of", "size", "zeros", "sparsity", "rows", "channels"}};
  const auto add = [&](std::string name, const Zeros& zeros) {
    table.add({std::move(name), grouped(zeros.weights), grouped(zeros.zeros), share(zeros.zeros, zeros.weights),
               share(zeros.zero_rows, zeros.rows), share(zeros.zero_channels, zeros.channels)});
  };
  Zeros all;
  for (std::size_t i = 0; i < Model::program.parameters.size(); ++i) {
    const Parameter& parameter = Model::program.parameters[i];
    if (parameter.role != Role::weight) continue;
    const Zeros zeros = detail::zeros_of(network, static_cast<int>(i));
    add(std::string{parameter.name.view()}, zeros);
    all += zeros;
  }
  table.add_rule();
  add("all", all);
  return table.text();
}
template <class Model>
[[nodiscard]] std::string sparsity_table(const Sparse<Model>& sparse) {
  return sparsity_table(sparse.network);
}

}  // namespace attar
