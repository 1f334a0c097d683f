// attar[E047]
// SPDX-License-Identifier: MIT
#include <attar/loss/relations.hpp>

using namespace attar;

#if ATTAR_ACCEPT
Relations<InterWeight<2>, IntraWeight<2>> loss;
#else
Relations<InterWeight<2>, Smoothing<1, 10>> loss;
#endif
