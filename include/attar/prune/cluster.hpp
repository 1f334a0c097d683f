// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>
#include <attar/model/mask.hpp>
#include <attar/model/network.hpp>
#include <attar/model/sparse.hpp>
#include <attar/prune/codebook.hpp>
#include <attar/prune/k_means.hpp>

namespace attar {

namespace detail {

/// Labels of parameters: not tied, held at zero, or in a cluster of their tensor, from `first_cluster` on.
inline constexpr std::uint16_t label_free = 0;
inline constexpr std::uint16_t label_zero = 1;
inline constexpr std::uint16_t first_cluster = 2;

/// Replaces the numbers of a tensor that share a cluster by their mean. Equal numbers keep their value to the bit.
template <class Scalar>
void tie_tensor(std::span<const std::uint16_t> labels, std::span<Scalar> numbers) {
  std::array<double, first_cluster + 256> sums{};
  std::array<std::size_t, first_cluster + 256> counts{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    sums[labels[i]] += static_cast<double>(numbers[i]);
    ++counts[labels[i]];
  }
  for (std::size_t label = first_cluster; label < sums.size(); ++label) {
    if (counts[label] > 0) sums[label] /= static_cast<double>(counts[label]);
  }
  sums[label_zero] = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (labels[i] != label_free) numbers[i] = static_cast<Scalar>(sums[labels[i]]);
  }
}

}  // namespace detail

/// Which weights of an architecture share one number, tensor by tensor, and which are held at zero. Callable with the
/// trainable part of a parameter buffer, or with its gradients: handed to `Trainer::fit` or `distill` as their
/// constraint, it fine-tunes the centroids (Han et al., ICLR 2016, section 3.3).
///
/// The members of a cluster get their mean, of gradients as of weights. The paper adds the gradients up instead, which
/// is the mean times the size of the cluster, and needs a learning rate of its own; with the mean, the step is the
/// projection of the ordinary one onto networks whose weights are tied, so that the rate, momentum, weight decay and
/// clipping of ordinary training keep their meaning.
template <Architecture A>
class Tie {
 public:
  using ArchitectureType = A;

  /// Ties nothing.
  Tie() : labels_{A::program.trainable_size} {}

  /// Whether the trainable parameter number `index` is held at zero.
  [[nodiscard]] bool holds(std::size_t index) const noexcept { return labels_[index] == detail::label_zero; }
  /// The cluster, within its tensor, of the trainable parameter number `index`; -1 if it is in none.
  [[nodiscard]] int cluster(std::size_t index) const noexcept {
    return labels_[index] < detail::first_cluster ? -1 : labels_[index] - detail::first_cluster;
  }
  /// Holds a trainable parameter at zero from now on.
  void hold(std::size_t index) noexcept { labels_[index] = detail::label_zero; }
  /// Puts a trainable parameter into a cluster, 0 to 255, of its tensor from now on.
  void join(std::size_t index, std::uint8_t cluster) noexcept {
    labels_[index] = static_cast<std::uint16_t>(detail::first_cluster + cluster);
  }

  /// Makes the members of each cluster equal, and what is held zero, NaN included. Doing it twice is doing it once.
  /// Throws `architecture_mismatch` unless there is one number for each trainable parameter.
  template <class Scalar>
  void operator()(std::span<Scalar> numbers) const {
    if (numbers.size() != labels_.size()) {
      raise(Error{ErrorCode::architecture_mismatch, "what a tie is applied to",
                  std::to_string(labels_.size()) + " numbers", std::to_string(numbers.size())});
    }
    parallel_for(A::program.parameters.size(), [&](std::size_t i) {
      const Parameter& parameter = A::program.parameters[i];
      if (!trainable(parameter.role)) return;
      detail::tie_tensor(labels_.span().subspan(parameter.offset, parameter.size),
                         numbers.subspan(parameter.offset, parameter.size));
    });
  }

 private:
  AlignedBuffer<std::uint16_t> labels_;
};

/// A network whose weights are shared, with what ties them. It has the size and the speed of any other; its compressed
/// file is small.
template <Architecture A, class Scalar = float>
struct ClusteredNetwork {
  Network<A, Scalar> network;
  Tie<A> tie;

