// SPDX-License-Identifier: MIT
#include <string>

#include <gtest/gtest.h>

#include "../support/same_program.hpp"
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/widths.hpp>

namespace attar::test::widths_test {
namespace {

/// All that widths reach: explicit and inferred depthwise convolutions, a squeeze-excite whose hidden width follows
/// (15 / 4 = 3, so it does not say its reduction), repeated blocks, a sum, a concatenation and a flattened image.
template <int A, int B, int C, int D, int E, int F>
using Net = Sequential<Input<3, 8, 8>, Conv2d<A, Kernel<3>, Stride<2>>, BatchNorm2d,
                       Residual<Stack<Conv2d<B>, DepthwiseConv2d<Kernel<3>>, Conv2d<A>>>, SqueezeExcite<4>,
                       Concat<Conv2d<C, Bias>, Stack<>>, Conv2d<D>, Conv2d<D, Kernel<3>, Groups<D>>,
                       Stack<Stack<Conv2d<E>, ReLU>, Stack<Conv2d<F>, ReLU>>, Flatten, Linear<6>, ReLU, Linear<4>>;
using Wide = Sequential<Input<3, 8, 8>, Conv2d<24, Kernel<3>, Stride<2>>, BatchNorm2d,
                        Residual<Stack<Conv2d<32>, DepthwiseConv2d<Kernel<3>>, Conv2d<24>>>, SqueezeExcite<4>,
                        Concat<Conv2d<8, Bias>, Stack<>>, Conv2d<20>, Conv2d<20, Kernel<3>, Groups<20>>,
                        Repeat<2, Stack<Conv2d<16>, ReLU>>, Flatten, Linear<30>, ReLU, Linear<4>>;

TEST(Widths, AreListedInTheOrderInWhichTheyAreWritten) {
  EXPECT_EQ(widths_of<Wide>(), (Widths{24, 32, 24, 8, 20, 20, 16, 16, 30, 4}));
  EXPECT_EQ(widths_of<fold_batch_norm_t<Wide>>(), widths_of<Wide>());
}

TEST(Widths, OthersGiveTheProgramInWhichTheyAreWritten) {
  expect_same_program(program_with<Wide>(widths_of<Wide>()).view(), Wide::program);
  expect_same_program(program_with<Wide>({15, 7, 15, 3, 9, 9, 5, 2, 6, 4}).view(), Net<15, 7, 3, 9, 5, 2>::program);
}

std::string message(const Widths& widths) {
  try {
    static_cast<void>(program_with<Wide>(widths));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.what();
  }
  return "no error";
}

TEST(Widths, ThatDoNotFitAreRefused) {
  EXPECT_NE(message({15, 7, 14, 3, 9, 9, 5, 2, 6, 4}).find("at layer 2 (Add) 14x4x4 and 15x4x4"), std::string::npos);
  EXPECT_NE(message({15, 7, 15, 3, 9, 9, 0, 2, 6, 4}).find("at layer 7.0.0 (Conv2d)"), std::string::npos);
  EXPECT_NE(message({3, 7, 3, 3, 9, 9, 5, 2, 6, 4}).find("(SqueezeExcite)"), std::string::npos);
  EXPECT_NE(message({15, 7, 15}).find("10 numbers, found 3"), std::string::npos);
  EXPECT_NE(message({15, 7, 15, 3, 9, 9, 5, 2, 6, 4, 1}).find("10 numbers, found 11"), std::string::npos);
  EXPECT_FALSE(detail::find_program<Wide>({15, 7, 14, 3, 9, 9, 5, 2, 6, 4}));
}

}  // namespace
}  // namespace attar::test::widths_test
