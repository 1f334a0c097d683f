// SPDX-License-Identifier: MIT
#pragma once

#include <attar/model/sequential.hpp>
#include <attar/model/zoo/inverted_residual.hpp>
#include <attar/model/zoo/options.hpp>

namespace attar::zoo {

/// EfficientNet-Lite0 (Tan and Le 2019; the lite form: ReLU6, no squeeze-excite).
template <class In = Input<3, 224, 224>, class Labels = Classes<1000>>
using EfficientNetLite0 = Sequential<In, Conv2d<32, Kernel<3>, Stride<2>>, BatchNorm2d, ReLU6,         //
                                     detail::DepthwiseSeparable<16>,                                   //
                                     detail::InvertedResiduals<2, 16, 6, 24, Kernel<3>, Stride<2>>,    //
                                     detail::InvertedResiduals<2, 24, 6, 40, Kernel<5>, Stride<2>>,    //
                                     detail::InvertedResiduals<3, 40, 6, 80, Kernel<3>, Stride<2>>,    //
                                     detail::InvertedResiduals<3, 80, 6, 112, Kernel<5>, Stride<1>>,   //
                                     detail::InvertedResiduals<4, 112, 6, 192, Kernel<5>, Stride<2>>,  //
                                     detail::InvertedResiduals<1, 192, 6, 320, Kernel<3>, Stride<1>>,  //
                                     Conv2d<1280>, BatchNorm2d, ReLU6,                                 //
                                     GlobalAvgPool, Dropout<Rate<1, 5>>, Linear<Labels::count>>;

}  // namespace attar::zoo
