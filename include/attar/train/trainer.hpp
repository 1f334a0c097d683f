// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/backend/default_backend.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/interrupt.hpp>
#include <attar/core/rng.hpp>
#include <attar/data/augment.hpp>
#include <attar/data/dataset.hpp>
#include <attar/data/loader.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/loss/objective.hpp>
#include <attar/model/description.hpp>
#include <attar/model/network.hpp>
#include <attar/model/quantization_aware.hpp>
#include <attar/model/sparse.hpp>
#include <attar/optim/clip.hpp>
#include <attar/optim/ema.hpp>
#include <attar/optim/optimizer.hpp>
#include <attar/optim/schedule.hpp>
#include <attar/train/checkpoint.hpp>
#include <attar/train/constraint.hpp>
#include <attar/train/history.hpp>
#include <attar/train/lesson.hpp>
#include <attar/train/metrics.hpp>
#include <attar/train/precision.hpp>
#include <attar/train/progress.hpp>

namespace attar {

/// How often a training run goes through its data.
struct Epochs {
  int count = 1;
  /// Ends the run after so many epochs of a schedule for `count`: an early-stopped teacher, whose outputs are softer
  /// (Cho and Hariharan, "On the efficacy of knowledge distillation", ICCV 2019). 0: not before the end.
  int stop_after = 0;

  /// The epochs that are run.
  [[nodiscard]] constexpr int run() const noexcept { return stop_after > 0 ? std::min(stop_after, count) : count; }
};

/// How a `Trainer` runs, beside optimizer and schedule.
struct TrainOptions {
  int batch_size = 128;  ///< Images per step; those that do not fill a batch wait for another epoch.
  Seed seed = {};        ///< Of the order of the images, of augmentation and of dropout.
  Augmentation augmentation = {};
  double clip_norm = 0;         ///< Largest norm of the gradient; 0 means no limit.
  std::optional<Ema> ema = {};  ///< If given, the network ends with the moving average of its weights.
  bool progress = true;         ///< Report on standard error.
  std::string title = "train";  ///< What the report calls the run.
  /// If given, the run is saved there after every epoch and when interrupted, and goes on from there when started
  /// again.
  std::string checkpoint = {};
};

namespace detail {

/// The parts of the flat buffer that are weights, for optimizers that spare norms and biases.
[[nodiscard]] inline std::vector<ParameterRange> weight_ranges(const Program& program) {
  std::vector<ParameterRange> ranges;
  for (const Parameter& parameter : program.parameters) {
    if (parameter.role == Role::weight) ranges.push_back({parameter.offset, parameter.offset + parameter.size});
  }
  return ranges;
}

inline void check_training_data(const Program& program, const Dataset& data, const TrainOptions& options) {
  if (data.shape() != program.input_shape()) {
    raise(Error{ErrorCode::invalid_argument, "training images", to_string(program.input_shape()),
                to_string(data.shape())});
  }
  if (static_cast<std::size_t>(data.classes()) != program.output_shape().size()) {
    raise(Error{ErrorCode::invalid_argument, "classes of the training data",
                std::to_string(program.output_shape().size()) + ", one per output", std::to_string(data.classes())});
  }
  if (options.batch_size < 1 || static_cast<std::size_t>(options.batch_size) > data.size()) {
    raise(Error{ErrorCode::invalid_argument, "batch size", "1 to " + std::to_string(data.size()) + " images",
                std::to_string(options.batch_size)});
  }
}

}  // namespace detail

/// What a `Trainer` trains: a `Network`, or a `NarrowedNetwork`, whose widths were found at run time.
template <class NetworkType>
concept TrainableNetwork = requires(NetworkType& network) {
  { network.program } -> std::convertible_to<Program>;
  { network.buffer() } -> std::same_as<std::span<float>>;
};

/// Trains networks: one optimizer, schedule, precision and backend, all of them type parameters.
///
///     Trainer trainer{Sgd{.rate = 0.1, .momentum = 0.9}, OneCycle{}, Epochs{8}};
///     trainer.fit(network, data.train, HardLabels<>{});
template <Optimizer OptimizerType, Schedule ScheduleType, class PrecisionType = Fp32,
          class BackendType = DefaultBackend>
class Trainer {
 public:
  using Precision = PrecisionType;
  using Backend = BackendType;

