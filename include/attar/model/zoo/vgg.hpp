// SPDX-License-Identifier: MIT
#pragma once

#include <attar/model/sequential.hpp>
#include <attar/model/zoo/options.hpp>

namespace attar::zoo {

namespace detail {

template <int Width>
using VggLayer = Stack<Conv2d<Width, Kernel<3>, Bias>, BatchNorm2d, ReLU>;

template <int PerStage, class In, class Labels, int A, int B, int C, int D, int E>
using Vgg = Sequential<In, Repeat<PerStage, VggLayer<A>>, MaxPool2d<2>, Repeat<PerStage, VggLayer<B>>, MaxPool2d<2>,
                       Repeat<PerStage, VggLayer<C>>, MaxPool2d<2>, Repeat<PerStage, VggLayer<D>>,
                       Repeat<PerStage, VggLayer<E>>, GlobalAvgPool, Linear<Labels::count>>;

}  // namespace detail

/// VGG-8 for small images with batch normalization, the form of RepDistiller: one convolution per stage (the form for
/// 32 x 32, without the fourth pooling), one linear layer. Its convolutions have biases.
template <class In = Input<3, 32, 32>, class Labels = Classes<10>>
using Vgg8 = detail::Vgg<1, In, Labels, 64, 128, 256, 512, 512>;

/// VGG-13 (Simonyan and Zisserman 2014) in the same form: two convolutions per stage.
template <class In = Input<3, 32, 32>, class Labels = Classes<10>>
using Vgg13 = detail::Vgg<2, In, Labels, 64, 128, 256, 512, 512>;

}  // namespace attar::zoo
