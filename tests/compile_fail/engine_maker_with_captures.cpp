// attar[E138]
// SPDX-License-Identifier: MIT
#include <attar/infer/engine.hpp>
#include <attar/infer/engine_maker.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/sequential.hpp>

using namespace attar;

using Net = Sequential<Input<1, 4, 4>, GlobalAvgPool, Linear<2>>;
constexpr int threads = 1;
#if ATTAR_ACCEPT
extern const EngineMaker<int> maker;
const EngineMaker<int> maker{[](int count) { return Engine{Network<Net>{}, Threads{count}}; }};
#else
extern const EngineMaker<> maker;
const EngineMaker<> maker{[count = threads] { return Engine{Network<Net>{}, Threads{count}}; }};
#endif
