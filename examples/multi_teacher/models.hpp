// SPDX-License-Identifier: MIT
#pragma once

#include "../support/study.hpp"
#include <attar/attar.hpp>

/// Three kinds of teachers, and a student that is far smaller than each.
namespace multi_teacher {

using namespace attar;  // NOLINT: the networks read as a user writes them
using study::Block;

using Plain = Sequential<Input<1, 28, 28>, Block<32>, MaxPool2d<2>, Block<64>, Block<64>, MaxPool2d<2>, Block<128>,
                         Block<128>, GlobalAvgPool, Linear<10>>;

template <int Width>
using BasicBlock = Stack<Residual<Stack<Block<Width>, Conv2d<Width, Kernel<3>>, BatchNorm2d>>, ReLU>;
using Residuals = Sequential<Input<1, 28, 28>, Block<32>, MaxPool2d<2>, BasicBlock<32>, Block<64, Stride<2>>,
                             BasicBlock<64>, Block<128>, BasicBlock<128>, GlobalAvgPool, Linear<10>>;

template <int Growth>
using DenseBlock = Concat<Identity, Block<Growth>>;
using Dense = Sequential<Input<1, 28, 28>, Block<32>, MaxPool2d<2>, DenseBlock<32>, DenseBlock<32>, DenseBlock<32>,
                         MaxPool2d<2>, DenseBlock<64>, DenseBlock<64>, DenseBlock<64>, GlobalAvgPool, Linear<10>>;

using Student = Sequential<Input<1, 28, 28>, Block<12>, MaxPool2d<2>, Block<24>, MaxPool2d<2>, Block<48>, GlobalAvgPool,
                           Linear<10>>;

static_assert(cost<Student>.parameters < 20'000);

}  // namespace multi_teacher