  explicit Trainer(OptimizerType optimizer, ScheduleType schedule, Epochs epochs, TrainOptions options = {},
                   PrecisionType = {}, BackendType = {})
      : optimizer_{std::move(optimizer)},
        schedule_{std::move(schedule)},
        epochs_{epochs},
        options_{std::move(options)} {}

  [[nodiscard]] Epochs epochs() const noexcept { return epochs_; }
  [[nodiscard]] const TrainOptions& options() const noexcept { return options_; }

  /// Changes `network` so that `term` gets small on `data`; `constraint` is described at `NoConstraint`. Throws
  /// `Error`: `invalid_argument` where data and network do not fit, `not_finite` (with the step and the layer) where
  /// the loss is NaN or infinite, `interrupted` after `interrupt_requested`, and what files throw. The network is left
  /// as the last step made it.
  template <TrainableNetwork NetworkType, LossTerm Term, class Constraint = NoConstraint>
  History fit(NetworkType& network, const Dataset& data, const Term& term, Constraint&& constraint = {}) const {
    TermLesson<Term> lesson{term};
    return fit(network, data, lesson, constraint);
  }

  /// The same with a lesson of the caller's.
  template <TrainableNetwork NetworkType, class Constraint = NoConstraint>
  History fit(NetworkType& network, const Dataset& data, Lesson& lesson, Constraint&& constraint = {}) const {
    static_assert(!detail::is_quantization_aware<NetworkType> || std::is_same_v<PrecisionType, Fp32>,
                  "attar[E142]: quantization-aware training computes integers as floats: take a trainer of precision "
                  "Fp32, the default");
    detail::check_training_data(network.program, data, options_);
    detail::Holding holding{constraint};
    return Run{network.program, network.buffer(), data, lesson, holding, *this}.all_epochs();
  }

  /// The same for a sparse network, whose zeros are held.
  template <class A, class Teaching>
  History fit(Sparse<Network<A>>& sparse, const Dataset& data, Teaching&& term_or_lesson) const {
    return fit(sparse.network, data, term_or_lesson, sparse.mask);
  }

 private:
  class Run;

  OptimizerType optimizer_;
  ScheduleType schedule_;
  Epochs epochs_;
  TrainOptions options_;
};

/// One call of `fit`. Knows programs, buffers, a `Lesson` and a constraint without its type, so that it is compiled
/// once per trainer, not per network.
template <Optimizer OptimizerType, Schedule ScheduleType, class PrecisionType, class BackendType>
class Trainer<OptimizerType, ScheduleType, PrecisionType, BackendType>::Run {
 public:
  Run(const Program& program, std::span<float> buffer, const Dataset& data, Lesson& lesson, detail::Held& constraint,
      const Trainer& trainer)
      : trainer_{trainer},
        lesson_{lesson},
        constraint_{constraint},
        options_{trainer.options_},
        program_{program},
        buffer_{buffer},
        parameters_{buffer.first(program.trainable_size)},
        weights_{detail::weight_ranges(program)},
        loader_{data,
                {.batch_size = batch_size(),
                 .augmentation = options_.augmentation,
                 .seed = options_.seed,
                 .shuffle = true,
                 .drop_last = true}},
        session_{program, options_.batch_size, lesson.taps()},
        gradients_{program.trainable_size},
        logits_gradient_{batch_size() * program.output_shape().size()},
        optimizer_state_{initial_state<float>(trainer.optimizer_, program.trainable_size)},
        average_{options_.ema ? buffer.size() : 0},
        total_steps_{loader_.batches() * static_cast<std::size_t>(trainer.epochs_.count)},
        last_step_{loader_.batches() * static_cast<std::size_t>(trainer.epochs_.run())},
        first_mask_{first_mask(options_.seed)} {
    for (const int tap : lesson.taps()) {
      maps_.push_back({nullptr, batch_size(), program.shape(tap)});
      map_gradients_.emplace_back(maps_.back().size());
      map_gradient_spans_.push_back(map_gradients_.back().span());
      const_map_gradients_.push_back(map_gradient_spans_.back());
    }
    trained_ = lesson.trained();
    for (const Trained& trained : trained_) {
      lesson_optimizers_.push_back(initial_state<float>(trainer.optimizer_, trained.parameters.size()));
    }
    std::copy(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(average_.size()), average_.begin());
    restore();
  }

