// SPDX-License-Identifier: MIT
#include <algorithm>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/core/interrupt.hpp>
#include <attar/distill/by_entropy.hpp>
#include <attar/distill/by_gate.hpp>
#include <attar/distill/distill.hpp>
#include <attar/infer/evaluate.hpp>
#include <attar/loss/fit_net.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/quantize/quantize.hpp>

namespace attar::distill_test {
namespace {

template <int Width>
using Net = Sequential<Input<1, 8, 8>, Conv2d<Width, Kernel<3>>, BatchNorm2d, ReLU, MaxPool2d<2>, Flatten, Linear<4>>;
using Teacher = Net<16>;
using Student = Net<4>;
using SoftOnly = Distill<SoftTargets<Temperature<4>>>;

auto trainer(int epochs) {
  return Trainer{Sgd{.rate = 0.05, .momentum = 0.9}, Cosine{}, Epochs{epochs},
                 TrainOptions{.batch_size = 32, .seed = Seed{1}, .progress = false}};
}

/// The teacher's knowledge of the corners, but with the classes numbered backwards: what a student can only have from
/// it.
Dataset mirrored(const Dataset& data) {
  AlignedBuffer<std::uint8_t> images{data.images().size()};
  std::ranges::copy(data.images(), images.begin());
  std::vector<int> labels(data.labels().begin(), data.labels().end());
  for (int& label : labels) label = 3 - label;
  return Dataset{data.shape(), data.classes(), std::move(images), std::move(labels), data.normalization()};
}

TEST(Distill, TheStudentLearnsWhatTheTeacherSaysNotTheLabels) {
  const Dataset data = test::corners(512);
  Network<Teacher> teacher{Seed{1}};
  trainer(6).fit(teacher, mirrored(data), HardLabels<>{});
  Network<Student> student{Seed{2}};
  distill(student, teachers(teacher), data, SoftOnly{}, trainer(6));
  // Measured by a run at rate zero, which changes nothing and reports the accuracy against the teacher's numbering.
  Trainer still{Sgd{.rate = 0}, Constant{}, Epochs{1}, TrainOptions{.batch_size = 32, .progress = false}};
  const History history = still.fit(student, mirrored(data), HardLabels<>{});
  EXPECT_GT(history.back().accuracy, 95.0);
}

TEST(Distill, WithoutASoftTermItIsPlainTraining) {
  const Dataset data = test::corners(128);
  const Network<Teacher> teacher{Seed{1}};
  Network<Student> distilled{Seed{2}};
  Network<Student> alone{Seed{2}};
  distill(distilled, teachers(teacher), data, Distill<SoftTargets<Weight<0>>, HardLabels<>>{}, trainer(1));
  trainer(1).fit(alone, data, HardLabels<>{});
  EXPECT_TRUE(std::ranges::equal(distilled.buffer(), alone.buffer()));
}

/// What a network gets right, in percent.
template <class A>
double accuracy(const Network<A>& network, const Dataset& data) {
  return evaluate(Engine{network}, data);
}

TEST(Distill, AStudentLearnsFromMapsThroughAnAdapter) {
  const Dataset data = test::corners(256);
  Network<Teacher> teacher{Seed{1}};
  trainer(4).fit(teacher, data, HardLabels<>{});
  // Maps alone do not reach the student's last layer: its convolution changes, its classes do not.
  Network<Student> student{Seed{2}};
  const auto copy = [](std::span<const float> numbers) { return std::vector<float>{numbers.begin(), numbers.end()}; };
  const std::vector<float> convolution = copy(student.tensor("0.weight"));
  const std::vector<float> linear = copy(student.tensor("5.weight"));
  const History history = distill(student, teachers(teacher), data, Distill<FitNet<Tap<"3">>>{}, trainer(6));
  EXPECT_LT(history.back().loss, 0.5 * history.front().loss);
  EXPECT_NE(copy(student.tensor("0.weight")), convolution);
  EXPECT_EQ(copy(student.tensor("5.weight")), linear);
}

TEST(Distill, SeveralTeachersOfDifferentTypesTeachTogether) {
  const Dataset data = test::corners(512);
  Network<Teacher> first{Seed{1}};
  Network<Net<12>> second{Seed{2}};
  trainer(6).fit(first, mirrored(data), HardLabels<>{});
  trainer(6).fit(second, mirrored(data), HardLabels<>{});
  Network<Student> student{Seed{3}};
  distill(student, teachers(first, in<Fp32>(second)), data, Distill<Fuse<ByEntropy>, SoftTargets<>>{}, trainer(6));
  EXPECT_GT(accuracy(student, mirrored(data)), 95.0);
}

TEST(Distill, AnInt8TeacherTeaches) {
  const Dataset data = test::corners(512);
  Network<Teacher> teacher{Seed{1}};
  trainer(6).fit(teacher, mirrored(data), HardLabels<>{});
  Network<Student> student{Seed{3}};
  distill(student, teachers(quantize<Int8<>>(teacher, data)), data, SoftOnly{}, trainer(6));
  EXPECT_GT(accuracy(student, mirrored(data)), 95.0);
}

TEST(Distill, AChainPassesOnWhatTheFirstKnows) {
  const Dataset data = test::corners(512);
  Network<Teacher> teacher{Seed{1}};
  trainer(6).fit(teacher, mirrored(data), HardLabels<>{});
  Network<Net<8>> assistant{Seed{2}};
  Network<Student> student{Seed{3}};
  distill_chain(data, SoftOnly{}, trainer(6), teacher, assistant, student);
  EXPECT_GT(accuracy(assistant, mirrored(data)), 95.0);
  EXPECT_GT(accuracy(student, mirrored(data)), 90.0);
}

/// Stops the program as Ctrl-C would, at its last call.
struct InterruptAt {
  int calls;
  int* made;
  void operator()(std::span<float>) const {
    if (++*made == calls) std::raise(SIGINT);
  }
};

TEST(Distill, GoesOnWithItsAdaptersAfterAnInterruption) {
  const Dataset data = test::corners(128);
  const Network<Teacher> teacher{Seed{1}};
  const Distill<Fuse<ByGate>, FitNet<Tap<"3">>, SoftTargets<>> objective;
  TrainOptions options{.batch_size = 32, .seed = Seed{1}, .progress = false};
  const auto run = [&](Network<Student>& student, const auto& constraint) {
    const Trainer trainer{Sgd{.rate = 0.05, .momentum = 0.9}, Cosine{}, Epochs{3}, options};
    distill(student, teachers(teacher, teacher), data, objective, trainer, constraint);
  };
  Network<Student> undisturbed{Seed{2}};
  run(undisturbed, NoConstraint{});

  options.checkpoint = std::filesystem::path{testing::TempDir()} / "distill.checkpoint";
  std::filesystem::remove(options.checkpoint);
  Network<Student> first{Seed{2}};
  int made = 0;
  stop_politely_on_signals();
  EXPECT_THROW(run(first, InterruptAt{11, &made}), Error);
  detail::interrupt_requested = false;
  Network<Student> second{Seed{2}};
  run(second, NoConstraint{});
  EXPECT_TRUE(std::ranges::equal(second.buffer(), undisturbed.buffer()));
}

TEST(Distill, EarlyStoppedTrainingFollowsTheScheduleOfAllEpochs) {
  const Dataset data = test::corners(128);
  const auto run = [&](Epochs epochs) {
    Network<Student> network{Seed{2}};
    const Trainer trainer{Sgd{.rate = 0.05}, Cosine{}, epochs, {.batch_size = 32, .progress = false}};
    const History history = trainer.fit(network, data, HardLabels<>{});
    return std::pair{history.size(), std::vector<float>{network.buffer().begin(), network.buffer().end()}};
  };
  const auto [stopped_epochs, stopped] = run({.count = 6, .stop_after = 2});
  const auto [short_epochs, shorter] = run({.count = 2});
  EXPECT_EQ(stopped_epochs, 2U);
  EXPECT_EQ(short_epochs, 2U);
  EXPECT_NE(stopped, shorter) << "the rate fell as if the run ended there";
}

TEST(Distill, LeavesTheTeacherAlone) {
  const Dataset data = test::corners(64);
  Network<Teacher> teacher{Seed{1}};
  const std::vector<float> before{teacher.buffer().begin(), teacher.buffer().end()};
  Network<Student> student{Seed{2}};
  distill(student, teachers(teacher), data, SoftOnly{}, trainer(1));
  EXPECT_TRUE(std::ranges::equal(before, teacher.buffer()));
}

TEST(Distill, HoldsAConstraint) {
  const Dataset data = test::corners(64);
  const Network<Teacher> teacher{Seed{1}};
  Network<Student> student{Seed{2}};
  distill(student, teachers(teacher), data, SoftOnly{}, trainer(1), [](std::span<float> buffer) { buffer[0] = 0; });
  EXPECT_EQ(student.buffer()[0], 0.0F);
}

}  // namespace
}  // namespace attar::distill_test
