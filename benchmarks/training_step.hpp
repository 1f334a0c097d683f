// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <attar/backend/onednn.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/rng.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/model/network.hpp>
#include <attar/optim/sgd.hpp>

/// What one step of training does, on random images: forward, cross-entropy, backward, SGD with Nesterov momentum.
/// peers/train.py does the same in PyTorch.
template <attar::Architecture A, class Storage>
class TrainingStep {
 public:
  explicit TrainingStep(int batch)
      : batch_{static_cast<std::size_t>(batch)},
        session_{A::program, batch},
        images_{batch_ * A::input_shape.size()},
        labels_(batch_),
        logits_gradient_{batch_ * classes} {
    attar::Rng rng{attar::Seed{2}};
    for (float& x : images_) x = rng.uniform();
    for (std::int32_t& label : labels_) label = static_cast<std::int32_t>(rng.below(classes));
  }

  /// Returns the loss.
  double operator()() {
    const auto logits = session_.forward(images_.span(), network_.buffer(), optimizer_state_.steps);
    logits_gradient_.fill(0.0F);
    const attar::LossInputs<float> inputs{{logits.data(), batch_, classes}, labels_};
    const double loss = attar::HardLabels<>{}.add(inputs, logits_gradient_.span());
    session_.backward(logits_gradient_.span(), gradients_.span());
    optimizer_.step(network_.trainable(), gradients_.span(), optimizer_state_, optimizer_.rate);
    return loss;
  }

 private:
  static constexpr std::size_t classes = A::output_shape.size();

  std::size_t batch_;
  attar::Network<A> network_{attar::Seed{1}};
  attar::TrainingSession<attar::OneDnn, Storage> session_;
  attar::AlignedBuffer<float> images_;
  std::vector<std::int32_t> labels_;
  attar::AlignedBuffer<float> logits_gradient_;
  attar::AlignedBuffer<float> gradients_{A::program.trainable_size};
  attar::Sgd optimizer_{.rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 5e-4};
  attar::OptimizerState<float> optimizer_state_ = attar::initial_state(optimizer_, A::program.trainable_size);
};
