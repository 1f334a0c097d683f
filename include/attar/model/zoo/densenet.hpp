// SPDX-License-Identifier: MIT
#pragma once

#include <attar/model/sequential.hpp>
#include <attar/model/zoo/options.hpp>

namespace attar::zoo {

namespace detail {

/// What came in, and `Growth` channels made from it through a bottleneck.
template <int Growth>
using DenseLayer =
    Concat<Stack<>, Stack<BatchNorm2d, ReLU, Conv2d<4 * Growth>, BatchNorm2d, ReLU, Conv2d<Growth, Kernel<3>>>>;

template <int Width>
using DenseTransition = Stack<BatchNorm2d, ReLU, Conv2d<Width>, AvgPool2d<2>>;

template <int Depth, int Growth, class In, class Labels>
struct DenseNetBc {
  static_assert(Depth > 4 && Depth % 6 == 4, "attar[E024]: the depth of a DenseNet-BC for small images is 6n + 4");
  static constexpr int layers = (Depth - 4) / 6;
  static constexpr int first = (2 + layers) * Growth / 2;
  static constexpr int second = (first + layers * Growth) / 2;

  using Block = Repeat<layers, DenseLayer<Growth>>;
  using type = Sequential<In, Conv2d<2 * Growth, Kernel<3>>, Block, DenseTransition<first>, Block,
                          DenseTransition<second>, Block, BatchNorm2d, ReLU, GlobalAvgPool, Linear<Labels::count>>;
};

}  // namespace detail

/// DenseNet-BC for small images (Huang et al. 2016): bottlenecks, and half of the channels after each of the three
/// blocks but the last. `DenseNetBc<100, 12>` is the paper's of 0.8 million parameters.
template <int Depth, int Growth, class In = Input<3, 32, 32>, class Labels = Classes<10>>
using DenseNetBc = typename detail::DenseNetBc<Depth, Growth, In, Labels>::type;

}  // namespace attar::zoo
