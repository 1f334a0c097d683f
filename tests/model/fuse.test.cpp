// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../support/gradient_check.hpp"
#include "../support/plain_run.hpp"
#include "../support/random_program.hpp"
#include <attar/backend/inference_session.hpp>
#include <attar/backend/reference.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::fuse_test {
namespace {

std::string short_name(OpKind kind) {
  constexpr const char* names[] = {"conv", "linear",  "norm", "activation", "max",    "avg",
                                   "mean", "flatten", "drop", "add",        "concat", "scale"};
  return names[static_cast<std::size_t>(kind)];
}

/// What is left of an architecture, in a few words: "norm+residual+relu".
template <class... Layers>
std::vector<std::string> fused(FuseFor purpose) {
  std::vector<std::string> words;
  for (const Op& op : fuse(Sequential<Input<4, 6, 6>, Layers...>::program, purpose).ops) {
    constexpr const char* functions[] = {"", "+relu", "+relu6", "+hard_swish", "+hard_sigmoid"};
    words.push_back(short_name(op.kind) + (op.residual >= 0 ? "+residual" : "") +
                    functions[static_cast<std::size_t>(op.activation)]);
  }
  return words;
}

using Words = std::vector<std::string>;
constexpr FuseFor training = FuseFor::training;
constexpr FuseFor inference = FuseFor::inference;
using ConvNorm = Stack<Conv2d<4, Kernel<3>>, BatchNorm2d>;

TEST(Fuse, TrainingPutsSumsAndReluIntoNorms) {
  EXPECT_EQ((fused<ConvNorm, ReLU>(training)), (Words{"conv", "norm+relu"}));
  EXPECT_EQ((fused<ConvNorm, ReLU6>(training)), (Words{"conv", "norm+relu6"}));
  EXPECT_EQ((fused<Residual<ConvNorm>>(training)), (Words{"conv", "norm+residual"}));
  EXPECT_EQ((fused<Residual<ConvNorm>, ReLU>(training)), (Words{"conv", "norm+residual+relu"}));
  EXPECT_EQ((fused<Residual<ConvNorm, ConvNorm>, ReLU>(training)),
            (Words{"conv", "conv", "norm", "norm+residual+relu"}));
}

TEST(Fuse, TrainingLeavesWhatTheResultDoesNotTell) {
  EXPECT_EQ((fused<ConvNorm, HardSwish>(training)), (Words{"conv", "norm", "activation+hard_swish"}));
  EXPECT_EQ((fused<Conv2d<4>, ReLU>(training)), (Words{"conv", "activation+relu"}));
  EXPECT_EQ((fused<Residual<Conv2d<4>>, ReLU>(training)), (Words{"conv", "add+relu"}));
  EXPECT_EQ((fused<Residual<Conv2d<4>>, HardSwish>(training)), (Words{"conv", "add", "activation+hard_swish"}));
  EXPECT_EQ((fused<Dropout<Rate<1, 2>>>(training)), (Words{"drop"}));
}

TEST(Fuse, InferencePutsSumsAndActivationsIntoProducts) {
  EXPECT_EQ((fused<Conv2d<4>, ReLU>(inference)), (Words{"conv+relu"}));
  EXPECT_EQ((fused<Conv2d<4>, HardSwish>(inference)), (Words{"conv+hard_swish"}));
  EXPECT_EQ((fused<Residual<Stack<Conv2d<4>, ReLU, Conv2d<4>>>, ReLU6>(inference)),
            (Words{"conv+relu", "conv+residual+relu6"}));
  EXPECT_EQ((fused<ConvNorm, ReLU>(inference)), (Words{"conv", "norm+relu"}));
  EXPECT_EQ((fused<Residual<MaxPool2d<3, Stride<1>, Padding<1>>>, ReLU>(inference)), (Words{"max", "add+relu"}));
  EXPECT_EQ((fused<GlobalAvgPool, Linear<3>, ReLU>(inference)), (Words{"mean", "linear+relu"}));
  EXPECT_EQ((fused<SqueezeExcite<2>>(inference)), (Words{"mean", "linear+relu", "linear+hard_sigmoid", "scale"}));
}

TEST(Fuse, AnActivationStandsBehindTheSumItHadInFront) {
  // relu(conv) + x is not relu(conv + x).
  EXPECT_EQ((fused<Residual<Stack<Conv2d<4>, ReLU>>>(inference)), (Words{"conv+relu", "add"}));
  EXPECT_EQ((fused<Residual<Stack<ConvNorm, ReLU>>, ReLU>(training)), (Words{"conv", "norm+relu", "add+relu"}));
}

TEST(Fuse, OneSumAndOneActivationPerOperation) {
  EXPECT_EQ((fused<Conv2d<4>, ReLU, ReLU6>(inference)), (Words{"conv+relu", "activation+relu6"}));
  EXPECT_EQ((fused<Residual<Stack<Residual<Conv2d<4>>>>>(inference)), (Words{"conv+residual", "add"}));
}

TEST(Fuse, WhatOthersReadIsKept) {
  EXPECT_EQ((fused<Conv2d<4>, Residual<ReLU>>(inference)), (Words{"conv", "activation+relu", "add"}));
  EXPECT_EQ((fused<BatchNorm2d, Residual<ReLU>>(training)), (Words{"norm", "activation+relu", "add"}));
  EXPECT_EQ((fused<BatchNorm2d, Residual<Identity>>(training)), (Words{"norm", "add"}));
}

TEST(Fuse, TheSumGoesIntoTheSideThatTakesIt) {
  EXPECT_EQ((fused<Residual<ReLU, Conv2d<4>>>(inference)), (Words{"activation+relu", "conv+residual"}));
  EXPECT_EQ((fused<Residual<MaxPool2d<1>, BatchNorm2d>, ReLU>(training)), (Words{"max", "norm+residual+relu"}));
}

TEST(Fuse, WhatDoesNothingVanishes) {
  EXPECT_EQ((fused<Conv2d<4>, Dropout<Rate<1, 2>>, ReLU>(inference)), (Words{"conv+relu"}));
  EXPECT_EQ((fused<BatchNorm2d, Dropout<Rate<0>>, ReLU>(training)), (Words{"norm+relu"}));
  EXPECT_EQ((fused<GlobalAvgPool, Flatten, Linear<3>>(training)), (Words{"mean", "linear"}));
  EXPECT_EQ((fused<Flatten, Linear<3>>(inference)), (Words{"flatten", "linear"}));
  EXPECT_TRUE((fused<Dropout<Rate<1, 2>>>(inference).empty()));
}

TEST(Fuse, TheOutputFollows) {
  using Relu = Sequential<Input<4, 6, 6>, Conv2d<4>, ReLU>;
  EXPECT_EQ(fuse(Relu::program, inference).output, Relu::program.output);
  using Drop = Sequential<Input<4, 6, 6>, Conv2d<4>, Dropout<Rate<1, 2>>>;
  EXPECT_EQ(fuse(Drop::program, inference).output, Drop::program.ops[0].output);
  EXPECT_EQ(fuse(Drop::program, training).output, Drop::program.output);
}

TEST(Fuse, EverythingIsComputedBeforeItIsRead) {
  int with_residual = 0;
  for (std::uint64_t number = 0; number < 500; ++number) {
    SCOPED_TRACE("random program " + std::to_string(number));
    const RandomProgram random{number};
    const Program program = random.view();
    for (const FuseFor purpose : {training, inference}) {
      const FusedProgram result = fuse(program, purpose);
      std::vector<bool> computed(program.values.size());
      computed[0] = true;
      const auto is_computed = [&](int value) { return computed[static_cast<std::size_t>(value)]; };
      for (const Op& op : result.ops) {
        for (int k = 0; k < op.operand_count; ++k) {
          ASSERT_TRUE(is_computed(op.operands[static_cast<std::size_t>(k)]));
        }
        if (op.residual >= 0) {
          ++with_residual;
          ASSERT_TRUE(is_computed(op.residual));
          ASSERT_EQ(program.shape(op.residual), program.shape(op.output));
        }
        ASSERT_FALSE(is_computed(op.output)) << "written twice";
        computed[static_cast<std::size_t>(op.output)] = true;
      }
      ASSERT_TRUE(is_computed(result.output));
    }
  }
  EXPECT_GT(with_residual, 200) << "the programs are not random enough";
}

TEST(Fuse, InferenceGivesTheSameResult) {
  for (std::uint64_t number = 0; number < 300; ++number) {
    SCOPED_TRACE("random program " + std::to_string(number));
    const RandomProgram random{number};
    const Program program = random.view();
    const Numbers images = normal_numbers(2 * program.input_shape().size(), 1);
    const Numbers parameters = random_parameters(program);
    const Numbers expected = PlainRun{program, 2}.infer(images, parameters);
    const InferenceSession<Reference<double>> session{program, parameters, 2};
    auto context = session.make_context();
    Numbers found(expected.size());
    session.run(images.data(), found.data(), context);
    expect_near(expected, found, "logits", {1e-11, 1e-11});
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace attar::test::fuse_test
