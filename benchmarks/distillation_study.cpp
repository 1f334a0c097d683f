// SPDX-License-Identifier: MIT
// One teacher, one student, the same budget: what each loss of the library is worth on Fashion-MNIST.
//
//     build/release/benchmarks/distillation_study --seeds 3 --out docs/results/distillation.json
//
// Each seed has a teacher of its own. Weights are the usual ones of the literature where they are on the same scale;
// the others were chosen with --validate, never on the test images.
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
using SomeLabels = HardLabels<Weight<1, 10>>;
using Soft = SoftTargets<Temperature<4>, Weight<9, 10>>;

class Study {
  [[nodiscard]] auto trainer(const std::string& name, int epochs) const {
    return Trainer{
        Sgd{.rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 5e-4, .decay_norms_and_biases = false},
        OneCycle{.peak_at = 0.25}, Epochs{epochs},
        TrainOptions{.batch_size = 128, .seed = seed_, .augmentation = {.flip = true}, .title = name}, Bf16{}};
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
      learn<Labels>("student_alone", teacher);
      learn<HardLabels<Smoothing<1, 10>>>("label_smoothing", teacher);
      learn<SomeLabels, Soft>("kd", teacher);
      learn<Labels, DecoupledTargets<Temperature<4>>>("dkd", teacher);
      learn<Labels, Relations<>>("dist", teacher);
      learn<SomeLabels, SoftTargets<Temperature<2>, Standardized, Weight<9>>>("kd_standardized", teacher);
      learn<Labels, AttentionTransfer<Tap<"middle">, Weight<1000>>>("at", teacher);
      learn<Labels, FitNet<Tap<"late">, Weight<100>>>("fitnet", teacher);
      learn<Labels, Contrastive<Tap<"vector">, Weight<8, 10>>>("crd", teacher);
      learn<SomeLabels, Soft, AttentionTransfer<Tap<"middle">, Weight<1000>>>("kd_at", teacher);
      learn<SomeLabels, Soft, FitNet<Tap<"late">, Weight<100>>>("kd_fitnet", teacher);
      learn<SomeLabels, Soft, Contrastive<Tap<"vector">, Weight<8, 10>>>("kd_crd", teacher);
    }
    return results_;
  }

 private:
  template <class A>
  [[nodiscard]] double accuracy(const Network<A>& network) const {
    return evaluate(Engine{network}, data_.test);
  }

  template <class... Terms>
  void learn(const std::string& name, const Network<Teacher>& teacher) {
    if (!options_.wants(name)) return;
    const auto start = std::chrono::steady_clock::now();
    Network<Student> student{seed_};
    distill(student, teachers(teacher), data_.train, Distill<Terms...>{}, trainer(name, options_.epochs));
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
