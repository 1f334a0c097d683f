// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/program_builder.hpp>

namespace attar {

/// Layers one after the other, under one name: how blocks are made. `Stack<>` is the identity.
///
///     template <int Width> using Block = Stack<Conv2d<Width, Kernel<3>>, BatchNorm2d, ReLU>;
template <class... Layers>
struct Stack {
  static constexpr std::string_view name = "Stack";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    int index = 0;
    ((input = builder.child<Layers>(index++, input)), ...);
    return input;
  }
};

/// The identity, as the shortcut of a `Residual`.
using Identity = Stack<>;

/// `Layer` `Count` times, each with parameters of its own.
template <int Count, class Layer>
struct Repeat {
  static_assert(Count >= 0, "attar[E019]: a layer cannot be repeated a negative number of times");
  static constexpr std::string_view name = "Repeat";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    for (int index = 0; index < Count; ++index) input = builder.child<Layer>(index, input);
    return input;
  }
};

}  // namespace attar
