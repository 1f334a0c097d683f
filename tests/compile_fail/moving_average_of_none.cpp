// attar[E131]
// SPDX-License-Identifier: MIT
#include <attar/quantize/moving_average.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Calibrator = MovingAverage<1, 100>;
#else
using Calibrator = MovingAverage<0, 100>;
#endif

float limit(const ValueStatistics& statistics) {
  return Calibrator::limit(statistics, 127);
}
