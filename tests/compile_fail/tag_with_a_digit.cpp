// attar[E026]
// SPDX-License-Identifier: MIT
#include <attar/layers/layers.hpp>
#include <attar/model/sequential.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = Sequential<Input<1, 8, 8>, Tag<"a1">, Flatten, Linear<3>>;
#else
using Net = Sequential<Input<1, 8, 8>, Tag<"1a">, Flatten, Linear<3>>;
#endif

static_assert(Net::program.rows.size() == 3);
