// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include <attar/core/error.hpp>

namespace attar {

/// What several runs of one experiment gave.
struct Spread {
  double mean = 0;
  double deviation = 0;  ///< The sample's standard deviation (n - 1); 0 for a single run.
};

/// Mean and spread of `results`, one per seed. Throws `Error` with `invalid_argument` where there is none.
[[nodiscard]] inline Spread spread(std::span<const double> results) {
  if (results.empty()) raise(Error{ErrorCode::invalid_argument, "results", "one per seed", "none"});
  const auto count = static_cast<double>(results.size());
  Spread spread;
  for (const double x : results) spread.mean += x / count;
  double squares = 0;
  for (const double x : results) squares += (x - spread.mean) * (x - spread.mean);
  if (results.size() > 1) spread.deviation = std::sqrt(squares / (count - 1));
  return spread;
}

}  // namespace attar
