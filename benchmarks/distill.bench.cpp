// SPDX-License-Identifier: MIT
// Milliseconds of one training step of a small student with each loss of the library: teacher's forward, student's
// forward, loss, student's backward, optimizer, for a batch of 128 in fp32.
//
//     hard_labels       plain training, no teacher
//     cached/...        the teacher's logits out of the knowledge cache
//     live/...          the teacher at work; live/soft_targets is the base of the feature terms
//
//     bench_distill [--benchmark_filter=live]
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <benchmark/benchmark.h>

#include <attar/attar.hpp>
#include <attar/backend/onednn.hpp>

namespace {

using namespace attar;  // NOLINT: the networks read as a user writes them

template <int Width>
using Block = Stack<Conv2d<Width, Kernel<3>>, BatchNorm2d, ReLU>;
template <int Width>
using Net = Sequential<Input<1, 28, 28>, Block<Width>, MaxPool2d<2>, Block<2 * Width>, Tag<"middle">, MaxPool2d<2>,
                       Block<4 * Width>, Tag<"late">, GlobalAvgPool, Tag<"vector">, Linear<10>>;
using Teacher = Net<32>;
using Student = Net<16>;

constexpr int batch_size = 128;
constexpr std::size_t samples = 1024;

const Dataset& data() {
  static const Dataset result = [] {
    AlignedBuffer<std::uint8_t> images{samples * Student::input_shape.size()};
    std::vector<int> labels(samples);
    Rng rng{Seed{1}};
    for (std::uint8_t& x : images) x = static_cast<std::uint8_t>(rng.below(256));
    for (int& label : labels) label = static_cast<int>(rng.below(10));
    return Dataset{Student::input_shape, 10, std::move(images), std::move(labels), Normalization{{0.3F}, {0.3F}}};
  }();
  return result;
}

const Network<Teacher>& teacher() {
  static const Network<Teacher> result{Seed{2}};
  return result;
}

/// The first batch of the data, made once, so that no row pays for making it.
const Batch& batch() {
  static const Batch result = [] {
    Loader loader{data(), {.batch_size = batch_size}};
    return Batch{*loader.epoch(0).begin()};
  }();
  return result;
}

std::unique_ptr<KnowledgeSource> live(std::span<const std::string_view> taps) {
  return std::make_unique<LiveTeachers>(OneDnn{}, std::type_identity<float>{}, teachers(teacher()), batch_size, taps);
}

std::unique_ptr<KnowledgeSource> cached(std::span<const std::string_view> taps) {
  static const Knowledge known = remember(teachers(teacher()), data(), {.progress = false});
  return std::make_unique<detail::KnownTeachers>(known, batch_size, taps);
}

/// A training step with a lesson.
template <class Objective>
class Step {
 public:
  explicit Step(std::unique_ptr<KnowledgeSource> source)
      : source_{std::move(source)},
        lesson_{*source_, context()},
        session_{Student::program, batch_size, lesson_.taps()} {
    for (const int tap : lesson_.taps()) {
      maps_.push_back({nullptr, batch_size, Student::program.shape(tap)});
      map_gradients_.emplace_back(maps_.back().size());
      spans_.push_back(map_gradients_.back().span());
      const_spans_.push_back(spans_.back());
    }
    for (const Trained& trained : lesson_.trained()) {
      trained_.push_back({trained, initial_state<float>(optimizer_, trained.parameters.size())});
    }
  }

  double operator()() {
    const auto logits = session_.forward(batch().images(), network_.buffer(), state_.steps);
    logits_gradient_.fill(0);
    for (std::size_t tap = 0; tap < maps_.size(); ++tap) {
      maps_[tap].data = session_.maps(tap).data();
      map_gradients_[tap].fill(0);
    }
    const double loss = lesson_.teach({.batch = batch(),
                                       .logits = {logits.data(), batch_size, 10},
                                       .maps = maps_,
                                       .logits_gradient = logits_gradient_.span(),
                                       .map_gradients = spans_});
    session_.backward(logits_gradient_.span(), gradients_.span(), const_spans_);
    optimizer_.step(network_.trainable(), gradients_.span(), state_, optimizer_.rate);
    for (auto& [trained, state] : trained_) {
      optimizer_.step(trained.parameters, trained.gradients, state, optimizer_.rate);
    }
    return loss;
  }

