// SPDX-License-Identifier: MIT
#pragma once

#include <attar/layers/layers.hpp>
#include <attar/layers/residual.hpp>
#include <attar/layers/stack.hpp>
#include <attar/model/sequential.hpp>

/// The models on which the library and its peers are compared; peers/models.py has the same in PyTorch.
namespace models {

using namespace attar;  // NOLINT: the models read as a user writes them

template <int Outputs, class... Options>
using ConvBlock = Stack<Conv2d<Outputs, Options...>, BatchNorm2d, ReLU>;

/// Three convolutions, 1.5 M multiply-adds: where a runtime's overhead shows.
using Small = Sequential<Input<1, 28, 28>, ConvBlock<16, Kernel<3>>, MaxPool2d<2>, ConvBlock<32, Kernel<3>>,
                         MaxPool2d<2>, ConvBlock<32, Kernel<3>>, GlobalAvgPool, Linear<10>>;

template <int Width, class StrideOption = Stride<1>, class... Shortcut>
using BasicBlock = Stack<
    Residual<Stack<ConvBlock<Width, Kernel<3>, StrideOption>, Conv2d<Width, Kernel<3>>, BatchNorm2d>, Shortcut...>,
    ReLU>;

template <int Width>
using WideningBlock = BasicBlock<Width, Stride<2>, Stack<Conv2d<Width, Kernel<1>, Stride<2>>, BatchNorm2d>>;

/// ResNet-20 for CIFAR (He et al. 2015) with convolutions in the shortcuts, 41 M multiply-adds.
using ResNet20 = Sequential<Input<3, 32, 32>, ConvBlock<16, Kernel<3>>,         //
                            BasicBlock<16>, BasicBlock<16>, BasicBlock<16>,     //
                            WideningBlock<32>, BasicBlock<32>, BasicBlock<32>,  //
                            WideningBlock<64>, BasicBlock<64>, BasicBlock<64>,  //
                            GlobalAvgPool, Linear<10>>;

template <int Outputs, int StrideOfMaps>
using Separable =
    Stack<DepthwiseConv2d<Kernel<3>, Stride<StrideOfMaps>>, BatchNorm2d, ReLU, ConvBlock<Outputs, Kernel<1>>>;

/// Depthwise-separable convolutions, 16 M multiply-adds: the shape of networks for phones.
using Mobile = Sequential<Input<3, 32, 32>, ConvBlock<32, Kernel<3>>, Separable<64, 1>, Separable<128, 2>,
                          Separable<128, 1>, Separable<256, 2>, Separable<256, 1>, GlobalAvgPool, Linear<10>>;

}  // namespace models
