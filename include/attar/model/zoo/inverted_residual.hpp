// SPDX-License-Identifier: MIT
#pragma once

#include <attar/model/sequential.hpp>

namespace attar::zoo::detail {

/// A depthwise 3x3 convolution and a linear 1x1 convolution to `Width` channels: the block without expansion.
template <int Width>
using DepthwiseSeparable = Stack<DepthwiseConv2d<Kernel<3>>, BatchNorm2d, ReLU6, Conv2d<Width>, BatchNorm2d>;

/// Expansion to `Hidden` channels, depthwise convolution, linear projection to `Width` (Sandler et al. 2018).
template <int Hidden, int Width, class... Window>
using InvertedBottleneck = Stack<Conv2d<Hidden>, BatchNorm2d, ReLU6, DepthwiseConv2d<Window...>, BatchNorm2d, ReLU6,
                                 Conv2d<Width>, BatchNorm2d>;

/// `Count` inverted bottlenecks from `In` to `Width` channels, of which the first takes the stride, and the others have
/// a shortcut. (So has the first where it changes neither size nor width, which happens in none of our networks.)
template <int Count, int In, int Expansion, int Width, class Window, class FirstStride>
using InvertedResiduals = Stack<InvertedBottleneck<In * Expansion, Width, Window, FirstStride>,
                                Repeat<Count - 1, Residual<InvertedBottleneck<Width * Expansion, Width, Window>>>>;

}  // namespace attar::zoo::detail
