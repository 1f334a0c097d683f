// attar[E130]
// SPDX-License-Identifier: MIT
#include <attar/quantize/percentile.hpp>

using namespace attar;

#if ATTAR_ACCEPT
using Calibrator = Percentile<999, 1000>;
#else
using Calibrator = Percentile<999, 100>;
#endif

float limit(const ValueStatistics& statistics) {
  return Calibrator::limit(statistics, 127);
}
