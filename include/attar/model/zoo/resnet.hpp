// SPDX-License-Identifier: MIT
#pragma once

#include <attar/model/sequential.hpp>
#include <attar/model/zoo/options.hpp>

namespace attar::zoo {

namespace detail {

template <int Width, int FirstStride>
using ResNetMain = Stack<Conv2d<Width, Kernel<3>, Stride<FirstStride>>, BatchNorm2d, ReLU,  //
                         Conv2d<Width, Kernel<3>>, BatchNorm2d>;

template <int Width, int FirstStride>
using ResNetShortcut = Stack<Conv2d<Width, Stride<FirstStride>>, BatchNorm2d>;

/// A stage whose first block changes size or width.
template <int Blocks, int Width, int FirstStride>
using ResNetStage = Stack<Residual<ResNetMain<Width, FirstStride>, ResNetShortcut<Width, FirstStride>>, ReLU,
                          Repeat<Blocks - 1, Stack<Residual<ResNetMain<Width, 1>>, ReLU>>>;

template <int Depth, class In, class Labels, class W>
struct CifarResNet {
  static_assert(Depth > 2 && Depth % 6 == 2, "attar[E024]: the depth of a ResNet for small images is 6n + 2");
  static_assert(W::channels.size() == 3, "attar[E025]: this network has three stages, so three widths");
  static constexpr int blocks = (Depth - 2) / 6;

  /// The first stage changes nothing, so all its blocks are alike.
  using type = Sequential<In, Conv2d<W::channels[0], Kernel<3>>, BatchNorm2d, ReLU,              //
                          Repeat<blocks, Stack<Residual<ResNetMain<W::channels[0], 1>>, ReLU>>,  //
                          ResNetStage<blocks, W::channels[1], 2>,                                //
                          ResNetStage<blocks, W::channels[2], 2>,                                //
                          GlobalAvgPool, Linear<Labels::count>>;
};

}  // namespace detail

/// The ResNet for small images (He et al. 2015, section 4.2), with 6n + 2 layers in three stages. Shortcuts that change
/// the shape are 1x1 convolutions with batch normalization (the paper's option B), as in RepDistiller.
template <int Depth, class In = Input<3, 32, 32>, class Labels = Classes<10>, class W = Widths<16, 32, 64>>
using CifarResNet = typename detail::CifarResNet<Depth, In, Labels, W>::type;

template <class In = Input<3, 32, 32>, class Labels = Classes<10>, class W = Widths<16, 32, 64>>
using ResNet20 = CifarResNet<20, In, Labels, W>;

template <class In = Input<3, 32, 32>, class Labels = Classes<10>, class W = Widths<16, 32, 64>>
using ResNet56 = CifarResNet<56, In, Labels, W>;

}  // namespace attar::zoo
