// attar[E152]
// SPDX-License-Identifier: MIT
#include <attar/quantize/mix_policy.hpp>

using namespace attar;

#if ATTAR_ACCEPT
MixPolicy<FirstLayer<Fp32>, LastLayer<Bf16>> policy;
#else
MixPolicy<FirstLayer<Fp32>, FirstLayer<Bf16>> policy;
#endif
