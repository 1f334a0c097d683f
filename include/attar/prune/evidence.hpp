// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// What a criterion has to know beside the numbers of the network.
enum class Needs {
  nothing,
  gradients,    ///< Of a loss on data, and their squares: `gather_evidence`.
  activations,  ///< Statistics of feature maps on data: `gather_evidence`.
  trajectory,   ///< How training moved the weights.
};

/// Of the channels of a feature map, over images and pixels.
struct ChannelStatistics {
  std::vector<double> magnitude;   ///< The mean of the absolute values.
  std::vector<double> zero_share;  ///< How many are exactly zero, 0 to 1.
};

/// What was seen of a network of one architecture, in flat buffers laid out as its trainable parameters. What was not
/// gathered is empty; the writable form of a buffer makes it, of zeros.
template <class ScalarType = float>
class Evidence {
 public:
  using Scalar = ScalarType;

  /// Of no architecture, without anything.
  Evidence() = default;
  /// Without anything yet.
  explicit Evidence(const Program& program)
      : fingerprint_{program.fingerprint}, size_{program.trainable_size}, activations_(program.values.size()) {}

  /// dLoss/dw, the mean over the images.
  [[nodiscard]] std::span<const Scalar> gradients() const noexcept { return gradients_.span(); }
  [[nodiscard]] std::span<Scalar> gradients() { return writable(gradients_); }
  /// The mean of the squared gradients of single batches: with batches of one image the diagonal of the empirical
  /// Fisher matrix, which stands for the Hessian's; with larger ones a smaller estimate of about the same order of
  /// weights.
  [[nodiscard]] std::span<const Scalar> curvature() const noexcept { return curvature_.span(); }
  [[nodiscard]] std::span<Scalar> curvature() { return writable(curvature_); }
  /// The sum of -w dLoss/dw over the steps of a training run.
  [[nodiscard]] std::span<const Scalar> movement() const noexcept { return movement_.span(); }
  [[nodiscard]] std::span<Scalar> movement() { return writable(movement_); }
  /// Of the channels of a value of the program.
  [[nodiscard]] const ChannelStatistics& activations(int value) const {
    static const ChannelStatistics none;
    const auto at = static_cast<std::size_t>(value);
    return at < activations_.size() ? activations_[at] : none;
  }
  /// A layer of which nothing was set has no say.
  void set_activations(int value, ChannelStatistics statistics) {
    activations_.at(static_cast<std::size_t>(value)) = std::move(statistics);
    has_activations_ = true;
  }

  [[nodiscard]] bool holds(Needs what) const noexcept {
    switch (what) {
      case Needs::gradients:
        return !gradients_.empty() && !curvature_.empty();
      case Needs::activations:
        return has_activations_;
      case Needs::trajectory:
        return !movement_.empty();
      case Needs::nothing:
        break;
    }
    return true;
  }

  /// Throws unless this can be asked for what `needs` says about a network of `program`: `invalid_argument` where it
  /// was not gathered, `architecture_mismatch` where it is of another architecture.
  void require(Needs needs, const Program& program) const {
    if (needs == Needs::nothing) return;
    if (!holds(needs)) {
      static constexpr const char* names[]{"", "gradients and curvature (gather_evidence)",
                                           "activations (gather_evidence)", "the movement of weights in training"};
      raise(Error{ErrorCode::invalid_argument, "evidence for pruning", names[static_cast<std::size_t>(needs)],
                  "evidence without them"});
    }
    if (fingerprint_ != program.fingerprint || size_ != program.trainable_size) {
      raise(Error{ErrorCode::architecture_mismatch, "evidence for pruning",
                  "that of architecture " + std::to_string(program.fingerprint), std::to_string(fingerprint_)});
    }
  }

 private:
  std::span<Scalar> writable(AlignedBuffer<Scalar>& buffer) {
    if (buffer.empty()) buffer = AlignedBuffer<Scalar>{size_};
    return buffer.span();
  }

  std::uint64_t fingerprint_ = 0;
  std::size_t size_ = 0;
  AlignedBuffer<Scalar> gradients_, curvature_, movement_;
  std::vector<ChannelStatistics> activations_;  ///< Per value.
  bool has_activations_ = false;
};

/// What a criterion may look at, of one convolution or linear layer. Spans are empty where nothing was gathered.
template <class Scalar>
struct LayerEvidence {
  std::span<const Scalar> weights = {};  ///< O x I x KH x KW, or O x I.
  std::size_t filters = 0;               ///< O.
  std::size_t number = 0;                ///< Another one for each layer of a network.

  std::span<const Scalar> gradients = {};  ///< See `Evidence`; one per weight, as the next two.
  std::span<const Scalar> curvature = {};
  std::span<const Scalar> movement = {};
  std::span<const Scalar> norm_scale = {};  ///< Gamma of the norm that alone reads the layer; one per filter.
  /// Of the absolute values behind the norm and the activation that alone read the layer; one per filter, as the next.
  std::span<const double> mean_activation = {};
  std::span<const double> zero_share = {};

  /// The weights (or what there is one of per weight) of a filter.
  [[nodiscard]] std::span<const Scalar> filter(std::span<const Scalar> numbers, std::size_t index) const {
    const std::size_t size = weights.size() / filters;
    return numbers.subspan(index * size, size);
  }
};

namespace detail {

/// Whether an operation has weights that can be pruned.
[[nodiscard]] constexpr bool has_filters(const Op& op) noexcept {
  return op.kind == OpKind::conv2d || op.kind == OpKind::linear;
}

/// `value`, or what is behind it if it has one reader alone, of that kind.
[[nodiscard]] constexpr int behind(const Program& program, int value, OpKind kind) {
  const Op* const reader = sole_reader(program, value);
  return reader != nullptr && reader->kind == kind ? reader->output : value;
}

/// The value behind a layer's norm and activation.
[[nodiscard]] constexpr int activated_value(const Program& program, const Op& op) {
  return behind(program, behind(program, op.output, OpKind::batch_norm), OpKind::activation);
}

/// The name of a layer with filters, as in the names of its tensors: "3.main.0".
[[nodiscard]] constexpr std::string_view layer_path(const Program& program, const Op& op) {
  std::string_view name = program.parameter(op.weight).name.view();
  return name.substr(0, name.rfind('.'));
}

/// What is known of operation number `index`, which has filters.
template <class Scalar>
[[nodiscard]] LayerEvidence<Scalar> layer_evidence(const Program& program, std::span<const Scalar> buffer,
                                                   std::size_t index, const Evidence<Scalar>& evidence) {
  const Op& op = program.ops[index];
  const Parameter& weight = program.parameter(op.weight);
  const auto part = [&](std::span<const Scalar> numbers) {
    return numbers.empty() ? numbers : numbers.subspan(weight.offset, weight.size);
  };
  const ChannelStatistics& activations = evidence.activations(activated_value(program, op));
  LayerEvidence<Scalar> layer{.weights = part(buffer),
                              .filters = static_cast<std::size_t>(weight.dims[0]),
                              .number = index,
                              .gradients = part(evidence.gradients()),
                              .curvature = part(evidence.curvature()),
                              .movement = part(evidence.movement()),
                              .mean_activation = activations.magnitude,
                              .zero_share = activations.zero_share};
  const Op* const reader = sole_reader(program, op.output);
  if (reader != nullptr && reader->kind == OpKind::batch_norm) {
    const Parameter& scale = program.parameter(reader->weight);
    layer.norm_scale = buffer.subspan(scale.offset, scale.size);
  }
  return layer;
}

}  // namespace detail
}  // namespace attar
