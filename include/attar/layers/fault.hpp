// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>

#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>

namespace attar {

/// What can be wrong with a stack of layers. The number is the tag: `attar[E010]`; `docs/errors.md` explains each.
enum class Fault {
  none = 0,
  outputs_not_positive = 9,
  groups_do_not_divide = 10,
  window_does_not_fit = 11,
  linear_needs_vector = 12,
  branches_differ = 13,
  concat_extents_differ = 14,
  padding_wider_than_window = 15,
  squeeze_too_strong = 16,
};

/// The first fault of a stack, where it was found, and the shape that came in there.
struct Diagnosis {
  Fault fault = Fault::none;
  Name path{};
  Name layer{};
  Shape input{};
  Shape other{};  ///< The shape it disagrees with, if the fault is about two.
};

#ifdef __clang__  // Prints the characters of an array as numbers, but those of a list as characters.
namespace detail {
template <char... Characters>
struct AtPath {};
template <char... Characters>
struct LayerName {};
template <template <char...> class Text, Name Spelled, std::size_t... I>
auto spell(std::index_sequence<I...>) -> Text<Spelled.view()[I]...>;
}  // namespace detail
template <Name Path>
using At = decltype(detail::spell<detail::AtPath, Path>(std::make_index_sequence<Path.size()>{}));
template <Name Layer>
using LayerIs = decltype(detail::spell<detail::LayerName, Layer>(std::make_index_sequence<Layer.size()>{}));
#else
/// Where a fault stands in the stack, as an index path; appears in compilers' messages only.
template <Name Path>
struct At {};
/// Which layer it is; appears in compilers' messages only.
template <Name Layer>
struct LayerIs {};
#endif
/// The shape that reaches it; appears in compilers' messages only.
template <int Channels, int Height, int Width>
struct Receives {};

namespace detail {

/// One `static_assert` per fault. The compiler names this template's arguments beside the sentence, so the message
/// carries the place, the layer and the shape.
template <Fault Found, class Place, class Layer, class Input, class Other>
struct Report {
  static_assert(Found != Fault::outputs_not_positive,
                "attar[E009]: a layer needs at least one output; give it a positive number of channels or features");
  static_assert(Found != Fault::groups_do_not_divide,
                "attar[E010]: the groups of a convolution must divide its input channels and its outputs; "
                "change Groups<> or the widths");
  static_assert(Found != Fault::window_does_not_fit,
                "attar[E011]: the window is larger than the (padded) image that reaches it; "
                "use a smaller kernel, more padding or fewer strides before it");
  static_assert(Found != Fault::linear_needs_vector,
                "attar[E012]: Linear takes a vector, and this is an image; put Flatten or GlobalAvgPool before it");
  static_assert(Found != Fault::branches_differ,
                "attar[E013]: the main path and the shortcut of a Residual must give the same shape; "
                "put a strided 1x1 convolution into the shortcut, or match widths and strides");
  static_assert(
      Found != Fault::concat_extents_differ,
      "attar[E014]: the branches of a Concat must agree in height and width; match their strides and padding");
  static_assert(Found != Fault::padding_wider_than_window,
                "attar[E015]: a pooling may be padded by at most half of its window; "
                "otherwise some outputs would see padding alone");
  static_assert(Found != Fault::squeeze_too_strong,
                "attar[E016]: SqueezeExcite<R> leaves channels/R features, and here that is none; use a smaller R");
};

}  // namespace detail
}  // namespace attar
