// SPDX-License-Identifier: MIT
// One teacher, one student, the same budget: what each loss of the library is worth on Fashion-MNIST.
//
//     build/release/benchmarks/distillation_study --seeds 3 --out docs/results/distillation.json
//
// Each seed has a teacher of its own, whose outputs and maps are computed once for all of its students. Weights and
// temperatures were chosen on held-out training images (--validate), never on the test images.
#include <chrono>
#include <iostream>
#include <string>

#include "../examples/support/study.hpp"
#include <attar/attar.hpp>

namespace {

using namespace attar;  // NOLINT: the networks read as a user writes them
using study::Block;

template <int Width>
using Net = Sequential<Input<1, 28, 28>, Block<Width>, MaxPool2d<2>, Block<2 * Width>, Tag<"middle">, MaxPool2d<2>,
                       Block<4 * Width>, Tag<"late">, GlobalAvgPool, Tag<"vector">, Linear<10>>;
using Teacher = Net<48>;
using Student = Net<12>;

using Labels = HardLabels<>;
using Soft = SoftTargets<Temperature<4>, Weight<2, 10>>;
using Attention = AttentionTransfer<Tap<"middle">, Weight<100>>;
using Hints = FitNet<Tap<"vector">, Weight<10>>;
using Contrast = Contrastive<Tap<"vector">, Weight<5, 100>>;

class Study {
  [[nodiscard]] auto trainer(const std::string& name, int epochs) const {
    return Trainer{
        Sgd{.rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 5e-4, .decay_norms_and_biases = false},
        OneCycle{.peak_at = 0.25}, Epochs{epochs}, TrainOptions{.batch_size = 128, .seed = seed_, .title = name},
        FastPrecision{}};
  }

 public:
  explicit Study(const study::Options& options) : options_{options}, data_{study::images(options)} {}

  study::Results run() {
    for (int seed = 1; seed <= options_.seeds; ++seed) {
      seed_ = Seed{static_cast<std::uint64_t>(seed)};
      Network<Teacher> teacher{Seed{seed_.value + 100}};
      const auto start = std::chrono::steady_clock::now();
      trainer("teacher", options_.teacher_epochs).fit(teacher, data_.train, HardLabels<>{});
      results_.add("teacher", accuracy(teacher), start);
      const Knowledge known = remember(teachers(teacher), data_.train, {.title = "what the teacher knows"}, InHalf{},
                                       Taps<Tap<"middle">, Tap<"late">, Tap<"vector">>{}, FastPrecision{});
      learn<Labels>("student_alone", known);
      learn<HardLabels<Smoothing<1, 10>>>("label_smoothing", known);
      learn<Labels, Soft>("kd", known);
      learn<Labels, DecoupledTargets<Temperature<4>, Weight<1, 10>>>("dkd", known);
      learn<Labels, Relations<Weight<2>>>("dist", known);
      learn<Labels, Attention>("at", known);
      learn<Labels, Hints>("fitnet", known);
      learn<Labels, Contrast>("crd", known);
      learn<Labels, Soft, Relations<Weight<2>>>("kd_dist", known);
      learn<Labels, Soft, Attention>("kd_at", known);
      learn<Labels, Soft, Hints>("kd_fitnet", known);
      learn<Labels, Soft, Contrast>("kd_crd", known);
    }
    return results_;
  }

 private:
  template <class A>
  [[nodiscard]] double accuracy(const Network<A>& network) const {
    return evaluate(Engine{network}, data_.test);
  }

  template <class... Terms>
  void learn(const std::string& name, const Knowledge& known) {
    if (!options_.wants(name)) return;
    const auto start = std::chrono::steady_clock::now();
    Network<Student> student{seed_};
    distill(student, known, data_.train, Distill<Terms...>{}, trainer(name, options_.epochs));
    results_.add(name, accuracy(student), start);
  }

  study::Options options_;
  Split data_;
  Seed seed_{};
  study::Results results_;
};

}  // namespace

int main(int argc, char** argv) {
  const study::Options options = study::parse(argc, argv, "What each distillation loss is worth on Fashion-MNIST");
  stop_politely_on_signals();
  try {
    const study::Results results = Study{options}.run();
    std::cout << results.to_text("student_alone");
    if (!options.out.empty()) results.write(options.out, options.command);
    return 0;
  } catch (const Error& error) {
    std::cerr << "distillation_study: " << error.what() << '\n';
    return error.code() == ErrorCode::interrupted ? 130 : 2;
  }
}