  History all_epochs() {
    constraint_.hold(parameters_);
    std::optional<Progress> progress;
    if (options_.progress) {
      progress.emplace(options_.title, last_step_ * batch_size(), static_cast<std::size_t>(trainer_.epochs_.run()));
      progress->resume(step_ * batch_size());
    }
    History history;
    for (std::size_t epoch = step_ / loader_.batches(); step_ < last_step_; ++epoch) {
      history.push_back(one_epoch(epoch, progress));
      save();
    }
    if (progress) progress->finish();
    std::copy(average_.begin(), average_.end(), buffer_.begin());
    constraint_.hold(parameters_);  // An average remembers what was dropped on the way.
    return history;
  }

 private:
  EpochRecord one_epoch(std::size_t epoch, std::optional<Progress>& progress) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    Metrics metrics{program_.output_shape().size()};
    double loss_sum = 0;
    double steps = 0;
    std::size_t skip = step_ - epoch * loader_.batches();  // After a restart within the epoch.
    for (const Batch& batch : loader_.epoch(epoch)) {
      if (skip > 0) {
        --skip;
        continue;
      }
      stop_if_asked();
      loss_sum += one_step(batch, metrics);
      ++steps;
      if (progress) progress->update(batch.size(), loss_sum / steps, metrics.accuracy());
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return {.epoch = static_cast<int>(epoch) + 1,
            .loss = loss_sum / steps,
            .accuracy = 100 * metrics.accuracy(),
            .seconds = seconds,
            .images_per_second = static_cast<double>(metrics.count()) / seconds};
  }

  /// Returns the loss.
  double one_step(const Batch& batch, Metrics& metrics) {
    const std::span<const float> logits = session_.forward(batch.images(), buffer_, first_mask_ + step_);
    const LogitsView<float> student{logits.data(), batch.size(), program_.output_shape().size()};
    const double loss = teach(batch, student);
    if (!std::isfinite(loss)) fail(loss);
    metrics.add(student, batch.labels());
    session_.backward(logits_gradient_.span(), gradients_.span(), const_map_gradients_);
    constraint_.observe(static_cast<double>(step_ + 1) / static_cast<double>(total_steps_), parameters_,
                        gradients_.span());
    constraint_.hold(gradients_.span());
    if (options_.clip_norm > 0) clip_gradient_norm(gradients_.span(), options_.clip_norm);
    const double rate = trainer_.optimizer_.rate * trainer_.schedule_.factor(static_cast<std::int64_t>(step_),
                                                                             static_cast<std::int64_t>(total_steps_));
    trainer_.optimizer_.step(parameters_, gradients_.span(), optimizer_state_, rate, weights_);
    constraint_.hold(parameters_);
    train_lesson(rate);
    if (options_.ema) options_.ema->update(average_.span(), std::span<const float>{buffer_}, step_);
    ++step_;
    return loss;
  }

  /// The steps of runs with other seeds get other numbers, and with them other masks.
  static std::uint64_t first_mask(Seed seed) {
    Rng rng{seed, std::uint64_t{3} << 60};
    return std::uint64_t{rng.bits()} << 32 | rng.bits();
  }

  /// Returns the loss and leaves its gradients in `logits_gradient_` and `map_gradients_`.
  double teach(const Batch& batch, const LogitsView<float>& student) {
    logits_gradient_.fill(0);
    for (std::size_t tap = 0; tap < maps_.size(); ++tap) {
      maps_[tap].data = session_.maps(tap).data();
      map_gradients_[tap].fill(0);
    }
    return lesson_.teach({.batch = batch,
                          .logits = student,
                          .maps = detail::span_of(maps_),
                          .progress = static_cast<double>(step_) / static_cast<double>(total_steps_),
                          .logits_gradient = logits_gradient_.span(),
                          .map_gradients = detail::span_of(map_gradient_spans_)});
  }

