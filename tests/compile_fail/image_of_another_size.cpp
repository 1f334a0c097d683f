// attar[E069]
// SPDX-License-Identifier: MIT
#include <array>

#include <attar/backend/eigen.hpp>
#include <attar/infer/engine.hpp>

using namespace attar;

using Net = Sequential<Input<3, 8, 8>, Flatten, Linear<4>>;
using NetEngine = Engine<Network<Net>, EigenBackend>;

inline void run(const NetEngine& engine, NetEngine::Context& context) {
#if ATTAR_ACCEPT
  const std::array<float, 3 * 8 * 8> image{};
#else
  const std::array<float, 3 * 8 * 9> image{};
#endif
  engine(image, context);
}
