// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <attar/layers/program_builder.hpp>
#include <attar/layers/stack.hpp>

namespace attar {

/// main(x) + shortcut(x) (He et al. 2015). Both must give the same shape; the shortcut is the identity by default.
/// Parameters are named `main.*` and `shortcut.*`.
template <class Main, class Shortcut = Identity>
struct Residual {
  static constexpr std::string_view name = "Residual";

  static constexpr int emit(ProgramBuilder& builder, int input) {
    const int main = builder.child<Main>("main", input);
    const int shortcut = builder.child<Shortcut>("shortcut", input);
    if (builder.faulty()) return input;
    builder.begin_layer("Add", main);
    if (builder.shape(main) != builder.shape(shortcut)) return builder.fail(Fault::branches_differ, main, shortcut);
    return builder.append({.kind = OpKind::add}, {main, shortcut}, builder.shape(main));
  }
};

}  // namespace attar
