// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <attar/loss/log_softmax.hpp>
#include <attar/loss/objective.hpp>

/// One teacher's logits made of several teachers'. `weights` is teachers x batch, of sum 1 for each image.
namespace attar::detail {

/// The weighted mean of the teachers' logits.
inline void mean_logits(std::span<const LogitsView<float>> teachers, std::span<const double> weights,
                        std::span<float> fused) {
  const auto& [data, batch, classes] = teachers.front();
  for (std::size_t image = 0; image < batch; ++image) {
    for (std::size_t i = image * classes; i < (image + 1) * classes; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < teachers.size(); ++k) {
        sum += weights[k * batch + image] * static_cast<double>(teachers[k].data[i]);
      }
      fused[i] = static_cast<float>(sum);
    }
  }
}

/// Logits whose softmax at `temperature` is the weighted mean of the teachers' softmax at it: temperature * log sum_k
/// w_k p_k, by logarithms, so that nothing underflows. A class that every teacher that counts rules out stays
/// -infinity.
inline void log_mean_probabilities(std::span<const LogitsView<float>> teachers, std::span<const double> weights,
                                   double temperature, std::span<float> fused) {
  struct Share {
    LogSoftmax<float> row;
    double log_weight;
    [[nodiscard]] double operator[](std::size_t c) const { return log_weight + row[c]; }
  };
  const auto& [data, batch, classes] = teachers.front();
  std::vector<Share> shares;
  shares.reserve(teachers.size());
  for (std::size_t image = 0; image < batch; ++image) {
    shares.clear();
    for (std::size_t k = 0; k < teachers.size(); ++k) {
      shares.push_back({LogSoftmax{teachers[k].row(image), temperature}, std::log(weights[k * batch + image])});
    }
    for (std::size_t c = 0; c < classes; ++c) {
      // Starting from the lowest finite number keeps -infinity - -infinity out of the exponent.
      double largest = std::numeric_limits<double>::lowest();
      for (const Share& share : shares) largest = std::max(largest, share[c]);
      double sum = 0;
      for (const Share& share : shares) sum += std::exp(share[c] - largest);
      fused[image * classes + c] = static_cast<float>(temperature * (largest + std::log(sum)));
    }
  }
}

}  // namespace attar::detail
