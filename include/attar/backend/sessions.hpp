// SPDX-License-Identifier: MIT
#pragma once

namespace attar {

/// What runs a network whose shapes are known at run time, by a backend that is included with them: floats, int8, and
/// layers of both. (Of `Embedded`, which knows the shapes when the program is compiled, there are others.)
template <class Backend, class StorageType = typename Backend::Scalar>
class InferenceSession;
template <class Backend>
class Int8Session;
template <class Backend>
class MixedSession;

}  // namespace attar
