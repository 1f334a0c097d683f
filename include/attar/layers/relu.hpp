// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/program_builder.hpp>

namespace attar {

/// max(x, 0). Shape unchanged.
struct ReLU {
  static constexpr std::string_view name = "ReLU";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    return builder.activation(Activation::relu, input);
  }
};

}  // namespace attar
