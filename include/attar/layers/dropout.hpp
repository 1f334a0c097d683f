// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/options.hpp>
#include <attar/layers/program_builder.hpp>

namespace attar {

/// In training zeroes each element with probability `Probability` and divides the rest by 1 - probability (Srivastava
/// et al. 2014); in inference does nothing. Shape unchanged.
///
///     Dropout<Rate<1, 5>>
template <class Probability>
struct Dropout {
  static constexpr std::string_view name = "Dropout";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    return builder.append({.kind = OpKind::dropout, .rate = Probability::value}, {input}, builder.shape(input));
  }
};

}  // namespace attar
