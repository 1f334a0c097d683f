// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/int8_exact.hpp"
#include "../../support/random_aware.hpp"
#include "../../support/small_networks.hpp"
#include <attar/backend/aware/prepare.hpp>
#include <attar/backend/default_backend.hpp>
#include <attar/backend/eigen.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/training_session.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/tap.hpp>
#include <attar/quantize/quantization_aware.hpp>

namespace attar::test::prepare_test {
namespace {

/// A quantization-aware network whose limits are not where calibration put them: some clip, some waste levels.
template <class A, class Scheme, class Rule>
Network<quantization_aware_t<A, Scheme, Rule>> shaken(Seed seed) {
  const std::vector<float> images = noise(8 * A::input_shape.size(), Seed{9});
  auto aware = quantization_aware<Scheme, Rule>(lived_in<A>(seed), std::span<const float>{images});
  Rng rng{seed, 77};
  for (const Parameter& parameter : aware.program.parameters) {
    if (parameter.role != Role::limit) continue;  // Offsets have that role, too.
    for (float& limit : aware.buffer().subspan(parameter.offset, parameter.size)) limit *= 0.5F + rng.uniform();
  }
  return aware;
}

/// The numbers that the bytes of a value stand for.
std::vector<float> numbers(const Int8Model& model, int value, const std::vector<std::byte>& bytes, bool floats) {
  std::vector<float> result;
  if (floats) {
    result.resize(bytes.size() / sizeof(float));
    std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
  }
  for (const std::byte byte : bytes) {
    const int q = detail::number_of(static_cast<std::int8_t>(byte), model.is_signed(value));
    result.push_back(static_cast<float>(q - model.zero_point(value)) * model.activation_scale(value));
  }
  return result;
}

/// Everything that training computes in its forward pass is what the plain integer interpreter computes of `model`, bit
/// by bit.
template <class Backend>
void expect_exact_training(const Program& program, std::span<float> parameters, const Int8Model& model,
                           const std::vector<float>& images, int batch) {
  const Int8Trace truth = trace<Reference<float>>(model, images, batch);
  const FusedProgram fused = fuse(model.program, FuseFor::inference);
  std::vector<int> taps;
  for (const Op& op : fused.ops) {
    if (op.output != fused.output) taps.push_back(op.output);
  }
  TrainingSession<Backend> session{program, batch, taps};
  const auto logits = session.forward(images, parameters, 0);
  for (std::size_t tap = 0; tap < taps.size(); ++tap) {
    const auto maps = session.maps(tap);
    const int value = taps[tap];
    EXPECT_EQ((std::vector<float>{maps.begin(), maps.end()}),
              numbers(model, value, truth.values[static_cast<std::size_t>(value)], false))
        << "value " << value;
  }
  EXPECT_EQ((std::vector<float>{logits.begin(), logits.end()}), truth.logits);
}

template <class Backend, class A, class Scheme, class Rule>
void expect_exact_training(Seed seed) {
  constexpr int batch = 3;
  auto aware = shaken<A, Scheme, Rule>(seed);
  const auto int8 = quantize(aware);
  const Int8Model model = int8.model();
  EXPECT_EQ(detail::any_of(model.zero_points, [](std::uint8_t z) { return z != 0; }), Scheme::asymmetric);
  expect_exact_training<Backend>(aware.program, aware.buffer(), model, noise(batch * A::input_shape.size(), Seed{2}),
                                 batch);
}

template <class A, class Scheme, class Rule>
void expect_exact_training() {
  expect_exact_training<DefaultBackend, A, Scheme, Rule>(Seed{1});
  expect_exact_training<EigenBackend, A, Scheme, Rule>(Seed{1});
  expect_exact_training<Reference<float>, A, Scheme, Rule>(Seed{2});
}

TEST(Aware, ComputesWhatTheEngineComputes) {
  expect_exact_training<ResNetLike, Int8<>, LearnedStep>();
  expect_exact_training<VggLike, Int8<>, LearnedStep>();
  expect_exact_training<MobileNetV2Like, Int8<>, LearnedStep>();
  expect_exact_training<MobileNetV3Like, Int8<>, LearnedStep>();
  expect_exact_training<DenseNetLike, Int8<>, LearnedStep>();
}

TEST(Aware, ComputesWhatTheEngineComputesWithFewerBits) {
  expect_exact_training<MobileNetV3Like, Int8<WeightBits<7>, PerTensor>, LearnedStep>();
  expect_exact_training<ResNetLike, Int8<WeightBits<4>>, Pact>();
  expect_exact_training<DenseNetLike, Int8<WeightBits<2>, Entropy>, StraightThrough>();
}

/// An activation that no operation before it can take, for its operand has another reader.
using PreActivation = Sequential<Input<3, 6, 6>, Conv2d<8, Kernel<3>>, Residual<Stack<HardSwish, Conv2d<8, Kernel<3>>>>,
                                 GlobalAvgPool, Linear<10>>;

TEST(Aware, ComputesWhatTheEngineComputesOfSeparateActivations) {
  expect_exact_training<PreActivation, Int8<>, LearnedStep>();
}

TEST(Aware, ComputesWhatTheEngineComputesWithZeroPoints) {
  expect_exact_training<ResNetLike, Int8<Asymmetric>, LearnedStep>();
  expect_exact_training<MobileNetV2Like, Int8<Asymmetric, WeightBits<7>>, LearnedStep>();
  expect_exact_training<MobileNetV3Like, Int8<Asymmetric>, LearnedStep>();
  expect_exact_training<MobileNetV3Like, Int8<Asymmetric, PerTensor>, Pact>();
  expect_exact_training<DenseNetLike, Int8<Asymmetric, WeightBits<4>>, LearnedStep>();
  expect_exact_training<PreActivation, Int8<Asymmetric>, StraightThrough>();
}

/// Any strides, paddings, groups, sums, gates and concatenations, signed, unsigned and with any zero points.
TEST(Aware, ComputesWhatTheEngineComputesOfRandomNetworks) {
  for (int i = 0; i < 120; ++i) {
    SCOPED_TRACE(i);
    RandomAware random{Seed{static_cast<std::uint64_t>(i)}, i % 4 != 0, i % 5 == 0 ? 7 : 127, zero_points_of(i)};
    const int batch = 1 + i % 3;
    const std::vector<float> images = random.images(batch);
    detail::Quantizers quantizers{random.program()};
    quantizers.update(random.parameters());
    const Int8Model model = quantizers.model();
    expect_exact_training<DefaultBackend>(random.program(), random.parameters(), model, images, batch);
    expect_exact_training<EigenBackend>(random.program(), random.parameters(), model, images, batch);
  }
}

TEST(Aware, RefusesTapsWhereTheEngineRoundsNothing) {
  using A = QuantizationAware<PreActivation, Int8<>, LearnedStep>;
  const int sum = tapped_value(A::program, "1");
  EXPECT_NO_THROW((TrainingSession<DefaultBackend>{A::program, 1, std::span{&sum, 1}}));
  const int inside = tapped_value(A::program, "1.main.1");
  try {
    TrainingSession<DefaultBackend>{A::program, 1, std::span{&inside, 1}};
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    EXPECT_NE(std::string{error.what()}.find("1.main.1 (Conv2d)"), std::string::npos) << error.what();
  }
}

TEST(Aware, IsForFloats) {
  using A = QuantizationAware<PreActivation, Int8<>, LearnedStep>;
  EXPECT_THROW((TrainingSession<Reference<double>>{A::program, 1}), Error);
  const Network<A> network{Seed{1}};
  EXPECT_THROW((InferenceSession<DefaultBackend>{A::program, network.buffer()}), Error) << "would round nothing";
}

}  // namespace
}  // namespace attar::test::prepare_test
