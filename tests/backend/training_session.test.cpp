// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/eigen.hpp>
#include <attar/backend/reference.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/core/dtype.hpp>
#include <attar/model/network.hpp>
#include <attar/model/sequential.hpp>
#ifdef ATTAR_WITH_ONEDNN
#include <attar/backend/onednn.hpp>
#endif

#include "../support/gradient_check.hpp"
#include "../support/onednn_bf16.hpp"
#include "../support/plain_run.hpp"
#include "../support/random_program.hpp"

namespace attar::test::training_session_test {
namespace {

using Image = Input<2, 4, 5>;
using First = Conv2d<4, Kernel<3>>;  ///< Its gradients need those of all inputs behind it.

template <class... Layers>
void check() {
  check_session(Sequential<Image, First, Layers..., GlobalAvgPool, Linear<3>>::program);
}

template <int Width, class... Options>
using ConvNorm = Stack<Conv2d<Width, Options...>, BatchNorm2d>;

TEST(TrainingSession, GradientsOfConvolutions) {
  check<Conv2d<3, Kernel<3>, Stride<2>, Bias>>();
  check<Conv2d<3, Kernel<2>, Padding<0>, Dilation<2>>>();
  check<Conv2d<6, Kernel<3>, Groups<2>>>();
  check<DepthwiseConv2d<Kernel<3>, Stride<2>>, Conv2d<5>>();
}

TEST(TrainingSession, GradientsOfNormsAndActivations) {
  check<BatchNorm2d>();
  check<BatchNorm2d, ReLU>();
  check<BatchNorm2d, ReLU6, Conv2d<3>, BatchNorm2d, ReLU>();
  check<BatchNorm2d, HardSwish>();
  check<ReLU, BatchNorm2d>();
  check<HardSwish, Conv2d<3>, ReLU6>();
}

TEST(TrainingSession, GradientsOfPools) {
  check<MaxPool2d<2>>();
  check<BatchNorm2d, ReLU, MaxPool2d<3, Stride<2>, Padding<1>>>();
  check<AvgPool2d<2>, Conv2d<3>>();
  check<AvgPool2d<3, Stride<1>, Padding<1>>>();
}

TEST(TrainingSession, GradientsOfFlattenAndDropout) {
  check_session(Sequential<Image, First, MaxPool2d<2>, Flatten, Linear<5>, ReLU, Linear<3>>::program);
  check_session(Sequential<Image, Flatten, Linear<5, NoBias>, Dropout<Rate<1, 2>>, Linear<3>>::program);
  check<Dropout<Rate<1, 3>>, Conv2d<3>>();
}

TEST(TrainingSession, GradientsOfResiduals) {
  check<Residual<Conv2d<4, Kernel<3>>>>();
  check<Residual<ConvNorm<4, Kernel<3>>>, ReLU>();
  check<Residual<ConvNorm<6, Kernel<3>, Stride<2>>, ConvNorm<6, Stride<2>>>, ReLU>();
  check<Residual<BatchNorm2d>, ReLU6>();
  check<BatchNorm2d, Residual<BatchNorm2d>, ReLU>();
  check<Residual<Stack<>>, ReLU>();
  check<Residual<Stack<>, BatchNorm2d>, ReLU>();
  check<BatchNorm2d, ReLU, Residual<Stack<ConvNorm<4, Kernel<3>>, ReLU, ConvNorm<4, Kernel<3>>>>, ReLU,
        Residual<Stack<ConvNorm<4, Kernel<3>>, ReLU, ConvNorm<4, Kernel<3>>>>, ReLU>();
}

TEST(TrainingSession, GradientsOfValuesWithSeveralReaders) {
  check<Concat<Conv2d<1>, Conv2d<2>, Conv2d<3>>>();
  check<BatchNorm2d, Concat<Conv2d<1>, Conv2d<2>, Conv2d<3>>>();
  check<BatchNorm2d, ReLU, Concat<Stack<>, Conv2d<2>, Stack<>, MaxPool2d<3, Stride<1>, Padding<1>>>>();
  check<Residual<Conv2d<4>>, Concat<Conv2d<1>, Stack<>, Conv2d<3>>>();
  check<Concat<Conv2d<2>>>();
}

TEST(TrainingSession, GradientsOfSqueezeExcite) {
  check<SqueezeExcite<2>>();
  check<BatchNorm2d, HardSwish, SqueezeExcite<2>, Conv2d<3>>();
  check<Residual<Stack<ConvNorm<4, Kernel<3>>, ReLU, SqueezeExcite<2>>>, ReLU>();
}

TEST(TrainingSession, GradientsOfADenseNet) {
  using Grow = Concat<Stack<>, Stack<BatchNorm2d, ReLU, Conv2d<3, Kernel<3>>>>;
  check<Grow, Grow, Stack<BatchNorm2d, ReLU, Conv2d<4>, AvgPool2d<2>>, Grow, BatchNorm2d, ReLU>();
}

TEST(TrainingSession, OfAnArchitectureThatEndsInAFusedOperation) {
  check_session(Sequential<Image, Conv2d<3, Stride<4>>, BatchNorm2d, ReLU>::program);
  check_session(Sequential<Input<3, 1, 1>, Linear<4>, Residual<Linear<4>>, ReLU>::program);
}

/// Checks a network with a tap at each of its values, one at a time and all at once.
template <class... Layers>
void check_taps() {
  const Program& program = Sequential<Image, First, Layers...>::program;
  std::vector<int> all;
  for (const Op& op : program.ops) {
    check_session(program, 2, {}, std::array{op.output});
    all.push_back(op.output);
  }
  check_session(program, 2, {}, all);
}

TEST(TrainingSession, GradientsComeInAtTaps) {
  check_taps<BatchNorm2d, ReLU, Conv2d<3>, MaxPool2d<2>, GlobalAvgPool, Flatten, Linear<3>>();
  check_taps<Residual<ConvNorm<4, Kernel<3>>>, ReLU, Dropout<Rate<1, 2>>, GlobalAvgPool, Linear<3>>();
  check_taps<Concat<Conv2d<2>, Stack<BatchNorm2d, ReLU>>, GlobalAvgPool>();
}

#ifdef ATTAR_WITH_ONEDNN
TEST(TrainingSession, TapsOfBf16MapsAreFloats) {
  ATTAR_SKIP_WITHOUT_BF16();
  using Net = Sequential<Image, First, BatchNorm2d, ReLU, GlobalAvgPool, Linear<3>>;
  const std::array taps{3};
  TrainingSession<OneDnn, bf16> session{Net::program, 2, taps};
  Network<Net> network{Seed{1}};
  const std::vector<float> images(2 * Net::input_shape.size(), 0.5F);
  session.forward(images, network.buffer(), 0);
  const std::span<const float> maps = session.maps(0);
  ASSERT_EQ(maps.size(), 2 * Net::program.shape(3).size());
  for (const float x : maps) EXPECT_EQ(x, static_cast<float>(static_cast<bf16>(x)));
  EXPECT_GT(*std::ranges::max_element(maps), 0.0F);
}
#endif

/// Fusion and the plan of gradient buffers change nothing.
TEST(TrainingSession, GivesWhatTheSingleOperationsGive) {
  constexpr Tolerance rounding{1e-9, 1e-10};
  for (std::uint64_t number = 0; number < 300; ++number) {
    SCOPED_TRACE("random program " + std::to_string(number));
    const RandomProgram random{number};
    const Program program = random.view();
    constexpr int batch = 2;
    const Numbers images = normal_numbers(batch * program.input_shape().size(), 1);
    const Numbers weights = normal_numbers(batch * program.output_shape().size(), 2);
    Numbers parameters = random_parameters(program);
    Numbers plain_parameters = parameters;
    TrainingSession<Reference<double>> session{program, batch};
    PlainRun plain{program, batch};
    for (std::uint64_t step = 0; step < 2; ++step) {
      expect_near(plain.forward(images, plain_parameters, step), session.forward(images, parameters, step), "logits",
                  rounding);
      expect_near(plain_parameters, parameters, "parameters", rounding);
      const Numbers expected = plain.backward(weights, plain_parameters, step);
      Numbers gradients(program.buffer_size);
      session.backward(weights, gradients);
      expect_near(expected, gradients, "gradients", rounding);
      if (HasFatalFailure()) return;
    }
  }
}

/// Whether rounding might decide which side of a kink a number falls on, or which of two is the maximum.
bool near_a_kink(const Program& program, PlainRun& run) {
  constexpr double margin = 1e-4;
  const auto near = [](double x) { return x != 0 && std::abs(x) < margin; };
  for (const Op& op : program.ops) {
    const Numbers& input = run.values[static_cast<std::size_t>(op.operands[0])];
    if (op.kind == OpKind::activation &&
        std::ranges::any_of(input, [&](double x) { return near(x) || near(x - 6) || near(x - 3) || near(x + 3); })) {
      return true;
    }
    if (op.kind != OpKind::max_pool) continue;
    Numbers sorted = input;
    std::ranges::sort(sorted);
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      if (near(sorted[i] - sorted[i - 1])) return true;
    }
  }
  return false;
}

double norm(std::span<const double> numbers) {
  return std::sqrt(dot(numbers, numbers));
}

template <class Backend>
class EveryBackend : public testing::Test {};

#ifdef ATTAR_WITH_ONEDNN
using Backends = testing::Types<EigenBackend, OneDnn>;
#else
using Backends = testing::Types<EigenBackend>;
#endif
TYPED_TEST_SUITE(EveryBackend, Backends);

TYPED_TEST(EveryBackend, TrainsAsTheReferenceDoes) {
  int compared = 0;
  for (std::uint64_t number = 0; number < 120; ++number) {
    SCOPED_TRACE("random program " + std::to_string(number));
    const RandomProgram random{number};
    const Program program = random.view();
    constexpr int batch = 3;
    const Numbers images = normal_numbers(batch * program.input_shape().size(), 1);
    const Numbers weights = normal_numbers(batch * program.output_shape().size(), 2);
    Numbers parameters = random_parameters(program);
    std::vector<float> narrow(parameters.begin(), parameters.end());
    PlainRun plain{program, batch};
    const Numbers logits = plain.forward(images, parameters, 9);
    if (near_a_kink(program, plain)) continue;
    ++compared;
    const Numbers gradients = plain.backward(weights, parameters, 9);

    TrainingSession<TypeParam> session{program, batch};
    const std::vector<float> narrow_images(images.begin(), images.end());
    const std::vector<float> narrow_weights(weights.begin(), weights.end());
    const auto found = session.forward(narrow_images, narrow, 9);
    std::vector<float> found_gradients(program.buffer_size);
    session.backward(narrow_weights, found_gradients);
    const auto distance = [](std::span<const double> expected, std::span<const float> others) {
      Numbers difference(expected.begin(), expected.end());
      for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= static_cast<double>(others[i]);
      return norm(difference);
    };
    EXPECT_LT(distance(logits, found), 1e-4 * norm(logits));
    EXPECT_LT(distance(parameters, narrow), 1e-5 * norm(parameters));
    EXPECT_LT(distance(gradients, found_gradients), 1e-3 * norm(gradients));
  }
  EXPECT_GT(compared, 40);
}

TEST(TrainingSession, StepsAreIndependentOfEachOther) {
  using Net = Sequential<Image, First, BatchNorm2d, ReLU, MaxPool2d<2>, Dropout<Rate<1, 2>>, GlobalAvgPool, Linear<3>>;
  const Numbers images = normal_numbers(2 * 40, 1);
  const Numbers others = normal_numbers(2 * 40, 2);
  const Numbers weights = normal_numbers(6, 3);
  const auto run = [&](TrainingSession<Reference<double>>& session) {
    Numbers parameters = random_parameters(Net::program);
    session.forward(images, parameters, 4);
    Numbers gradients(Net::program.trainable_size);
    session.backward(weights, gradients);
    return gradients;
  };
  TrainingSession<Reference<double>> fresh{Net::program, 2};
  TrainingSession<Reference<double>> used{Net::program, 2};
  Numbers parameters = random_parameters(Net::program);
  Numbers gradients(Net::program.trainable_size);
  used.forward(others, parameters, 3);
  used.backward(weights, gradients);
  EXPECT_EQ(run(fresh), run(used));
}

TEST(TrainingSession, NumbersOfAStepDecideTheDropout) {
  using Net = Sequential<Input<64, 1, 1>, Dropout<Rate<1, 2>>, Linear<3>>;
  TrainingSession<Reference<double>> session{Net::program, 2};
  Numbers parameters = random_parameters(Net::program);
  const Numbers images = normal_numbers(128, 1);
  const auto logits = [&](std::uint64_t step) {
    const auto found = session.forward(images, parameters, step);
    return Numbers(found.begin(), found.end());
  };
  const Numbers first = logits(1);
  EXPECT_NE(first, logits(2));
  EXPECT_EQ(first, logits(1));
}

TEST(TrainingSession, LeavesImagesAndTrainableParametersAlone) {
  using Net = Sequential<Image, First, BatchNorm2d, ReLU, GlobalAvgPool, Linear<3>>;
  TrainingSession<Reference<double>> session{Net::program, 2};
  Numbers parameters = random_parameters(Net::program);
  const Numbers before = parameters;
  session.forward(normal_numbers(80, 1), parameters, 0);
  const auto split = static_cast<std::ptrdiff_t>(Net::program.trainable_size);
  EXPECT_TRUE(std::equal(before.begin(), before.begin() + split, parameters.begin()));
  EXPECT_FALSE(std::equal(before.begin() + split, before.end(), parameters.begin() + split));
  const Numbers after = parameters;
  Numbers gradients(Net::program.trainable_size);
  session.backward(normal_numbers(6, 1), gradients);
  EXPECT_EQ(parameters, after) << "backward changes no statistics";
}

TEST(TrainingSession, NamesTheFirstLayerThatIsNotFinite) {
  using Net = Sequential<Image, First, BatchNorm2d, ReLU, Residual<Stack<Conv2d<4>, ReLU>>, GlobalAvgPool, Linear<3>>;
  TrainingSession<Reference<double>> session{Net::program, 2};
  Numbers parameters = random_parameters(Net::program);
  const Numbers images = normal_numbers(80, 1);
  session.forward(images, parameters, 0);
  EXPECT_FALSE(session.first_non_finite().has_value());
  const auto path_with = [&](std::string_view name, double value) {
    Numbers broken = parameters;
    for (const Parameter& parameter : Net::program.parameters) {
      if (parameter.name.view() == name) broken[parameter.offset] = value;
    }
    session.forward(images, broken, 0);
    const auto row = session.first_non_finite();
    return row ? std::string{row->path.view()} + " " + std::string{row->name} : "none";
  };
  EXPECT_EQ(path_with("0.weight", std::numeric_limits<double>::quiet_NaN()), "0 Conv2d");
  EXPECT_EQ(path_with("1.weight", std::numeric_limits<double>::infinity()), "1 BatchNorm2d");
  EXPECT_EQ(path_with("3.main.0.weight", std::numeric_limits<double>::quiet_NaN()), "3.main.0 Conv2d");
  EXPECT_EQ(path_with("5.bias", -std::numeric_limits<double>::infinity()), "5 Linear");
}

TEST(TrainingSession, RemembersItsBatch) {
  EXPECT_EQ((TrainingSession<Reference<double>>{Sequential<Image, Flatten, Linear<3>>::program, 5}.batch()), 5);
}

}  // namespace
}  // namespace attar::test::training_session_test
