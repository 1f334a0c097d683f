// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

#include "../embed/network.hpp"
#include <attar/attar.hpp>

/// The networks of the worked case, all of one plan (`Net`, in examples/embed/network.hpp). They are types without
/// data: what is asserted here is known before anything is trained.
namespace fashion {

using Teacher = Net<32, 64, 128, Block<256, Stride<2>>>;
using Student = Net<16, 24, 80>;

/// What is pruned: a quarter of the channels, to widths that fill the vector registers of AVX-512.
using Keeping = Channels<L1Norm, Keep<3, 4>, RoundTo<16>>;
static_assert(std::is_same_v<prune_channels_t<Student, Keep<3, 4>, RoundTo<16>>, Slim>);

static_assert(cost<Teacher>.parameters > 5 * cost<Student>.parameters);
static_assert(cost<Slim>.parameters < 100'000, "the aim of the worked case: at most 100,000 parameters");
static_assert(cost<Slim>.multiply_adds < cost<Student>.multiply_adds);

}  // namespace fashion
