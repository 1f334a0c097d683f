// SPDX-License-Identifier: MIT
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include <attar/model/spelled_text.hpp>
#include <attar/model/spelling.hpp>
#include <attar/model/zoo.hpp>

namespace attar {

/// A layer that the library does not know.
struct Doubled {
  static constexpr std::string_view name = "Doubled";
  static constexpr int emit(ProgramBuilder& builder, int input) {
    builder.begin_layer(name, input);
    return builder.append({.kind = OpKind::add}, {input, input}, builder.shape(input));
  }
};
template <>
struct Spelling<Doubled> {
  static Spelled spell(WidthReader&) { return {"Doubled"}; }
};

namespace spelling_test {
namespace {

/// Checks that the text which is written is the very text of which the type was made.
#define EXPECT_ROUND_TRIP(...)                                                           \
  {                                                                                      \
    WidthReader reader{{}};                                                              \
    EXPECT_EQ(to_text(Spelling<__VA_ARGS__>::spell(reader)), std::string{#__VA_ARGS__}); \
  }

TEST(Spelling, EveryLayerWithItsOptions) {
  EXPECT_ROUND_TRIP(attar::Conv2d<16>)
  EXPECT_ROUND_TRIP(attar::Conv2d<16, attar::Kernel<3>, attar::Stride<2, 1>, attar::Padding<0>, attar::Dilation<2>>)
  EXPECT_ROUND_TRIP(attar::Conv2d<16, attar::Groups<4>, attar::Bias>)
  EXPECT_ROUND_TRIP(attar::DepthwiseConv2d<>)
  EXPECT_ROUND_TRIP(attar::DepthwiseConv2d<attar::Kernel<1, 3>, attar::Bias>)
  EXPECT_ROUND_TRIP(attar::Linear<10>)
  EXPECT_ROUND_TRIP(attar::Linear<10, attar::NoBias>)
  EXPECT_ROUND_TRIP(attar::BatchNorm2d)
  EXPECT_ROUND_TRIP(attar::BatchNorm2dWith<attar::Epsilon<1, 1000>, attar::Momentum<1, 100>>)
  EXPECT_ROUND_TRIP(attar::MaxPool2d<3, attar::Stride<2>, attar::Padding<1>>)
  EXPECT_ROUND_TRIP(attar::AvgPool2d<2>)
  EXPECT_ROUND_TRIP(attar::Dropout<attar::Rate<1, 5>>)
  EXPECT_ROUND_TRIP(attar::SqueezeExcite<4>)
  EXPECT_ROUND_TRIP(attar::Tag<"middle">)
  EXPECT_ROUND_TRIP(attar::Stack<attar::ReLU, attar::ReLU6, attar::HardSwish>)
  EXPECT_ROUND_TRIP(attar::Residual<attar::Flatten>)
  EXPECT_ROUND_TRIP(attar::Residual<attar::Flatten, attar::Flatten>)
  EXPECT_ROUND_TRIP(attar::Concat<attar::GlobalAvgPool, attar::Identity>)
  EXPECT_ROUND_TRIP(attar::Repeat<3, attar::Conv2d<8>>)
  EXPECT_ROUND_TRIP(Doubled)
}

template <class Layer>
std::string spelled_with(const Widths& widths) {
  WidthReader reader{widths};
  return to_text(Spelling<Layer>::spell(reader));
}

TEST(Spelling, WordsAreEscaped) {
  EXPECT_EQ(spelled_with<Tag<"a\"b\\c\n1">>({}), R"(attar::Tag<"a\042b\134c\0121">)");
  static_assert(std::is_same_v<Tag<"a\042b\134c\0121">, Tag<"a\"b\\c\n1">>);
}

TEST(Spelling, TakesWidthsInOrder) {
  using Layer = Stack<Residual<Stack<Conv2d<8>, Conv2d<9>>, Conv2d<9>>, Concat<Linear<7>, Linear<6, NoBias>>>;
  EXPECT_EQ(spelled_with<Layer>({1, 2, 3, 4, 5}),
            "attar::Stack<attar::Residual<attar::Stack<attar::Conv2d<1>, attar::Conv2d<2>>, attar::Conv2d<3>>, "
            "attar::Concat<attar::Linear<4>, attar::Linear<5, attar::NoBias>>>");
}

TEST(Spelling, DepthwiseConvolutionsKeepOneGroupPerChannel) {
  EXPECT_EQ((spelled_with<Conv2d<32, Groups<32>>>({24})), "attar::Conv2d<24, attar::Groups<24>>");
  EXPECT_EQ((spelled_with<Conv2d<32, Groups<4>>>({24})), "attar::Conv2d<24, attar::Groups<4>>");
}

TEST(Spelling, CopiesThatDifferAreWrittenOut) {
  using Layer = Repeat<2, Conv2d<8>>;
  EXPECT_EQ(spelled_with<Layer>({3, 3}), "attar::Repeat<2, attar::Conv2d<3>>");
  EXPECT_EQ(spelled_with<Layer>({3, 4}), "attar::Stack<attar::Conv2d<3>, attar::Conv2d<4>>");
  EXPECT_EQ((spelled_with<Repeat<0, Conv2d<8>>>({})), "attar::Identity");
}

TEST(Spelling, AWholeArchitecture) {
  using Net = Sequential<Input<1, 28, 20>, Conv2d<8>, GlobalAvgPool, Linear<10>>;
  EXPECT_EQ(to_text(spell_architecture<Net>()),
            "attar::Sequential<attar::Input<1, 28, 20>, attar::Conv2d<8>, attar::GlobalAvgPool, attar::Linear<10>>");
  EXPECT_EQ(to_text(spell_architecture<Net>({5, 10})),
            "attar::Sequential<attar::Input<1, 28, 20>, attar::Conv2d<5>, attar::GlobalAvgPool, attar::Linear<10>>");
  EXPECT_EQ(to_text(spell_architecture<Sequential<Input<3, 8, 8>, Doubled>>()),
            "attar::Sequential<attar::Input<3, 8, 8>, Doubled>");
}

TEST(Spelling, WhatIsWrittenHasAsManyWidthsAsTheArchitecture) {
  const auto count = [](const std::string& text) {
    std::size_t found = 0;
    for (const char* layer : {"attar::Conv2d<", "attar::Linear<"}) {
      for (std::size_t at = text.find(layer); at != std::string::npos; at = text.find(layer, at + 1)) ++found;
    }
    return found;
  };
  Widths widths = widths_of<zoo::ResNet20<>>();
  for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = static_cast<int>(i + 1);
  EXPECT_EQ(count(to_text(spell_architecture<zoo::ResNet20<>>(widths))), widths.size());
}

#undef EXPECT_ROUND_TRIP

}  // namespace
}  // namespace spelling_test
}  // namespace attar
