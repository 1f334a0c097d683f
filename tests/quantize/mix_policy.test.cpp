// SPDX-License-Identifier: MIT
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/sequential.hpp>
#include <attar/quantize/mix_policy.hpp>

namespace attar::mix_policy_test {
namespace {

using enum LayerPrecision;

using Net =
    Sequential<Input<1, 8, 8>, MaxPool2d<2>, Conv2d<4>, ReLU, Conv2d<4>, GlobalAvgPool, Linear<3>, Dropout<Rate<1, 2>>>;
using Rows = std::vector<std::optional<LayerPrecision>>;

constexpr std::optional<LayerPrecision> none{};

TEST(MixPolicy, NamesFirstAndLastLayersWithWeights) {
  EXPECT_EQ(detail::asked_precisions<MixPolicy<>>(Net::program, {}), Rows(7, none));
  using Both = MixPolicy<LastLayer<Bf16>, FirstLayer<Fp32>>;
  EXPECT_EQ(detail::asked_precisions<Both>(Net::program, {}), (Rows{none, fp32, none, none, none, bf16, none}));
}

TEST(MixPolicy, AChoiceComesBeforeIt) {
  EXPECT_EQ(detail::asked_precisions<MixPolicy<FirstLayer<Fp32>>>(Net::program, {{"1", int8}, {"3", bf16}}),
            (Rows{none, int8, none, bf16, none, none, none}));
}

TEST(MixPolicy, RefusesPathsThatAreNoLayersWithWeights) {
  for (const char* path : {"0", "2", "7", ""}) {
    EXPECT_THROW((void)detail::asked_precisions<MixPolicy<>>(Net::program, {{path, fp32}}), Error) << path;
  }
}

}  // namespace
}  // namespace attar::mix_policy_test
