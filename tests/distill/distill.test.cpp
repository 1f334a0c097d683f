// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "../support/tiny_data.hpp"
#include <attar/distill/distill.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/optim/sgd.hpp>

namespace attar {
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
}  // namespace attar
