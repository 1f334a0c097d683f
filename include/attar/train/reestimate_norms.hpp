// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/backend/default_backend.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/data/dataset.hpp>
#include <attar/data/loader.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// What `reestimate_norms` looks at.
struct NormData {
  int batch_size = 256;    ///< Images per batch; those that do not fill one are left out.
  std::size_t images = 0;  ///< So many, drawn at random; 0 means all. At least a batch.
  Seed seed = {};          ///< Of their order.
};

namespace detail {

/// The statistics of one norm, summed over batches.
class NormSums {
 public:
  NormSums(const Program& program, const Op& norm, std::size_t batch)
      : mean_{program.parameter(norm.running_mean)},
        variance_{program.parameter(norm.running_var)},
        per_batch_{static_cast<double>(batch * program.shape(norm.operands[0]).pixels())},
        means_(mean_.size),
        squares_(mean_.size) {}

  /// Takes in what a batch left in the buffer: means and unbiased variances.
  void add(std::span<const float> buffer) {
    for (std::size_t channel = 0; channel < means_.size(); ++channel) {
      const double mean = static_cast<double>(buffer[mean_.offset + channel]);
      const double variance = static_cast<double>(buffer[variance_.offset + channel]);
      means_[channel] += mean;
      squares_[channel] += variance * (per_batch_ - 1) / per_batch_ + mean * mean;
    }
  }

  /// Leaves mean and unbiased variance of all batches in the buffer.
  void write(std::span<float> buffer, double batches) const {
    const double all = per_batch_ * batches;
    for (std::size_t channel = 0; channel < means_.size(); ++channel) {
      const double mean = means_[channel] / batches;
      const double variance = std::max(squares_[channel] / batches - mean * mean, 0.0);
      buffer[mean_.offset + channel] = static_cast<float>(mean);
      buffer[variance_.offset + channel] = static_cast<float>(variance * all / std::max(all - 1, 1.0));
    }
  }

 private:
  const Parameter& mean_;
  const Parameter& variance_;
  double per_batch_;
  std::vector<double> means_;
  std::vector<double> squares_;
};

/// The operations of a program for looking at single batches: norms keep nothing of the batches before, and nothing is
/// dropped.
[[nodiscard]] inline std::vector<Op> without_memory(const Program& program) {
  std::vector<Op> ops{program.ops.begin(), program.ops.end()};
  for (Op& op : ops) {
    op.momentum = 1;
    op.rate = 0;
  }
  return ops;
}

template <class Backend>
void reestimate_norms(const Program& program, std::span<float> buffer, const Dataset& data, const NormData& options) {
  if (data.shape() != program.input_shape()) {
    raise(Error{ErrorCode::architecture_mismatch, "images for norms", to_string(program.input_shape()),
                to_string(data.shape())});
  }
  const std::size_t images = options.images == 0 ? data.size() : options.images;
  const std::size_t batch = options.batch_size < 1 ? 0 : static_cast<std::size_t>(options.batch_size);
  if (batch == 0 || images < batch || images > data.size()) {
    raise(Error{ErrorCode::invalid_argument, "images for norms",
                "at least one batch and at most " + std::to_string(data.size()),
                std::to_string(images) + " in batches of " + std::to_string(options.batch_size)});
  }
  const std::vector<Op> ops = without_memory(program);
  Program single = program;
  single.ops = detail::span_of(ops);
  std::vector<NormSums> sums;
  for (const Op& op : ops) {
    if (op.kind == OpKind::batch_norm) sums.emplace_back(program, op, batch);
  }
  if (sums.empty()) return;

  AlignedBuffer<float> work{buffer.size()};  // So that nothing is changed where something throws.
  detail::copy(buffer, work.begin());
  TrainingSession<Backend> session{single, options.batch_size};
  Loader loader{data, {.batch_size = batch, .seed = options.seed, .shuffle = true, .drop_last = true}};
  std::size_t batches = 0;
  for (const Batch& some : loader.epoch(0)) {
    session.forward(some.images(), work.span(), 0);
    for (NormSums& norm : sums) norm.add(work.span());
    if (++batches == images / batch) break;
  }
  for (const NormSums& norm : sums) norm.write(buffer, static_cast<double>(batches));
}

}  // namespace detail

/// Measures the running statistics of all batch normalizations anew, with the weights as they are: mean and variance
/// over the images, not augmented, where each batch is normalized by itself as in training (Wu and Johnson, "Rethinking
/// 'batch' in BatchNorm", 2021, section 3: PreciseBN). After channels or weights have been removed this often brings
/// back much of the accuracy, without training. Weights are not changed.
///
///     reestimate_norms(network, data.train, {.images = 10'000});
///
/// Throws `Error`: `architecture_mismatch` for images of another shape, `invalid_argument` where there is not one batch
/// of them; the network is as it was then. A network is a `Network`, or another that has `program` and `buffer()`.
template <class Backend = DefaultBackend, class NetworkType>
  requires requires(NetworkType& network) {
    { network.buffer() } -> std::same_as<std::span<float>>;
  }
void reestimate_norms(NetworkType& network, const Dataset& data, const NormData& options = {}) {
  detail::reestimate_norms<Backend>(network.program, network.buffer(), data, options);
}

}  // namespace attar