  /// Changes what the lesson trains besides the network, as the network is changed. Where norms and biases are spared
  /// from weight decay, all of it is.
  void train_lesson(double rate) {
    for (std::size_t i = 0; i < trained_.size(); ++i) {
      const auto& [parameters, gradients] = trained_[i];
      trainer_.optimizer_.step(parameters, gradients, lesson_optimizers_[i], rate);
    }
  }

  [[nodiscard]] std::size_t batch_size() const { return static_cast<std::size_t>(options_.batch_size); }

  [[noreturn]] void fail(double loss) const {
    const std::optional<LayerRow> layer = session_.first_non_finite();
    const std::string place = layer ? "layer " + std::string{layer->path.view()} + " (" + std::string{layer->name} + ")"
                                    : std::string{"the loss itself"};
    raise(Error{ErrorCode::not_finite, options_.title + ", step " + std::to_string(step_), "a finite loss",
                std::to_string(loss) + ", first in " + place +
                    "; a smaller learning rate, a warm-up or gradient clipping may help"});
  }

  void stop_if_asked() {
    if (!interrupt_requested()) return;
    save();
    raise(Error{ErrorCode::interrupted, options_.title, "to finish " + std::to_string(total_steps_) + " steps",
                "a request to stop after " + std::to_string(step_) + " steps" +
                    (options_.checkpoint.empty() ? "" : "; start again to go on from " + options_.checkpoint)});
  }

  [[nodiscard]] TrainingState state() {
    TrainingState result{
        .parameters = buffer_, .optimizer = optimizer_state_.slots.span(), .average = average_.span(), .step = step_};
    for (const Trained& trained : trained_) result.lesson.push_back(trained.parameters);
    for (OptimizerState<float>& optimizer : lesson_optimizers_) result.lesson.push_back(optimizer.slots.span());
    for (const std::span<float> kept : lesson_.memory()) result.lesson.push_back(kept);
    for (const std::span<float> kept : constraint_.memory()) result.lesson.push_back(kept);
    return result;
  }

  /// What must be equal for a checkpoint to be of this run.
  [[nodiscard]] std::string description() const {
    return fingerprint_text(program_) + " data " + std::to_string(loader_.data().fingerprint()) + " seed " +
           std::to_string(options_.seed.value) + " batch " + std::to_string(options_.batch_size) + " steps " +
           std::to_string(total_steps_) + " rate " + std::to_string(trainer_.optimizer_.rate) + " lesson " +
           lesson_.description() + constraint_.description();
  }

  void save() {
    if (!options_.checkpoint.empty()) save_checkpoint(options_.checkpoint, state(), description());
  }

  void restore() {
    if (options_.checkpoint.empty()) return;
    TrainingState stored = state();
    if (!restore_checkpoint(options_.checkpoint, stored, description())) return;
    step_ = static_cast<std::size_t>(stored.step);
    optimizer_state_.steps = stored.step;
    for (OptimizerState<float>& optimizer : lesson_optimizers_) optimizer.steps = stored.step;
  }

  const Trainer& trainer_;
  Lesson& lesson_;
  detail::Held& constraint_;
  const TrainOptions& options_;
  Program program_;
  std::span<float> buffer_;
  std::span<float> parameters_;
  std::vector<ParameterRange> weights_;
  Loader loader_;
  TrainingSession<BackendType, typename PrecisionType::Storage> session_;
  AlignedBuffer<float> gradients_;
  AlignedBuffer<float> logits_gradient_;
  std::vector<MapsView<float>> maps_;  ///< At each tap of the lesson.
  std::vector<AlignedBuffer<float>> map_gradients_;
  std::vector<std::span<float>> map_gradient_spans_;
  std::vector<std::span<const float>> const_map_gradients_;
  std::vector<Trained> trained_;
  std::vector<OptimizerState<float>> lesson_optimizers_;
  OptimizerState<float> optimizer_state_;
  AlignedBuffer<float> average_;
  std::size_t total_steps_;  ///< Of the schedule.
  std::size_t last_step_;
  std::uint64_t first_mask_;
  std::size_t step_ = 0;
};

}  // namespace attar
