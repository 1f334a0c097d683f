// attar[E048]
// SPDX-License-Identifier: MIT
#include <attar/loss/logit_error.hpp>

using namespace attar;

#if ATTAR_ACCEPT
LogitError<Weight<1, 10>> loss;
#else
LogitError<Temperature<4>> loss;
#endif
