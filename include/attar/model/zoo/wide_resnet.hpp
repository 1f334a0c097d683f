// SPDX-License-Identifier: MIT
#pragma once

#include <attar/model/sequential.hpp>
#include <attar/model/zoo/options.hpp>

namespace attar::zoo {

namespace detail {

/// What follows the norm and ReLU before the first convolution.
template <int Width, int FirstStride>
using WideMain = Stack<Conv2d<Width, Kernel<3>, Stride<FirstStride>>, BatchNorm2d, ReLU, Conv2d<Width, Kernel<3>>>;

template <int Width>
using WideBlock = Residual<Stack<BatchNorm2d, ReLU, WideMain<Width, 1>>>;

/// The first block of a stage shares its norm and ReLU with the shortcut.
template <int Width, int FirstStride>
using WideFirstBlock =
    Stack<BatchNorm2d, ReLU, Residual<WideMain<Width, FirstStride>, Conv2d<Width, Stride<FirstStride>>>>;

template <int Blocks, int Width, int FirstStride>
using WideStage = Stack<WideFirstBlock<Width, FirstStride>, Repeat<Blocks - 1, WideBlock<Width>>>;

template <int Blocks, int Widening>
struct WideFirstStage {
  using type = WideStage<Blocks, 16 * Widening, 1>;
};
/// Not widened, the first stage has the width of the stem, and needs no shortcut.
template <int Blocks>
struct WideFirstStage<Blocks, 1> {
  using type = Repeat<Blocks, WideBlock<16>>;
};

template <int Depth, int Widening, class In, class Labels>
struct WideResNet {
  static_assert(Depth > 4 && Depth % 6 == 4, "attar[E024]: the depth of a WideResNet is 6n + 4");
  static constexpr int blocks = (Depth - 4) / 6;

  using type = Sequential<In, Conv2d<16, Kernel<3>>, typename WideFirstStage<blocks, Widening>::type,  //
                          WideStage<blocks, 32 * Widening, 2>, WideStage<blocks, 64 * Widening, 2>,    //
                          BatchNorm2d, ReLU, GlobalAvgPool, Linear<Labels::count>>;
};

}  // namespace detail

/// WRN-`Depth`-`Widening` (Zagoruyko and Komodakis 2016), without dropout: norm and ReLU before each convolution.
template <int Depth, int Widening, class In = Input<3, 32, 32>, class Labels = Classes<10>>
using WideResNet = typename detail::WideResNet<Depth, Widening, In, Labels>::type;

}  // namespace attar::zoo
