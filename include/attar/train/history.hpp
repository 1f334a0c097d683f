// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

namespace attar {

/// What one pass over the training data gave.
struct EpochRecord {
  int epoch = 0;        ///< From 1.
  double loss = 0;      ///< Mean over the epoch's images, as they were seen.
  double accuracy = 0;  ///< Percent of the (augmented) training images, as they were seen.
  double seconds = 0;   ///< Wall time.
  double images_per_second = 0;
};

/// The epochs of a training run, in order.
using History = std::vector<EpochRecord>;

}  // namespace attar
