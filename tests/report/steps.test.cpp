// SPDX-License-Identifier: MIT
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "../support/small_networks.hpp"
#include <attar/backend/default_backend.hpp>
#include <attar/backend/eigen.hpp>
#include <attar/infer/engine.hpp>
#include <attar/quantize/mix.hpp>
#include <attar/quantize/quantize.hpp>
#include <attar/report/steps.hpp>

namespace attar::test::steps_test {
namespace {

using Net = Sequential<Input<3, 8, 8>, Conv2d<8, Kernel<3>, Stride<2>>, BatchNorm2d, ReLU,
                       Residual<Stack<DepthwiseConv2d<Kernel<3>>, BatchNorm2d, HardSwish, Conv2d<8>, BatchNorm2d>>,
                       MaxPool2d<2>, Flatten, Linear<10>>;

const Network<Net>& network() {
  static const Network<Net> network = lived_in<Net>(Seed{1});
  return network;
}
auto quantized() {
  return quantize<Int8<>, EigenBackend>(network(), std::span<const float>{noise(4 * 192, Seed{2})});
}

std::vector<std::string> paths(const std::vector<StepDescription>& steps) {
  std::vector<std::string> result;
  for (const StepDescription& step : steps) result.push_back(step.path);
  return result;
}

TEST(Steps, AreThoseOfTheEngine) {
  const auto steps = Engine<Network<Net>, EigenBackend>{network()}.steps();
  EXPECT_EQ(paths(steps), (std::vector<std::string>{"0", "3.main.0", "3.main.3", "4", "5", "6"}));
  EXPECT_EQ(to_text(steps),
            "path      operation                   precision  from    to      kernel                weights   maps\n"
            "-----------------------------------------------------------------------------------------------------\n"
            "0         conv2d 3x3 s2 + relu        fp32       3x8x8   8x4x4   Eigen matrix product      896  1,280\n"
            "3.main.0  conv2d 3x3 g8 + hard_swish  fp32       8x4x4   8x4x4   attar depthwise           320  1,024\n"
            "3.main.3  conv2d 1x1 + add            fp32       8x4x4   8x4x4   Eigen matrix product      288  1,536\n"
            "4         max_pool 2x2                fp32       8x4x4   8x2x2   attar kernel                0    640\n"
            "5         flatten                     fp32       8x2x2   32x1x1  attar kernel                0    256\n"
            "6         linear                      fp32       32x1x1  10x1x1  Eigen matrix product    1,320    168\n");
}

TEST(Steps, HaveTimesWhereTheyWereMeasured) {
  const auto int8 = quantized();
  const Engine<std::remove_const_t<decltype(int8)>, EigenBackend> engine{int8};
  std::vector<StepDescription> steps = engine.steps();
  EXPECT_EQ(to_text(steps).find("of peak"), std::string::npos);
  steps.resize(2);
  steps[0].microseconds = 1.5;
  steps[0].peak_share = 0.5;
  steps[1].microseconds = 0.5;
  const std::string text = to_text(steps);
  EXPECT_NE(text.find("1.50     50 %\n"), std::string::npos) << text;
  EXPECT_NE(text.find("0.50        -\n"), std::string::npos) << text;
  EXPECT_NE(text.find("2.00     38 %\n"), std::string::npos) << text;
  EXPECT_NE(describe(engine, {.repetitions = 10}).find("of peak"), std::string::npos);
}

TEST(Steps, OfABatchAreNotMeasured) {
  const Engine<Network<Net>, EigenBackend, BatchSize<2>> engine{network()};
  const std::string text = describe(engine);
  EXPECT_EQ(text.find("of peak"), std::string::npos);
  EXPECT_NE(text.find("linear"), std::string::npos);
}

TEST(Steps, SayWhichKernelsInt8Got) {
  auto int8 = quantized();
  for (const StepDescription& step : Engine<decltype(int8), EigenBackend>{int8}.steps()) {
    EXPECT_EQ(step.precision, "int8");
    EXPECT_TRUE(step.kernel.starts_with("attar int8 ")) << step.kernel;
  }
  const std::string embedded = Engine{int8}.steps().back().kernel;
  EXPECT_TRUE(embedded.starts_with("attar tiles, ")) << embedded;
#if defined(ATTAR_WITH_ONEDNN) && defined(__x86_64__)
  const std::string kernel = Engine<decltype(int8), OneDnn>{int8}.steps().back().kernel;
  const CpuFeatures cpu = cpu_features();
  // 8-bit weights go to oneDNN only where it has instructions that do not overflow.
  EXPECT_EQ(kernel.starts_with("oneDNN "), cpu.avx512_vnni || cpu.avx_vnni) << kernel;
#endif
}

TEST(Steps, ShowConversions) {
  auto mixed = mix<MixPolicy<LastLayer<Fp32>>>(quantized(), network());
  const auto steps = Engine<decltype(mixed), EigenBackend>{mixed}.steps();
  ASSERT_EQ(steps.size(), 7U);
  EXPECT_EQ(steps[5].path, "");
  EXPECT_EQ(steps[5].precision, "int8 to fp32");
  EXPECT_EQ(steps[5].kernel, "attar conversion");
  EXPECT_EQ(steps[6].precision, "fp32");
  const std::string text = describe(Engine<decltype(mixed), EigenBackend>{mixed});
  EXPECT_NE(text.find("conversion"), std::string::npos);
  EXPECT_NE(text.find("CPU: "), std::string::npos);
}

}  // namespace
}  // namespace attar::test::steps_test
