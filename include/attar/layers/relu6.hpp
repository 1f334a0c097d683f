// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/program_builder.hpp>

namespace attar {

/// min(max(x, 0), 6) (Krizhevsky 2010). Shape unchanged.
struct ReLU6 {
  static constexpr std::string_view name = "ReLU6";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    return builder.activation(Activation::relu6, input);
  }
};

}  // namespace attar
