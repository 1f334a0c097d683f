// attar[E140]
// SPDX-License-Identifier: MIT
#include <attar/model/quantization_aware.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<32>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<10>>;
using Once = quantization_aware_t<Net, Int8<>, LearnedStep>;

#if ATTAR_ACCEPT
constexpr auto size = Once::program.buffer_size;
#else
constexpr auto size = QuantizationAware<Once, Int8<>, LearnedStep>::program.buffer_size;
#endif
