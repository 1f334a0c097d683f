// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include <attar/model/int8_model.hpp>
#include <attar/model/layer_precision.hpp>

namespace attar {

/// A network of which each layer has a precision of its own, as backends see it: a view.
struct MixedModel {
  Int8Model int8;                              ///< Its program is that of the network.
  std::span<const float> parameters;           ///< The flat buffer of the same program: what layers in floats take.
  std::span<const LayerPrecision> precisions;  ///< Per row of the program's layer table.
};

}  // namespace attar
