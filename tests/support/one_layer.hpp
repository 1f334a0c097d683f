// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <attar/core/shape.hpp>
#include <attar/layers/fault.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test {

/// What an input of some shape becomes behind some layers.
template <class In, class... Layers>
inline constexpr Shape output_of = Sequential<In, Layers...>::output_shape;

/// The first fault of a stack that does not fit, and where it is.
template <class In, class... Layers>
inline constexpr const Diagnosis& diagnosis_of = detail::program_tables<In, Stack<Layers...>>.diagnosis;

/// The only row of the layer table of an architecture.
template <class A>
constexpr LayerRow only_row() {
  static_assert(A::program.rows.size() == 1);
  return A::program.rows[0];
}

/// The parameter table as text, one line for a tensor: "0.weight 16x3x3x3".
inline std::vector<std::string> parameter_lines(const Program& program) {
  std::vector<std::string> lines;
  for (const Parameter& parameter : program.parameters) {
    std::string line{parameter.name.view()};
    for (int i = 0; i < parameter.rank; ++i) {
      line += (i == 0 ? " " : "x") + std::to_string(parameter.dims[static_cast<std::size_t>(i)]);
    }
    lines.push_back(line);
  }
  return lines;
}
using Lines = std::vector<std::string>;

}  // namespace attar::test
