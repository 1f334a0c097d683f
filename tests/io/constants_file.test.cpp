// SPDX-License-Identifier: MIT
// What a written header computes is a test of its own: tests/generated.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "scratch.hpp"
#include <attar/core/error.hpp>
#include <attar/io/constants_file.hpp>
#include <attar/model/network.hpp>
#include <attar/model/quantization_aware.hpp>

namespace attar::constants_file_test {
namespace {

using namespace attar;
using namespace attar::test;

using Net = Sequential<Input<1, 4, 4>, Conv2d<2, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<3>>;
using Folded = fold_batch_norm_t<Net>;
using Student = QuantizedNetwork<Folded, Int8<PerTensor, WeightBits<7>>>;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ConstantsFile, HoldsArchitectureSchemeAndNumbers) {
  const Scratch scratch;
  Student student;
  student.weight(0)[0] = 1;
  student.weight(0)[1] = -1;
  student.weight_scales(0)[0] = 0.1F;
  write_constants(student, scratch / "a", {.name = "student"});
  const std::string text = get(scratch / "a");
  for (const char* part :
       {"// Written by Attar. 29 parameters", "namespace student {", "using Architecture = attar::Sequential<",
        "attar::Conv2d<2, attar::Kernel<3>, attar::Bias>", "Architecture::program.fingerprint == 0x",
        "std::uint64_t weights[3] = {\n0xff01,0x0,0x0,};", "float weight_scales[2] = {\n0.1F,1.0F,};",
        "inline constexpr attar::QuantizedConstants<Architecture, attar::Int8<attar::PerTensor, attar::WeightBits<7>>> "
        "network{weights, "}) {
    EXPECT_TRUE(contains(text, part)) << part << "\nis not in\n" << text;
  }
}

TEST(ConstantsFile, HoldsZeroPoints) {
  const Scratch scratch;
  QuantizedNetwork<Folded, Int8<Asymmetric>> student;
  student.zero_points()[0] = 77;
  write_constants(student, scratch / "a");
  const std::string text = get(scratch / "a");
  EXPECT_TRUE(
      contains(text, "std::uint8_t zero_points[" + std::to_string(Folded::program.values.size()) + "] = {\n77,"))
      << text;
  EXPECT_TRUE(contains(text, "attar::Int8<attar::PerChannel, attar::Asymmetric>> network{weights, ")) << text;
  EXPECT_TRUE(contains(text, "signed_values, zero_points};")) << text;
}

TEST(ConstantsFile, OfFloatsHasTheNormsFolded) {
  const Scratch scratch;
  write_constants(Network<Net>{Seed{1}}, scratch / "a");
  const std::string text = get(scratch / "a");
  EXPECT_TRUE(contains(text, "namespace constants {")) << text;
  EXPECT_TRUE(contains(text, "attar::NetworkConstants<Architecture> network{parameters};")) << text;
  EXPECT_FALSE(contains(text, "BatchNorm2d")) << text;
}

TEST(ConstantsFile, OfAMixHoldsEachLayerInItsPrecision) {
  const Scratch scratch;
  const std::vector<LayerPrecision> precisions(Folded::program.rows.size(), LayerPrecision::fp32);
  const Student student;
  write_constants(MixedNetwork{student, Network<Folded>{Seed{1}}, std::span{precisions}}, scratch / "a");
  const std::string text = get(scratch / "a");
  EXPECT_TRUE(contains(text, "std::uint8_t precisions[" + std::to_string(precisions.size()) + "] = {\n2,2,")) << text;
  EXPECT_TRUE(contains(text,
                       "attar::MixedConstants<Architecture, attar::Int8<attar::PerTensor, "
                       "attar::WeightBits<7>>> network{precisions, tensors};"))
      << text;
}

TEST(ConstantsFile, OfAQuantizationAwareNetworkIsThatOfWhatItSimulates) {
  const Scratch scratch;
  const auto expect_the_same = [&]<class Scheme>(Scheme) {
    const Network<QuantizationAware<Folded, Scheme, LearnedStep>> aware{Seed{1}};
    write_constants(aware, scratch / "a");
    write_constants(simulated(aware), scratch / "b");
    EXPECT_EQ(get(scratch / "a"), get(scratch / "b"));
  };
  expect_the_same(Int8<>{});
  expect_the_same(Int8<Asymmetric>{});
}

TEST(ConstantsFile, RefusesNamesThatAreNoIdentifiers) {
  const Scratch scratch;
  for (const char* name : {"", "1a", "a b", "class", "attar", "a__b"}) {
    expect_error(ErrorCode::invalid_argument, "identifier",
                 [&] { write_constants(Student{}, scratch / "a", {.name = name}); });
  }
  EXPECT_EQ(scratch.count(), 0);
}

TEST(ConstantsFile, RefusesNumbersThatCannotBe) {
  const Scratch scratch;
  Student student;
  student.weight_scales(0)[0] = 0;
  expect_error(ErrorCode::invalid_data, "weight_scale", [&] { write_constants(student, scratch / "a"); });
  Network<Net> network{Seed{1}};
  network.buffer()[0] = std::numeric_limits<float>::quiet_NaN();
  expect_error(ErrorCode::invalid_data, "finite", [&] { write_constants(network, scratch / "a"); });
  EXPECT_EQ(scratch.count(), 0);
}

TEST(ConstantsFile, FloatsAreReadBackAsTheyWere) {
  for (const float number : {0.0F, -0.0F, 1.0F, 0.1F, 1e-20F, 3e30F, std::numeric_limits<float>::denorm_min(),
                             std::numeric_limits<float>::max()}) {
    const std::string text = detail::constant_text(number);
    EXPECT_EQ(text.back(), 'F');
    EXPECT_NE(text.find_first_of(".e"), text.npos) << text << " would be an integer";
    EXPECT_EQ(std::bit_cast<std::uint32_t>(std::strtof(text.c_str(), nullptr)), std::bit_cast<std::uint32_t>(number))
        << text;
  }
}

inline constexpr std::array<std::uint64_t, 40'000> zeros{};
inline constexpr std::uint64_t words[] = {1, 2, 3};
inline constexpr float floats[] = {0.0F, 1.5F};

TEST(ConstantsFile, ChecksumsAreTheSameAtCompileTime) {
  EXPECT_EQ(detail::constant_checksum<words>, detail::checksum_of(std::span<const std::uint64_t>{words}));
  EXPECT_EQ(detail::constant_checksum<floats>, detail::checksum_of(std::span<const float>{floats}));
  EXPECT_EQ(detail::constant_checksum<zeros>, detail::checksum_of(std::span<const std::uint64_t>{zeros}));
}

TEST(ConstantsFile, ChecksumsNoticeEveryChange) {
  std::vector<std::uint64_t> numbers(40'000);
  std::iota(numbers.begin(), numbers.end(), 7);
  const auto sum = [&] { return detail::checksum_of(std::span<const std::uint64_t>{numbers}); };
  const std::uint64_t before = sum();
  for (const std::size_t place : {0U, 1U, 16'383U, 16'384U, 39'999U}) {
    numbers[place] ^= 1U << 31U;
    EXPECT_NE(sum(), before) << place;
    numbers[place] ^= 1U << 31U;
  }
  std::swap(numbers[3], numbers[4]);
  EXPECT_NE(sum(), before);
  std::swap(numbers[3], numbers[4]);
  numbers.push_back(0);
  EXPECT_NE(sum(), before);
}

}  // namespace
}  // namespace attar::constants_file_test
