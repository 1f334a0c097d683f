// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/program.hpp>
#include <attar/model/sequential.hpp>

namespace attar::program_test {
namespace {

using Image = Input<3, 9, 9>;
using Net =
    Sequential<Image, Conv2d<5, Kernel<3>, Bias>, BatchNorm2d, ReLU, Residual<Conv2d<5>>, GlobalAvgPool, Linear<10>>;

TEST(Program, TensorsAreAlignedAndDoNotOverlap) {
  std::size_t end = 0;
  std::vector<const Parameter*> sorted;
  for (const Parameter& parameter : Net::program.parameters) sorted.push_back(&parameter);
  std::ranges::sort(sorted, {}, [](const Parameter* p) { return p->offset; });
  for (const Parameter* parameter : sorted) {
    EXPECT_EQ(parameter->offset % detail::parameter_alignment, 0U);
    EXPECT_GE(parameter->offset, end) << parameter->name.view();
    EXPECT_LT(parameter->offset - end, detail::parameter_alignment) << "no holes";
    end = parameter->offset + parameter->size;
  }
  EXPECT_LE(end, Net::program.buffer_size);
}

TEST(Program, TrainableTensorsComeFirst) {
  static_assert(Net::program.trainable_size == (144 + 16 + 16 + 16 + 32 + 64 + 16));
  static_assert(Net::program.buffer_size == Net::program.trainable_size + 32);
  for (const Parameter& parameter : Net::program.parameters) {
    EXPECT_EQ(trainable(parameter.role), parameter.offset < Net::program.trainable_size);
  }
}

TEST(Program, TheTableIsInPyTorchsOrder) {
  std::vector<std::string_view> names;
  for (const Parameter& parameter : Net::program.parameters) names.push_back(parameter.name.view());
  EXPECT_EQ(names, (std::vector<std::string_view>{"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean",
                                                  "1.running_var", "3.main.weight", "5.weight", "5.bias"}));
}

TEST(Program, KnowsItsShapes) {
  static_assert(Net::program.input_shape() == Shape{3, 9, 9} && Net::program.output_shape() == Shape{10});
  static_assert(Net::program.shape(1) == Shape{5, 9, 9});
  static_assert(Net::program.parameter(0).dims == std::array{5, 3, 3, 3} && Net::program.parameter(0).rank == 4);
}

TEST(Program, EveryRowHasOperations) {
  std::set<int> rows;
  for (const Op& op : Net::program.ops) rows.insert(op.layer);
  EXPECT_EQ(rows.size(), Net::program.rows.size());
}

TEST(Fingerprint, TellsArchitecturesApart) {
  const std::vector<std::uint64_t> all{
      Sequential<Image, Conv2d<4, Kernel<3>>>::program.fingerprint,
      Sequential<Image, Conv2d<5, Kernel<3>>>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<5>>>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<3>, Bias>>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<3>, Stride<2>>>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<3>, Dilation<2>>>::program.fingerprint,
      Sequential<Input<3, 9, 8>, Conv2d<4, Kernel<3>>>::program.fingerprint,
      Sequential<Image, Stack<Conv2d<4, Kernel<3>>>>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<3>>, ReLU>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<3>>, ReLU6>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<3>>, MaxPool2d<1>>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<3>>, AvgPool2d<1>>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<3>>, BatchNorm2d>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<3>>, BatchNorm2dWith<Epsilon<1, 1000>, Momentum<1, 10>>>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<3>>, Concat<Identity, ReLU>>::program.fingerprint,
      Sequential<Image, Conv2d<4, Kernel<3>>, Concat<ReLU, Identity>>::program.fingerprint,
  };
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
}

TEST(Fingerprint, IsTheSameForTheSameComputation) {
  static_assert(Sequential<Image, Conv2d<4, Kernel<3>>>::program.fingerprint ==
                Sequential<Image, Conv2d<4, Kernel<3, 3>, Stride<1>, Padding<1>>>::program.fingerprint);
}

TEST(Fingerprint, IsFnv1a) {
  // Known answer: the hash of nothing, and of eight zero bytes.
  static_assert(detail::Fingerprint{}.value() == 0xCBF29CE484222325);
  constexpr std::uint64_t zeros = [] {
    detail::Fingerprint hash;
    hash.add(std::uint64_t{0});
    return hash.value();
  }();
  static_assert(zeros == 0xA8C7F832281A39C5);
  constexpr std::uint64_t text = [] {
    detail::Fingerprint hash;
    hash.add(std::string_view{"foobar"});
    return hash.value();
  }();
  constexpr std::uint64_t foobar = 0x85944171F73967E8;  // Of the six letters; a text ends with a zero byte.
  static_assert(text == foobar * 0x100000001B3U);
}

}  // namespace
}  // namespace attar::program_test
