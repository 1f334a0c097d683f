// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/options.hpp>
#include <attar/layers/pool.hpp>
#include <attar/layers/program_builder.hpp>

namespace attar {

/// The mean of each `Size` x `Size` window.
///
/// C x H x W -> C x H' x W', sizes rounded down. Options: `Stride` (default: the window's size), `Padding` (default
/// none, at most half of the window); padding counts as zeros, as PyTorch does by default.
template <int Size, class... Options>
struct AvgPool2d {
  static_assert(((detail::is_stride<Options> || detail::is_padding<Options>) && ...),
                "attar[E018]: AvgPool2d takes the options Stride and Padding only");

  static constexpr std::string_view name = "AvgPool2d";
  static constexpr Window window = detail::window_of<Kernel<Size>, Options...>({Size, Size}, true);

  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    return detail::emit_pool(builder, OpKind::avg_pool, window, input);
  }
};

}  // namespace attar
