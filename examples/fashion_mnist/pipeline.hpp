// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

#include "models.hpp"
#include "options.hpp"
#include "report.hpp"
#include <attar/attar.hpp>

namespace fashion {

/// How long each step trains and on what.
struct Plan {
  std::size_t images = 60'000;  ///< Training images used.
  int batch_size = 128;
  int teacher_epochs = 0;
  int student_epochs = 0;  ///< Of the student alone and of the distilled one alike.
  int slim_epochs = 0;     ///< After pruning.
  Augmentation augmentation{};
};

/// The worked case: every step from the teacher to the int8 file, measured on the way.
class Pipeline {
  using Objective = Distill<SoftTargets<Temperature<4>, Weight<9, 10>>, HardLabels<Weight<1, 10>>>;

  /// Each network begins with numbers of its own.
  [[nodiscard]] Seed seed(std::uint64_t network) const { return Seed{options_.seed * 100 + network}; }

  [[nodiscard]] std::filesystem::path checkpoint(const std::string& name) const {
    return options_.out / (name + ".checkpoint");
  }

  /// All networks are trained alike; only the length and the rate differ.
  [[nodiscard]] auto trainer(const std::string& name, int epochs, double rate) const {
    return Trainer{
        Sgd{.rate = rate, .momentum = 0.9, .nesterov = true, .weight_decay = 5e-4, .decay_norms_and_biases = false},
        OneCycle{.peak_at = 0.25}, Epochs{epochs},
        TrainOptions{.batch_size = plan_.batch_size,
                     .seed = Seed{options_.seed},
                     .augmentation = plan_.augmentation,
                     .title = name,
                     .checkpoint = checkpoint(name)},
        FastPrecision{}};
  }

 public:
  Pipeline(const Options& options, const Plan& plan, Split data)
      : options_{options}, plan_{plan}, train_{std::move(data.train)}, test_{std::move(data.test)} {
    std::filesystem::create_directories(options_.out);
    report_.seed = options_.seed;
    report_.command = options_.command;
    report_.machine = describe_machine();
  }

  Report run() {
    const auto start = std::chrono::steady_clock::now();

    Network<Teacher> teacher{seed(1)};
    trainer("teacher", plan_.teacher_epochs, 0.2).fit(teacher, train_, HardLabels<Smoothing<1, 20>>{});
    measure("teacher", teacher);

    Network<Student> alone{seed(2)};
    trainer("student_alone", plan_.student_epochs, 0.2).fit(alone, train_, HardLabels<Smoothing<1, 20>>{});
    measure("student_alone", alone);

    Network<Student> student{seed(2)};
    distill(student, teachers(teacher), train_, Objective{}, trainer("student_distilled", plan_.student_epochs, 0.2));
    measure("student_distilled", student);

    Network<Slim> slim = prune<Keeping>(student);
    distill(slim, teachers(teacher), train_, Objective{}, trainer("student_pruned", plan_.slim_epochs, 0.1));
    measure("student_pruned", slim);

    const auto int8 = quantize<Int8<PerChannel, MinMax>>(slim, train_.take(1024));
    measure("student_int8", int8);
    write_constants(int8, options_.out / "student_int8.hpp", {.name = "student_int8"});  // For examples/phone.

    report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    remove_checkpoints();
    return report_;
  }

 private:
  template <class Model>
  void measure(const std::string& name, const Model& model) {
    const std::filesystem::path file = options_.out / (name + ".safetensors");
    save(model, file);
    const Engine engine{model};
    Stage stage{.name = name,
                .precision = std::string{Model::precision},
                .accuracy = evaluate(engine, test_),
                .parameters = cost<typename Model::ArchitectureType>.parameters,
                .multiply_adds = cost<typename Model::ArchitectureType>.multiply_adds,
                .file_bytes = std::filesystem::file_size(file),
                .latency_us = latency_us(engine)};
    report_.stages.push_back(std::move(stage));
  }

  /// They are for going on after an interruption; a finished run needs them no more.
  void remove_checkpoints() const {
    for (const Stage& stage : report_.stages) std::filesystem::remove(checkpoint(stage.name));
  }

  Options options_;
  Plan plan_;
  Dataset train_;
  Dataset test_;
  Report report_;
};

}  // namespace fashion
