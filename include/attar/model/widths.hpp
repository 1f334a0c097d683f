// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/core/shape.hpp>
#include <attar/model/owned_program.hpp>
#include <attar/model/sequential.hpp>

namespace attar {

/// The outputs of each `Conv2d` and `Linear` of an architecture, in the order in which they are written (the main path
/// of a `Residual` before its shortcut), those of a `Repeat` once for each copy. All else follows from them.
using Widths = std::vector<int>;

namespace detail {

template <Architecture A>
Built build_with(const Widths& widths) {
  return build<typename A::InputLayer, typename A::Body>(widths);
}

/// The operations of `A` whose widths `Widths` lists.
template <Architecture A>
std::vector<std::size_t> sized_ops() {
  return build_with<A>({}).builder.sized_ops;
}

/// The program of `A` with other widths, or nothing where its layers do not fit each other then.
template <Architecture A>
std::optional<OwnedProgram> find_program(const Widths& widths) {
  Built built = build_with<A>(widths);
  if (built.builder.faulty()) return std::nullopt;
  return OwnedProgram{std::move(built)};
}

}  // namespace detail

/// The widths that are written in `A`.
template <Architecture A>
[[nodiscard]] Widths widths_of() {
  Widths widths;
  for (const std::size_t op : detail::sized_ops<A>()) {
    widths.push_back(A::program.shape(A::program.ops[op].output).channels);
  }
  return widths;
}

/// The program of `A` with other widths: what the compiler would make of the architecture in which they are written.
/// Throws `invalid_argument` where there are too few or too many, or where layers do not fit each other.
template <Architecture A>
[[nodiscard]] OwnedProgram program_with(const Widths& widths) {
  detail::Built built = detail::build_with<A>(widths);
  const Diagnosis& found = built.builder.diagnosis;
  if (found.fault != Fault::none) {
    raise(Error{ErrorCode::invalid_argument, "widths", "layers that fit each other",
                "at layer " + std::string{found.path.view()} + " (" + std::string{found.layer.view()} + ") " +
                    to_string(found.input) + (found.other == Shape{} ? "" : " and " + to_string(found.other))});
  }
  if (built.builder.sized_ops.size() != widths.size()) {
    raise(Error{ErrorCode::invalid_argument, "widths", std::to_string(built.builder.sized_ops.size()) + " numbers",
                std::to_string(widths.size())});
  }
  return OwnedProgram{std::move(built)};
}

}  // namespace attar
