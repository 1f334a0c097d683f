// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/program_builder.hpp>

namespace attar {

/// C x H x W -> a vector of C*H*W features, ordered channel, height, width, so that the weights of a Linear behind it
/// are those of PyTorch.
struct Flatten {
  static constexpr std::string_view name = "Flatten";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    return builder.append({.kind = OpKind::flatten}, {input}, {static_cast<int>(builder.shape(input).size()), 1, 1});
  }
};

}  // namespace attar
