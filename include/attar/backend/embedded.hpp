// SPDX-License-Identifier: MIT
#pragma once

#include <attar/backend/embedded/float_session.hpp>
#include <attar/backend/embedded/int8_session.hpp>
#include <attar/backend/embedded/mixed_session.hpp>

namespace attar {

/// The backend to embed: inference alone, in float, int8 and mixes of them, by kernels that are made from the shapes of
/// the architecture when the program is compiled. It needs nothing but the compiler: no library, no file, no thread; it
/// allocates nothing after a context is made, and gives the int8 bits of all other backends. On several threads each
/// takes whole images of a batch; where there are more threads than images, some share one (`team.hpp`).
///
///     const Engine<StudentInt8, Embedded> engine{load<StudentInt8>("student.safetensors")};
///
/// Compile for the CPU that the program runs on: what instructions there are is decided then.
struct Embedded {
  using Scalar = float;
};

}  // namespace attar
