// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <attar/core/shape.hpp>
#include <attar/layers/fault.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// The images that a network takes: channels, height, width. Stands first in a `Sequential`.
template <int Channels, int Height, int Width>
struct Input {
  static_assert(Channels > 0 && Height > 0 && Width > 0, "attar[E022]: an input has at least one channel and pixel");
  static constexpr Shape shape{Channels, Height, Width};
};

/// Whether the layers fit each other; the soft question behind the hard errors of `Sequential`.
template <class In, class... Layers>
inline constexpr bool well_formed = detail::program_tables<In, Stack<Layers...>>.diagnosis.fault == Fault::none;

/// An architecture: a type without data. Layers say what they produce, the stack works out what they receive.
///
///     using Net = Sequential<Input<1, 28, 28>, Conv2d<16, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<10>>;
///     static_assert(cost<Net>.parameters < 1'000);
///
/// Layers that do not fit are refused by one sentence with a tag, the place, the layer and the shape (docs/errors.md).
template <class In, class... Layers>
struct Sequential {
  using InputLayer = In;
  using Body = Stack<Layers...>;

 private:
  static constexpr const auto& tables = detail::program_tables<In, Body>;
  static constexpr const Diagnosis& found = tables.diagnosis;
  static constexpr detail::Report<found.fault, At<found.path>, LayerIs<found.layer>,
                                  Receives<found.input.channels, found.input.height, found.input.width>,
                                  Receives<found.other.channels, found.other.height, found.other.width>>
      report{};

 public:
  /// The operations, shapes and parameters that the layers stand for.
  static constexpr Program program = tables.view();
  static constexpr Shape input_shape = In::shape;
  static constexpr Shape output_shape = program.output_shape();
};

/// Any `Sequential`.
template <class A>
concept Architecture = requires {
  typename A::InputLayer;
  typename A::Body;
  { A::program } -> std::convertible_to<Program>;
};

}  // namespace attar
