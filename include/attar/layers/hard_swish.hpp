// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/program_builder.hpp>

namespace attar {

/// x * relu6(x + 3) / 6 (Howard et al. 2019, MobileNetV3). Shape unchanged.
struct HardSwish {
  static constexpr std::string_view name = "HardSwish";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    return builder.activation(Activation::hard_swish, input);
  }
};

}  // namespace attar
