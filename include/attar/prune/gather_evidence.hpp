// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/backend/default_backend.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/data/dataset.hpp>
#include <attar/data/loader.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/objective.hpp>
#include <attar/model/network.hpp>
#include <attar/prune/evidence.hpp>

namespace attar {

/// What `gather_evidence` gathers.
struct EvidenceOptions {
  int batch_size = 64;      ///< At least 1; where there are fewer images, all of them.
  bool gradients = true;    ///< And curvature.
  bool activations = true;  ///< Statistics of the channels behind each convolution and linear layer.
};

namespace detail {

/// Batches of one size of a data set in order, as numbers of type `Scalar`; `visit(batch, images)`. What does not fill
/// the last batch is left out, or what was there before.
template <class Scalar, class Visit>
void for_each_batch(const Dataset& data, std::size_t batch_size, bool drop_last, Visit&& visit) {
  Loader loader{data, {.batch_size = batch_size, .drop_last = drop_last}};
  AlignedBuffer<Scalar> images{batch_size * data.shape().size()};
  for (const Batch& batch : loader.epoch(0)) {
    detail::transform(batch.images(), images.begin(), [](float x) { return static_cast<Scalar>(x); });
    visit(batch, images.span());
  }
}

template <class Backend, class Scalar, class Term>
void gather_gradients(const Program& program, std::span<const Scalar> parameters, const Dataset& data, const Term& term,
                      std::size_t batch_size, Evidence<Scalar>& evidence) {
  AlignedBuffer<Scalar> buffer{parameters.size()};  // Norms write their running statistics.
  detail::copy(parameters, buffer.begin());
  TrainingSession<Backend> session{program, static_cast<int>(batch_size)};
  AlignedBuffer<Scalar> gradients{program.trainable_size};
  AlignedBuffer<Scalar> logits_gradient{batch_size * program.output_shape().size()};
  const std::span<Scalar> sum = evidence.gradients();
  const std::span<Scalar> squares = evidence.curvature();
  std::size_t batches = 0;
  for_each_batch<Scalar>(data, batch_size, true, [&](const Batch& batch, std::span<const Scalar> images) {
    const std::span<const Scalar> logits = session.forward(images, buffer.span(), batches);
    logits_gradient.fill(0);
    const LossInputs<Scalar> inputs{.student = {logits.data(), batch_size, program.output_shape().size()},
                                    .labels = batch.labels()};
    const double loss = term.add(inputs, logits_gradient.span());
    if (!std::isfinite(loss)) {
      raise(Error{ErrorCode::not_finite, "evidence for pruning, batch " + std::to_string(batches), "a finite loss",
                  std::to_string(loss)});
    }
    session.backward(logits_gradient.span(), gradients.span());
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      sum[i] += gradients[i];
      squares[i] += gradients[i] * gradients[i];
    }
    ++batches;
  });
  const Scalar share = Scalar{1} / static_cast<Scalar>(batches);
  for (Scalar& number : sum) number *= share;
  for (Scalar& number : squares) number *= share;
}

/// Adds the channels of `numbers`, pixels in rows, to sums.
template <class Scalar>
void add_channels(std::span<const Scalar> numbers, ChannelStatistics& sums) noexcept {
  const std::size_t channels = sums.magnitude.size();
  for (std::size_t first = 0; first < numbers.size(); first += channels) {
    for (std::size_t c = 0; c < channels; ++c) {
      const auto number = static_cast<double>(numbers[first + c]);
      sums.magnitude[c] += std::abs(number);
      sums.zero_share[c] += number == 0 ? 1 : 0;
    }
  }
}

template <class Backend, class Scalar>
void gather_activations(const Program& program, std::span<const Scalar> parameters, const Dataset& data,
                        std::size_t batch_size, Evidence<Scalar>& evidence) {
  std::vector<int> values;
  std::vector<ChannelStatistics> sums(program.values.size());
  for (const Op& op : program.ops) {
    if (!has_filters(op)) continue;
    values.push_back(activated_value(program, op));
    const auto channels = static_cast<std::size_t>(program.shape(values.back()).channels);
    sums[static_cast<std::size_t>(values.back())] = {std::vector<double>(channels), std::vector<double>(channels)};
  }
  const InferenceSession<Backend> session{program, parameters, static_cast<int>(batch_size), {thread_count()}, values};
  auto context = session.make_context();
  AlignedBuffer<Scalar> logits{session.output_size()};
  for_each_batch<Scalar>(data, batch_size, false, [&](const Batch& batch, std::span<const Scalar> images) {
    session.run(images.data(), logits.data(), context, [&](int value, std::span<const Scalar> all) noexcept {
      ChannelStatistics& of_value = sums[static_cast<std::size_t>(value)];
      if (!of_value.magnitude.empty()) add_channels(all.first(batch.size() * program.shape(value).size()), of_value);
    });
  });
  for (const int value : values) {
    ChannelStatistics& of_value = sums[static_cast<std::size_t>(value)];
    const double count = static_cast<double>(data.size() * program.shape(value).pixels());
    for (double& number : of_value.magnitude) number /= count;
    for (double& number : of_value.zero_share) number /= count;
    evidence.set_activations(value, std::move(of_value));
  }
}

}  // namespace detail

/// Looks at a network on data, for the criteria that need to: a few hundred images are enough.
///
///     prune<Weights<Snip, Sparsity<9, 10>, Global>>(network, gather_evidence(network, data.train.take(1024)));
///
/// Gradients of `term` are taken as in a training step: norms use the batch's statistics, dropout drops, images that do
/// not fill a batch are left out. Activations are taken as in inference, from all images. The network does not change.
///
/// Throws `Error`: `invalid_data` without images or for labels that are no classes, `architecture_mismatch` for images
/// of another shape, `invalid_argument` for a batch of none, `not_finite` where the loss is NaN or infinite.
template <class Backend = DefaultBackend, Architecture A, LossTerm Term = HardLabels<>>
[[nodiscard]] Evidence<typename Backend::Scalar> gather_evidence(const Network<A, typename Backend::Scalar>& network,
                                                                 const Dataset& data, const Term& term = {},
                                                                 const EvidenceOptions& options = {}) {
  static_assert(!Term::needs_teacher, "attar[E054]: this term learns from a teacher; take HardLabels for evidence");
  if (data.size() == 0) raise(Error{ErrorCode::invalid_data, "images for evidence", "at least one", "none"});
  if (data.shape() != A::input_shape) {
    raise(Error{ErrorCode::architecture_mismatch, "images for evidence", to_string(A::input_shape),
                to_string(data.shape())});
  }
  if (options.batch_size < 1) {
    raise(Error{ErrorCode::invalid_argument, "batch size", "at least 1", std::to_string(options.batch_size)});
  }
  const std::size_t batch = std::min(static_cast<std::size_t>(options.batch_size), data.size());
  using Scalar = typename Backend::Scalar;
  Evidence<Scalar> evidence{A::program};
  if (options.gradients) {
    detail::gather_gradients<Backend, Scalar>(A::program, network.buffer(), data, term, batch, evidence);
  }
  if (options.activations) {
    detail::gather_activations<Backend, Scalar>(A::program, network.buffer(), data, batch, evidence);
  }
  return evidence;
}

}  // namespace attar
