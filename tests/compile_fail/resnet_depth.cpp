// attar[E024]
// SPDX-License-Identifier: MIT
#include <attar/model/zoo.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Net = zoo::CifarResNet<32>;
#else
using Net = zoo::CifarResNet<34>;
#endif

constexpr int output = Net::program.output;
