// SPDX-License-Identifier: MIT
#include <attar/quantize/layer_rounding_impl.hpp>

namespace attar::detail {

template double LayerRounding<LayerSamples>::squared_error(std::size_t, std::size_t, bool);

}  // namespace attar::detail
