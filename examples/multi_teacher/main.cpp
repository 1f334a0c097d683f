// SPDX-License-Identifier: MIT
// Three teachers of different kinds teach one small student of Fashion-MNIST, fused in several ways.
//
//     build/release/examples/multi_teacher --seeds 3 --out docs/results/multi_teacher.json
//
// What the teachers say is computed once per seed and kept. The best single teacher is the one whose students are the
// best, on average over the seeds, on 5,000 training images that are held out for this.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "../support/study.hpp"
#include "models.hpp"
#include <attar/attar.hpp>

namespace {

using namespace attar;  // NOLINT: the example reads as a user writes it
using multi_teacher::Dense;
using multi_teacher::Plain;
using multi_teacher::Residuals;
using multi_teacher::Student;

/// Chosen with --validate: the gradient of soft targets at temperature 4 is large, and a student of few epochs needs
/// the labels.
using Soft = SoftTargets<Temperature<4>, Weight<2, 10>>;
using Labels = HardLabels<>;

class Comparison {
 public:
  explicit Comparison(const study::Options& options)
      : options_{options},
        data_{study::images(options)},
        train_{data_.train.drop(held_out(data_.train))},
        choice_{data_.train.take(held_out(data_.train))} {}

  study::Results run() {
    for (int seed = 1; seed <= options_.seeds; ++seed) {
      seed_ = Seed{static_cast<std::uint64_t>(seed)};
      one_seed();
    }
    const auto best = std::ranges::max_element(singles_, {}, &Single::choice_sum);
    study::Row& row = results_.find("best_single_teacher");
    row.accuracies = best->row.accuracies;
    row.seconds = best->row.seconds;
    std::cerr << "best single teacher: " << best->row.name << '\n';
    return results_;
  }

 private:
  /// A teacher's students: measured, and on the images that choose.
  struct Single {
    study::Row row;
    double choice_sum = 0;
  };

  static std::size_t held_out(const Dataset& data) { return std::min<std::size_t>(5'000, data.size() / 5); }

  [[nodiscard]] auto trainer(const std::string& name, int epochs) const {
    return Trainer{
        Sgd{.rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 5e-4, .decay_norms_and_biases = false},
        OneCycle{.peak_at = 0.25}, Epochs{epochs}, TrainOptions{.batch_size = 128, .seed = seed_, .title = name},
        FastPrecision{}};
  }

  void one_seed() {
    Network<Plain> plain{Seed{seed_.value + 100}};
    Network<Residuals> residuals{Seed{seed_.value + 200}};
    Network<Dense> dense{Seed{seed_.value + 300}};
    teach("plain", plain);
    teach("residuals", residuals);
    teach("dense", dense);

    alone();
    single(0, "plain", plain);
    single(1, "residuals", residuals);
    single(2, "dense", dense);
    const Knowledge known = remember_all(plain, residuals, dense);
    learn<Distill<Fuse<Equal, FusionOf::logits>, Soft, Labels>>("average_logits", known);
    learn<Distill<Fuse<Equal, FusionOf::probabilities>, Soft, Labels>>("average_probabilities", known);
    learn<Distill<Fuse<ByEntropy>, Soft, Labels>>("ebkd", known);
    learn<Distill<Fuse<ByConfidence>, Soft, Labels>>("ca_mkd", known);
    learn<Distill<Fuse<ByGradients<>>, Soft, Labels>>("aekd", known);
    learn<Distill<Fuse<ByGate>, Soft, Labels>>("gate", known);
  }

  template <class A>
  void teach(const std::string& name, Network<A>& teacher) {
    const auto start = std::chrono::steady_clock::now();
    trainer(name, options_.teacher_epochs).fit(teacher, train_, HardLabels<>{});
    results_.add("teacher_" + name, evaluate(Engine{teacher}, data_.test), start);
  }

  template <class... A>
  [[nodiscard]] Knowledge remember_all(const Network<A>&... networks) const {
    return remember(teachers(networks...), train_, {.progress = false}, InHalf{}, Taps<>{}, FastPrecision{});
  }

  /// A student of the knowledge, measured.
  template <class Objective>
  Network<Student> learn(const std::string& name, const Knowledge& known) {
    const auto start = std::chrono::steady_clock::now();
    Network<Student> student{seed_};
    distill(student, known, train_, Objective{}, trainer(name, options_.epochs));
    results_.add(name, evaluate(Engine{student}, data_.test), start);
    return student;
  }

  void alone() {
    const auto start = std::chrono::steady_clock::now();
    Network<Student> student{seed_};
    trainer("student_alone", options_.epochs).fit(student, train_, HardLabels<>{});
    results_.add("student_alone", evaluate(Engine{student}, data_.test), start);
  }

  template <class A>
  void single(std::size_t number, const std::string& name, const Network<A>& teacher) {
    const std::string row = "single_" + name;
    const Network<Student> student = learn<Distill<Soft, Labels>>(row, remember_all(teacher));
    singles_.resize(std::max(singles_.size(), number + 1));
    singles_[number].row = results_.find(row);
    singles_[number].choice_sum += evaluate(Engine{student}, choice_);
  }

  study::Options options_;
  Split data_;
  Dataset train_;
  Dataset choice_;
  Seed seed_{};
  study::Results results_;
  std::vector<Single> singles_;
};

}  // namespace

int main(int argc, char** argv) {
  const study::Options options = study::parse(argc, argv, "Three teachers and one student of Fashion-MNIST");
  stop_politely_on_signals();
  try {
    const study::Results results = Comparison{options}.run();
    std::cout << results.to_text("best_single_teacher");
    if (!options.out.empty()) results.write(options.out, options.command);
    return 0;
  } catch (const Error& error) {
    std::cerr << "multi_teacher: " << error.what() << '\n';
    return error.code() == ErrorCode::interrupted ? 130 : 2;
  }
}
