// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <attar/layers/layers.hpp>
#include <attar/model/sequential.hpp>

/// What the passes from architecture to architecture have in common: one walk over the composite layers, which
/// rebuilds each around its rewritten parts. A pass only says what becomes of a single layer.
namespace attar::detail {

/// What a pass wants to know of the layers beside a layer.
enum class Kind {
  other,
  affine,  ///< A convolution or a linear layer.
  norm,    ///< A batch normalization.
};

template <class Layer>
inline constexpr Kind kind_of = Kind::other;
template <int Outputs, class... Options>
inline constexpr Kind kind_of<Conv2d<Outputs, Options...>> = Kind::affine;
template <class... Options>
inline constexpr Kind kind_of<DepthwiseConv2d<Options...>> = Kind::affine;
template <int Outputs, class... Options>
inline constexpr Kind kind_of<Linear<Outputs, Options...>> = Kind::affine;
template <class Eps, class Share>
inline constexpr Kind kind_of<BatchNorm2dWith<Eps, Share>> = Kind::norm;

/// The kind of the first and of the last layer when stacks are written out.
template <class Layer>
inline constexpr Kind first_kind = kind_of<Layer>;
template <class First, class... Rest>
inline constexpr Kind first_kind<Stack<First, Rest...>> = first_kind<First>;
template <class Layer>
inline constexpr Kind last_kind = kind_of<Layer>;
template <class First, class... Rest>
inline constexpr Kind last_kind<Stack<First, Rest...>> =
    std::array<Kind, 1 + sizeof...(Rest)>{last_kind<First>, last_kind<Rest>...}[sizeof...(Rest)];

/// Whether the channels that leave are others than those that came in.
template <class Layer>
inline constexpr bool makes_channels = false;
template <int Outputs, class... Options>
inline constexpr bool makes_channels<Conv2d<Outputs, Options...>> = Conv2d<Outputs, Options...>::groups != Outputs;
template <int Outputs, class... Options>
inline constexpr bool makes_channels<Linear<Outputs, Options...>> = true;
template <class... Layers>
inline constexpr bool makes_channels<Stack<Layers...>> = (makes_channels<Layers> || ...);
template <int Count, class Layer>
inline constexpr bool makes_channels<Repeat<Count, Layer>> = Count > 0 && makes_channels<Layer>;
template <class Main, class Shortcut>
inline constexpr bool makes_channels<Residual<Main, Shortcut>> = makes_channels<Main> && makes_channels<Shortcut>;
template <class... Branches>
inline constexpr bool makes_channels<Concat<Branches...>> = (makes_channels<Branches> && ...);

/// Where a layer stands.
struct Place {
  Kind before = Kind::other;    ///< The layer whose result this one alone reads.
  Kind after = Kind::other;     ///< The layer that alone reads this one's result.
  bool reaches_output = false;  ///< Whether the channels made here are the channels of the network's output.

  /// The place of a part whose neighbours are not known, or not the only readers.
  [[nodiscard]] constexpr Place inside() const { return {Kind::other, Kind::other, reaches_output}; }
};

/// The place of each layer of a stack that stands at `Outer`.
template <Place Outer, class... Layers>
inline constexpr auto places_in_stack = [] {
  constexpr std::size_t count = sizeof...(Layers);
  constexpr std::array<Kind, count> first{first_kind<Layers>...};
  constexpr std::array<Kind, count> last{last_kind<Layers>...};
  constexpr std::array<bool, count> makes{makes_channels<Layers>...};
  std::array<Place, count> places{};
  bool reaches = Outer.reaches_output;
  for (std::size_t i = count; i-- > 0;) {
    places[i] = {i == 0 ? Outer.before : last[i - 1], i + 1 == count ? Outer.after : first[i + 1], reaches};
    reaches = reaches && !makes[i];
  }
  return places;
}();

/// What `Rule` makes of a tree of layers: `Rule::Leaf<Layer, Place>::type` says it for a single layer.
template <class Rule, class Layer, Place Where>
struct Rewrite {
  using type = typename Rule::template Leaf<Layer, Where>::type;
};

template <class Rule, class Layer, Place Where>
using rewrite_t = typename Rewrite<Rule, Layer, Where>::type;

template <class Rule, Place Where>
struct Rewrite<Rule, Stack<>, Where> {
  using type = Stack<>;
};

template <class Rule, class... Layers, Place Where>
struct Rewrite<Rule, Stack<Layers...>, Where> {
  template <std::size_t... I>
  static auto parts(std::index_sequence<I...>)
      -> Stack<rewrite_t<Rule, Layers, places_in_stack<Where, Layers...>[I]>...>;
  using type = decltype(parts(std::index_sequence_for<Layers...>{}));
};

template <class Rule, int Count, class Layer, Place Where>
struct Rewrite<Rule, Repeat<Count, Layer>, Where> {
  using type = Repeat<Count, rewrite_t<Rule, Layer, Where.inside()>>;
};

template <class Rule, class Main, class Shortcut, Place Where>
struct Rewrite<Rule, Residual<Main, Shortcut>, Where> {
  using type = Residual<rewrite_t<Rule, Main, Where.inside()>, rewrite_t<Rule, Shortcut, Where.inside()>>;
};

template <class Rule, class... Branches, Place Where>
struct Rewrite<Rule, Concat<Branches...>, Where> {
  using type = Concat<rewrite_t<Rule, Branches, Where.inside()>...>;
};

/// The architecture of an input and a rewritten body.
template <class In, class Body>
struct MakeSequential;
template <class In, class... Layers>
struct MakeSequential<In, Stack<Layers...>> {
  using type = Sequential<In, Layers...>;
};

template <class Rule, class A>
struct Transform {
  static_assert(A::program.simulation == nullptr,
                "attar[E141]: a quantization-aware network keeps its layers: change them, fold and quantize before "
                "quantization_aware(network, images), and call quantize(aware) without images");
  using type = typename MakeSequential<typename A::InputLayer,
                                       rewrite_t<Rule, typename A::Body, Place{.reaches_output = true}>>::type;
};

/// The architecture that `Rule` makes of `A`.
template <class Rule, class A>
using transform_t = typename Transform<Rule, A>::type;

}  // namespace attar::detail
