// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <tuple>

#include <attar/model/network.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/train/precision.hpp>

namespace attar {

/// A teacher that computes in another precision than the student's trainer; made by `in<Bf16>(network)`.
template <class Precision, class A>
struct InPrecision {
  const Network<A>& network;
};

/// Lets a teacher compute in a precision of its own: `teachers(in<Bf16>(large))`.
template <class Precision, class A>
[[nodiscard]] InPrecision<Precision, A> in(const Network<A>& network) {
  return {network};
}

namespace detail {

/// What `Teachers` keeps for something that was named as a teacher.
template <class A>
const Network<A>& as_teacher(const Network<A>& network) {
  return network;
}
template <class A, class Scheme>
const QuantizedNetwork<A, Scheme>& as_teacher(const QuantizedNetwork<A, Scheme>& network) {
  return network;
}
template <class Precision, class A>
InPrecision<Precision, A> as_teacher(const InPrecision<Precision, A>& teacher) {
  return teacher;
}

/// The architecture of what was named as a teacher.
template <class Teacher>
struct ArchitectureOf {
  using type = typename Teacher::ArchitectureType;
};
template <class Precision, class A>
struct ArchitectureOf<InPrecision<Precision, A>> {
  using type = A;
};
template <class Teacher>
using architecture_of = typename ArchitectureOf<std::remove_cvref_t<Teacher>>::type;

}  // namespace detail

/// The networks that a student learns from, by reference: they must outlive the distillation.
template <class... Kinds>
struct Teachers {
  static constexpr std::size_t count = sizeof...(Kinds);
  std::tuple<Kinds...> networks;
};

/// Names the teachers of a distillation, of any architectures: float networks, networks in a precision of their own
/// (`in`), or int8 networks.
///
///     teachers(first, in<Bf16>(second), int8)
template <class... Named>
[[nodiscard]] auto teachers(const Named&... named) {
  return Teachers<decltype(detail::as_teacher(named))...>{{detail::as_teacher(named)...}};
}

}  // namespace attar
