// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <attar/model/sequential.hpp>
#include <attar/model/zoo/inverted_residual.hpp>
#include <attar/model/zoo/options.hpp>

namespace attar::zoo {

namespace detail {

template <class In, class Labels, class M>
using MobileNetV2 = Sequential<In, Conv2d<M::of(32), Kernel<3>, Stride<2>>, BatchNorm2d, ReLU6,        //
                               DepthwiseSeparable<M::of(16)>,                                          //
                               InvertedResiduals<2, M::of(16), 6, M::of(24), Kernel<3>, Stride<2>>,    //
                               InvertedResiduals<3, M::of(24), 6, M::of(32), Kernel<3>, Stride<2>>,    //
                               InvertedResiduals<4, M::of(32), 6, M::of(64), Kernel<3>, Stride<2>>,    //
                               InvertedResiduals<3, M::of(64), 6, M::of(96), Kernel<3>, Stride<1>>,    //
                               InvertedResiduals<3, M::of(96), 6, M::of(160), Kernel<3>, Stride<2>>,   //
                               InvertedResiduals<1, M::of(160), 6, M::of(320), Kernel<3>, Stride<1>>,  //
                               Conv2d<std::max(1280, M::of(1280))>, BatchNorm2d, ReLU6,                //
                               GlobalAvgPool, Dropout<Rate<1, 5>>, Linear<Labels::count>>;

}  // namespace detail

/// MobileNetV2 (Sandler et al. 2018), layer by layer that of torchvision.
template <class In = Input<3, 224, 224>, class Labels = Classes<1000>, class Multiplier = WidthMultiplier<1>>
using MobileNetV2 = detail::MobileNetV2<In, Labels, Multiplier>;

}  // namespace attar::zoo
