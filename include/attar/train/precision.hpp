// SPDX-License-Identifier: MIT
#pragma once

#include <attar/core/dtype.hpp>

namespace attar {

/// Everything in 32 bits. `Storage` is what activations are kept in.
struct Fp32 {
  using Storage = float;
};

/// Mixed precision: convolutions, linear layers and activations in bf16, master weights, statistics of the norms, loss
/// and optimizer in fp32 (Kalamkar et al. 2019). No loss scaling is needed, for bf16 has the exponent of fp32. Needs a
/// CPU with bf16 instructions to be faster.
struct Bf16 {
  using Storage = bf16;
};

/// The faster of both on the CPU that the program is compiled for (`-march=native`): `Bf16` where it has instructions
/// for it, else `Fp32`.
#if defined(__AVX512BF16__) || defined(__AMX_BF16__)
using FastPrecision = Bf16;
#else
using FastPrecision = Fp32;
#endif

}  // namespace attar
