// SPDX-License-Identifier: MIT
#pragma once

#include <attar/infer.hpp>

/// The network that `examples/fashion_mnist` ends with: the student, pruned and quantized. A program that embeds a
/// model names the model's type; a file of any other architecture is refused.
namespace fashion {

using namespace attar;  // NOLINT: an example reads as a program that uses the library

template <int Width, class... More>
using Block = Stack<Conv2d<Width, Kernel<3>, More...>, BatchNorm2d, ReLU>;

template <int Width>
using ResidualBlock = Stack<Residual<Stack<Block<Width>, Conv2d<Width, Kernel<3>>, BatchNorm2d>>, ReLU>;

/// A stem at full size, then two stages at a half and a quarter of it, with widths of their own.
template <int Stem, int Half, int Quarter, class... Head>
using Net = Sequential<Input<1, 28, 28>, Block<Stem>,                      //
                       Block<Half, Stride<2>>, ResidualBlock<Half>,        //
                       Block<Quarter, Stride<2>>, ResidualBlock<Quarter>,  //
                       Head..., GlobalAvgPool, Linear<10>>;

using Slim = Net<16, 16, 64>;
using SlimInt8 = quantize_t<Slim, Int8<PerChannel, MinMax>>;

/// Mean and deviation of the pixels of Fashion-MNIST's training images.
inline const Normalization normalization{{0.2860F}, {0.3530F}};

}  // namespace fashion
