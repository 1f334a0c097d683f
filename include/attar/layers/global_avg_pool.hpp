// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/program_builder.hpp>

namespace attar {

/// The mean of each channel over height and width (Lin et al. 2013): C x H x W -> a vector of C features.
struct GlobalAvgPool {
  static constexpr std::string_view name = "GlobalAvgPool";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    return builder.append({.kind = OpKind::global_avg_pool}, {input}, {builder.shape(input).channels, 1, 1});
  }
};

}  // namespace attar
