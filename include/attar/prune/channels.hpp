// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <attar/detail/whole_range.hpp>
#include <attar/model/network.hpp>
#include <attar/model/transform.hpp>
#include <attar/prune/criteria/norms.hpp>
#include <attar/prune/evidence.hpp>
#include <attar/prune/options.hpp>
#include <attar/prune/prune_to.hpp>

namespace attar {

namespace detail {

template <class Option, int Width>
struct WithGroups {
  using type = Option;
};
template <int Count, int Width>
struct WithGroups<Groups<Count>, Width> {
  using type = Groups<Width>;
};

template <class Share, class Rounding>
struct PruneChannels {
  template <class Layer, Place Where>
  struct Leaf {
    using type = Layer;
  };
  template <int Outputs, class... Options, Place Where>
    requires(!Where.reaches_output)
  struct Leaf<Conv2d<Outputs, Options...>, Where> {
    static constexpr int width = kept_width<Share, Rounding>(Outputs);
    static constexpr int groups = Conv2d<Outputs, Options...>::groups == 1 ? 1 : width;
    using type = Conv2d<width, typename WithGroups<Options, groups>::type...>;
  };
};

template <class A, class Share, class Rounding>
using PrunedBody = rewrite_t<PruneChannels<Share, Rounding>, typename A::Body, Place{.reaches_output = true}>;

template <class In, class Body>
inline constexpr bool body_fits = false;
template <class In, class... Layers>
inline constexpr bool body_fits<In, Stack<Layers...>> = well_formed<In, Layers...>;

constexpr bool has_grouped_convolution(const Program& program) {
  return detail::any_of(program.ops, [&](const Op& op) { return op.groups > 1 && !is_depthwise(program, op); });
}

enum class PruneFault { none, options, groups, widths };

template <class A, class Share, class Rounding>
consteval PruneFault prune_fault() {
  if constexpr (!is_keep<Share> || !is_round_to<Rounding>) {
    return PruneFault::options;
  } else if constexpr (has_grouped_convolution(A::program)) {
    return PruneFault::groups;
  } else if constexpr (!body_fits<typename A::InputLayer, PrunedBody<A, Share, Rounding>>) {
    return PruneFault::widths;
  } else {
    return PruneFault::none;
  }
}

template <class A, class Share, class Rounding, PruneFault Found = prune_fault<A, Share, Rounding>()>
struct PrunedArchitecture {
  static_assert(Found != PruneFault::options,
                "attar[E033]: the share of channels that stays is written Keep<3, 4>, the rounding RoundTo<8>");
  static_assert(Found != PruneFault::groups,
                "attar[E035]: a grouped convolution cannot be narrowed evenly; channels are removed from networks "
                "whose convolutions have one group, or as many as channels");
  static_assert(Found != PruneFault::widths,
                "attar[E037]: after rounding, layers that are added no longer have the same width; choose another "
                "RoundTo, or give them widths that round alike");
  using type = A;
};
template <class A, class Share, class Rounding>
struct PrunedArchitecture<A, Share, Rounding, PruneFault::none> {
  using type = typename MakeSequential<typename A::InputLayer, PrunedBody<A, Share, Rounding>>::type;
};

}  // namespace detail

/// `A` with fewer channels: the outputs of each convolution are scaled by `Share` (a `Keep`) and rounded to the nearest
/// multiple of `Rounding` (a `RoundTo`), but never to zero nor above what they were. Everything else infers its width:
/// norms, depthwise convolutions, squeeze-excites. Linear layers keep their outputs, and so do convolutions whose
/// channels are the network's output.
template <Architecture A, class Share, class Rounding = RoundTo<8>>
using prune_channels_t = typename detail::PrunedArchitecture<A, Share, Rounding>::type;

/// Removes whole channels, so that a smaller and faster network is left: a policy for `prune`.
///
/// - `Criterion`: which filters matter (see `FilterCriterion`).
/// - `Share`: how many stay, in each layer (`Keep<1, 2>`).
/// - `Rounding`: multiples that widths are rounded to.
template <class Criterion = L1Norm, class Share = Keep<1, 2>, class Rounding = RoundTo<8>>
struct Channels {
  /// What `prune` does with this policy.
  template <Architecture A, class Scalar>
  [[nodiscard]] static auto apply(const Network<A, Scalar>& network) {
    return prune_to<prune_channels_t<A, Share, Rounding>, Criterion>(network);
  }
  template <Architecture A, class Scalar>
  [[nodiscard]] static auto apply(const Network<A, Scalar>& network, const Evidence<Scalar>& evidence) {
    return prune_to<prune_channels_t<A, Share, Rounding>, Criterion>(network, evidence);
  }
};

}  // namespace attar