 private:
  static LessonContext context() {
    std::vector<Shape> shapes;
    for (const std::string_view where : detail::teacher_taps<Objective>()) {
      shapes.push_back(Teacher::program.shape(tapped_value(Teacher::program, where)));
    }
    return {.student = Student::program,
            .batch = batch_size,
            .teachers = 1,
            .teacher_shapes = {shapes},
            .labels = data().labels()};
  }

  struct TrainedBeside {
    Trained trained;
    OptimizerState<float> state;
  };

  Network<Student> network_{Seed{1}};
  std::unique_ptr<KnowledgeSource> source_;
  DistillLesson<Objective> lesson_;
  TrainingSession<OneDnn, float> session_;
  Sgd optimizer_{.rate = 1e-3, .momentum = 0.9, .nesterov = true};
  OptimizerState<float> state_ = initial_state<float>(optimizer_, Student::program.trainable_size);
  AlignedBuffer<float> gradients_{Student::program.trainable_size};
  AlignedBuffer<float> logits_gradient_{batch_size * 10};
  std::vector<MapsView<float>> maps_;
  std::vector<AlignedBuffer<float>> map_gradients_;
  std::vector<std::span<float>> spans_;
  std::vector<std::span<const float>> const_spans_;
  std::vector<TrainedBeside> trained_;
};

template <class... Terms>
void add(const std::string& name, std::unique_ptr<KnowledgeSource> (*source)(std::span<const std::string_view>)) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [source](benchmark::State& state) {
                                 using Objective = Distill<Terms...>;
                                 Step<Objective> step{source(detail::teacher_taps<Objective>())};
                                 for (int i = 0; i < 4; ++i) step();
                                 for (auto _ : state) benchmark::DoNotOptimize(step());
                               })
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}

/// Nobody to ask.
std::unique_ptr<KnowledgeSource> nobody(std::span<const std::string_view> /*taps*/) {
  return std::make_unique<detail::NoTeachers>();
}

[[maybe_unused]] const bool registered = [] {
  using Labels = HardLabels<Weight<1, 10>>;
  add<HardLabels<>>("hard_labels", nobody);
  add<SoftTargets<>, Labels>("cached/soft_targets", cached);
  add<DecoupledTargets<>, Labels>("cached/decoupled_targets", cached);
  add<Relations<>, Labels>("cached/relations", cached);
  add<LogitError<>, Labels>("cached/logit_error", cached);
  add<SoftTargets<>, Labels>("live/soft_targets", live);
  add<AttentionTransfer<Tap<"middle">>, Labels>("live/attention_transfer", live);
  add<FitNet<Tap<"middle">>, Labels>("live/fit_net", live);
  add<Similarity<Tap<"middle">>, Labels>("live/similarity", live);
  add<Similarity<Tap<"late">>, Labels>("live/similarity_late", live);
  add<Selectivity<Tap<"late">>, Labels>("live/selectivity", live);
  add<Variational<Tap<"middle">>, Labels>("live/variational", live);
  add<Distances<Tap<"vector">>, Labels>("live/distances", live);
  add<Angles<Tap<"vector">>, Labels>("live/angles", live);
  add<ProbabilisticTransfer<Tap<"vector">>, Labels>("live/probabilistic", live);
  add<CorrelationCongruence<Tap<"vector">>, Labels>("live/correlation", live);
  add<Contrastive<Tap<"vector">>, Labels>("live/contrastive", live);
  return true;
}();

}  // namespace
