// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../io/scratch.hpp"
#include "../support/small_networks.hpp"
#include <attar/infer/engine.hpp>
#include <attar/infer/engine_maker.hpp>

namespace attar::test::engine_maker_test {
namespace {

using Net = Sequential<Input<3, 8, 8>, Conv2d<8, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<4>>;
using Wide = Sequential<Input<3, 8, 8>, GlobalAvgPool, Linear<9>>;

// What attar_add_variants writes, but in one file: makers that can be told apart by the engines that they make.
using Maker = EngineMaker<const Network<Net>&>;
constexpr Maker plain{[](const Network<Net>& network) { return Engine{network}; }};
constexpr Maker other{[](const Network<Net>&) { return Engine{Network<Wide>{}}; }};
constexpr Maker::Variant variants[]{{"other", &other}, {"plain", &plain}};
constexpr Maker chosen{variants};
constexpr Maker failing{[](const Network<Net>&) -> Engine<Network<Net>> {
  raise(Error{ErrorCode::invalid_data, "scales", "positive ones", "-1"});
}};

TEST(EngineMaker, MakesTheEngineOfItsOneForm) {
  const Network<Net> network = lived_in<Net>(Seed{1});
  const Engine typed{network};
  const AnyEngine engine = plain.make(network);
  auto typed_context = typed.make_context();
  auto context = engine.make_context();
  const std::vector<float> image = noise(Net::input_shape.size(), Seed{2});
  EXPECT_TRUE(std::ranges::equal(engine(image, context), typed(image, typed_context)));
  EXPECT_TRUE(plain.variants().empty());
}

TEST(EngineMaker, TakesTheFirstVariantThatTheCpuCanRun) {
  EXPECT_EQ(chosen.best().name, "other");
  EXPECT_EQ(chosen.make(Network<Net>{}).classes(), 9U);
  ASSERT_EQ(chosen.variants().size(), 2U);
  EXPECT_EQ(chosen.variants()[1].make(Network<Net>{}).classes(), 4U);
}

TEST(EngineMaker, TakesTheVariantThatIsNamed) {
  EXPECT_EQ(chosen.named("plain").make(Network<Net>{}).classes(), 4U);
  expect_error(ErrorCode::invalid_argument, "variant: expected one of other, plain, found avx1024",
               [] { (void)chosen.named("avx1024"); });
}

TEST(EngineMaker, OfOneFormHasNoVariants) {
  expect_error(ErrorCode::invalid_argument, "variant: expected none, for there is one form only, found plain",
               [] { (void)plain.named("plain"); });
  expect_error(ErrorCode::invalid_argument, "for there is one form only", [] { (void)plain.best(); });
}

TEST(EngineMaker, PassesErrorsOn) {
  expect_error(ErrorCode::invalid_data, "scales: expected positive ones", [] { (void)failing.make(Network<Net>{}); });
}

}  // namespace
}  // namespace attar::test::engine_maker_test
