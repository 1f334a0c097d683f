// attar[E139]
// SPDX-License-Identifier: MIT
#include <attar/backend/eigen.hpp>
#include <attar/infer/engine.hpp>
#include <attar/model/narrowed_network.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<4>>;

inline void run(const NarrowedNetwork<Net>& network) {
#if ATTAR_ACCEPT
  const Engine<NarrowedNetwork<Net>, EigenBackend> engine{network};
#else
  const Engine<NarrowedNetwork<Net>, Embedded> engine{network};
#endif
  static_cast<void>(engine);
}
