// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>

namespace attar {

/// How pixels become a network's input, per channel: (pixel / 255 - mean) / deviation.
struct Normalization {
  std::vector<float> mean;
  std::vector<float> deviation;

  friend bool operator==(const Normalization&, const Normalization&) = default;
};

/// Throws `Error` about `subject`, with `invalid_data`, unless there is one finite mean and one positive deviation per
/// channel.
inline void require_normalization(const Normalization& normalization, std::size_t channels,
                                  const std::string& subject) {
  const auto require = [&](bool condition, std::string expected, std::string found) {
    if (!condition) raise(Error{ErrorCode::invalid_data, subject, std::move(expected), std::move(found)});
  };
  const auto& [mean, deviation] = normalization;
  require(mean.size() == channels && deviation.size() == channels,
          std::to_string(channels) + " means and deviations, one of each per channel",
          std::to_string(mean.size()) + " and " + std::to_string(deviation.size()));
  require(detail::all_of(mean, [](float value) { return std::isfinite(value); }), "finite means", "others");
  require(detail::all_of(deviation, [](float value) { return std::isfinite(value) && value > 0; }),
          "positive deviations", "others");
}

}  // namespace attar
