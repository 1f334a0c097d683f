// attar[E144]
// SPDX-License-Identifier: MIT
#include <attar/quantize/quantization_aware.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<10>>;

#if ATTAR_ACCEPT
using Aware = quantization_aware_t<Net, Int8<Symmetric>, LearnedStep>;
#else
using Aware = quantization_aware_t<Net, Int8<Asymmetric>, LearnedStep>;
#endif
constexpr auto size = Aware::program.buffer_size;
