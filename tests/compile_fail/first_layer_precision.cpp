// attar[E151]
// SPDX-License-Identifier: MIT
#include <attar/quantize/mix_policy.hpp>

using namespace attar;

#if ATTAR_ACCEPT
FirstLayer<Fp32> option;
#else
FirstLayer<float> option;
#endif
