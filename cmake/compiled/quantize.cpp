// SPDX-License-Identifier: MIT
#include <attar/quantize/layer_rounding_impl.hpp>
