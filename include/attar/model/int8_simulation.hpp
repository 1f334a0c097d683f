// SPDX-License-Identifier: MIT
#pragma once

#include <span>

namespace attar {

/// Where the limit of a quantizer comes from in quantization-aware training. A limit is the largest magnitude that the
/// quantizer represents: its step times its levels (the weights' limit in integers; 255 for u8, 127 for s8).
enum class LimitRule {
  keep,        ///< It stays as it was in the beginning.
  follow,      ///< It is what `quantize` would take for the weights, in every step. For weights only.
  learn,       ///< It is learned from rounding and clipping.
  learn_clip,  ///< It is learned from clipping alone.
};

/// What makes a program quantization-aware: it computes in training what the int8 network of the same architecture
/// computes, with quantizers whose limits are parameters of the program.
struct Int8Simulation {
  int weight_limit = 127;   ///< The largest quantized weight.
  bool per_channel = true;  ///< A limit per output channel of a weight tensor, else one.
  LimitRule weights{};
  LimitRule activations{};
  std::span<const int> weight_limits;  ///< Per parameter: the number of the tensor with its limits, -1 for none.
  int activation_limits = -1;          ///< The tensor with a limit per value of the program.
  int activation_signs = -1;           ///< The tensor with 1 for each value that is s8, 0 for u8; -1 if all are u8.
  /// The tensor with the number, at most 0, that each value's byte 0 stands for; -1 where there are no zero points.
  int activation_offsets = -1;
};

}  // namespace attar