  /// The different weights of the tensor number `index` that are not held at zero, by cluster.
  [[nodiscard]] std::vector<Scalar> codebook(int index) const {
    const Parameter& parameter = A::program.parameter(index);
    std::vector<Scalar> centroids;
    if (!trainable(parameter.role)) return centroids;
    for (std::size_t i = parameter.offset; i < parameter.offset + parameter.size; ++i) {
      if (tie.cluster(i) < 0) continue;
      const auto cluster = static_cast<std::size_t>(tie.cluster(i));
      if (cluster >= centroids.size()) centroids.resize(cluster + 1);
      centroids[cluster] = network.buffer()[i];
    }
    return centroids;
  }
};

namespace detail {

/// Shares the weights of each tensor of convolutions and linear layers that `network.tie` does not hold.
template <class Policy, Architecture A, class Scalar>
void share_weights(ClusteredNetwork<A, Scalar>& clustered) {
  const std::span<Scalar> buffer = clustered.network.trainable();
  for (const Parameter& parameter : A::program.parameters) {
    if (parameter.role != Role::weight) continue;
    std::vector<std::size_t> places;
    std::vector<double> weights;
    for (std::size_t i = parameter.offset; i < parameter.offset + parameter.size; ++i) {
      if (clustered.tie.holds(i)) continue;
      if (!std::isfinite(buffer[i])) {
        raise(Error{ErrorCode::not_finite, "cluster, tensor '" + std::string{parameter.name.view()} + "'",
                    "finite weights", std::to_string(buffer[i])});
      }
      places.push_back(i);
      weights.push_back(static_cast<double>(buffer[i]));
    }
    const std::vector<double> centroids =
        k_means(weights, parameter.rank == 4 ? Policy::clusters : Policy::clusters_of_linear);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const std::size_t nearest = nearest_centroid(centroids, weights[i]);
      clustered.tie.join(places[i], static_cast<std::uint8_t>(nearest));
      buffer[places[i]] = static_cast<Scalar>(centroids[nearest]);
    }
  }
}

}  // namespace detail

/// The network with shared weights, the third stage of Deep Compression (Han et al., ICLR 2016): in each tensor of a
/// convolution or linear layer, k-means finds at most `2^Bits` numbers, and each weight becomes the nearest of them.
/// What the mask holds stays zero and takes none. Biases and norms stay as they are.
///
///     auto clustered = cluster<Codebook<Bits<5>>>(sparse);
///     distill(clustered.network, teachers(teacher), data.train, Objective{}, trainer, clustered.tie);
///     save_compressed(clustered.network, "student.compressed.safetensors");
///
/// Throws `not_finite`.
template <class Policy = Codebook<>, Architecture A, class Scalar>
[[nodiscard]] ClusteredNetwork<A, Scalar> cluster(const MaskedNetwork<A, Scalar>& masked) {
  static_assert(detail::is_codebook<Policy>, "attar[E121]: cluster takes a Codebook: cluster<Codebook<Bits<5>>>");
  ClusteredNetwork<A, Scalar> clustered{masked.network, {}};
  for (std::size_t i = 0; i < A::program.trainable_size; ++i) {
    if (masked.mask.keeps(i)) continue;
    clustered.tie.hold(i);
    clustered.network.buffer()[i] = Scalar{};
  }
  if constexpr (detail::is_codebook<Policy>) detail::share_weights<Policy>(clustered);
  return clustered;
}

/// The same without a mask: weights that are exactly zero stay so, as after `fold_batch_norm` of a pruned network.
template <class Policy = Codebook<>, Architecture A, class Scalar>
[[nodiscard]] ClusteredNetwork<A, Scalar> cluster(const Network<A, Scalar>& network) {
  MaskedNetwork<A, Scalar> masked{network, {}};
  for (const Parameter& parameter : A::program.parameters) {
    if (parameter.role != Role::weight) continue;
    for (std::size_t i = parameter.offset; i < parameter.offset + parameter.size; ++i) {
      if (network.buffer()[i] == Scalar{}) masked.mask.drop(i);
    }
  }
  return cluster<Policy>(masked);
}

}  // namespace attar
