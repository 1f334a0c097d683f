// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../support/run_network.hpp"
#include "../support/same_program.hpp"
#include <attar/prune/narrow.hpp>
#include <attar/prune/width_cells.hpp>

namespace attar::test::narrow_test {
namespace {

using In = Input<3, 8, 8>;
template <int Width>
using Body = Stack<Conv2d<Width, Kernel<3>>, BatchNorm2d, ReLU, Conv2d<Width, Kernel<3>>, BatchNorm2d>;
template <int Growth>
using Dense = Concat<Stack<>, Stack<BatchNorm2d, ReLU, Conv2d<3 * Growth>, BatchNorm2d, ReLU, Conv2d<Growth>>>;
template <int Hidden, int Width, class Step>
using Inverted = Stack<Conv2d<Hidden>, BatchNorm2d, ReLU6, DepthwiseConv2d<Kernel<3>, Step>, BatchNorm2d, ReLU6,
                       SqueezeExcite<2>, Conv2d<Width>, BatchNorm2d>;

using ResNetLike = Sequential<In, Conv2d<8>, BatchNorm2d, ReLU, Repeat<2, Stack<Residual<Body<8>>, ReLU>>,
                              Residual<Stack<Body<12>, MaxPool2d<2>>, Stack<Conv2d<12, Stride<2>>, BatchNorm2d>>, ReLU,
                              GlobalAvgPool, Linear<5>>;
using DenseNetLike = Sequential<In, Conv2d<6, Bias>, Repeat<3, Dense<4>>, BatchNorm2d, ReLU, Conv2d<9>, AvgPool2d<2>,
                                Residual<Concat<Conv2d<4>, Conv2d<5>>, Stack<>>, GlobalAvgPool, Linear<5>>;
using MobileNetLike =
    Sequential<In, Conv2d<8, Kernel<3>, Stride<2>>, BatchNorm2d, HardSwish, Inverted<24, 10, Stride<2>>,
               Repeat<2, Residual<Inverted<20, 10, Stride<1>>>>, GlobalAvgPool, Dropout<Rate<1, 5>>, Linear<5>>;
using VggLike = Sequential<In, Conv2d<10, Kernel<3>, Bias>, BatchNorm2d, ReLU, Conv2d<10, Kernel<3>, Groups<10>>,
                           MaxPool2d<2>, Conv2d<12, Kernel<3>, Bias>, ReLU, Flatten, Linear<14>, ReLU, Linear<5>>;

/// Widths of which each set of tied layers keeps a random number of channels.
template <class A>
Widths random_widths(std::uint64_t seed) {
  const detail::WidthCells cells{A::program, detail::sized_ops<A>(), {}};
  Rng rng{Seed{seed}, 77};
  std::vector<int> kept;
  for (std::size_t cell = 0; cell < cells.count(); ++cell) {
    const int least = std::min(cells.size(cell), 2);  // So that a squeeze-excite has something left.
    kept.push_back(least + static_cast<int>(rng.below(static_cast<std::uint32_t>(cells.size(cell) - least + 1))));
  }
  return cells.widths(kept);
}

/// The network in which all is zero that writes a channel which is removed.
template <class A>
Network<A, double> zeroed(const Network<A, double>& network, const Program& narrow) {
  const auto scores = detail::filter_scores<L1Norm>(A::program, network.buffer());
  const detail::ChannelChoice choice{A::program, narrow, scores};
  Network<A, double> result = network;
  for (const Op& op : A::program.ops) {
    const std::vector<std::size_t> kept = choice.channels(op.output);
    for (const int index : {op.weight, op.bias}) {
      if (index < 0) continue;
      const auto tensor = result.tensor(index);
      const std::size_t size = tensor.size() / static_cast<std::size_t>(A::program.parameter(index).dims[0]);
      for (std::size_t row = 0; row * size < tensor.size(); ++row) {
        if (!std::ranges::binary_search(kept, row)) std::ranges::fill(tensor.subspan(row * size, size), 0.0);
      }
    }
  }
  return result;
}

std::vector<double> run(const Program& program, std::span<const double> parameters, std::span<const double> images) {
  const InferenceSession<Reference<double>> session{program, parameters, 2};
  auto context = session.make_context();
  std::vector<double> outputs(session.output_size());
  session.run(images.data(), outputs.data(), context);
  return outputs;
}

template <class A>
class Narrowing : public testing::Test {};
using Architectures = testing::Types<ResNetLike, DenseNetLike, MobileNetLike, VggLike>;
TYPED_TEST_SUITE(Narrowing, Architectures);

TYPED_TEST(Narrowing, ToRandomWidthsIsExact) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Network<TypeParam, double> wide = random_network<TypeParam>(seed);
    const NarrowedNetwork<TypeParam, double> narrowed = narrow(wide, random_widths<TypeParam>(seed));
    const std::vector<double> images = random_numbers(2 * TypeParam::input_shape.size(), seed + 1);
    const std::vector<double> expected = run(TypeParam::program, zeroed(wide, narrowed.program).buffer(), images);
    const std::vector<double> found = run(narrowed.program, narrowed.buffer(), images);
    double largest = 0;
    for (const double number : expected) largest = std::max(largest, std::abs(number));
    ASSERT_GT(largest, 0);
    for (std::size_t i = 0; i < found.size(); ++i)
      ASSERT_NEAR(found[i], expected[i], 1e-9 * largest) << "seed " << seed;
  }
}

TEST(Narrow, IsPruneToWithoutAType) {
  using Narrow = Sequential<In, Conv2d<4, Kernel<3>, Bias>, BatchNorm2d, ReLU, Conv2d<4, Kernel<3>, Groups<4>>,
                            MaxPool2d<2>, Conv2d<7, Kernel<3>, Bias>, ReLU, Flatten, Linear<3>, ReLU, Linear<5>>;
  const Network<VggLike, double> wide = random_network<VggLike>(3);
  const auto narrowed = narrow<L2Norm>(wide, {4, 4, 7, 3, 5});
  expect_same_program(narrowed.program, Narrow::program);
  EXPECT_TRUE(std::ranges::equal(narrowed.buffer(), prune_to<Narrow, L2Norm>(wide).buffer()));
  const auto same = narrow(wide, widths_of<VggLike>());
  EXPECT_TRUE(std::ranges::equal(same.buffer(), wide.buffer()));
}

template <class Call>
ErrorCode code_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::interrupted;
}

TEST(Narrow, WiderOrContradictingWidthsAreRefused) {
  Network<VggLike, double> wide = random_network<VggLike>(3);
  for (const Widths& widths : {Widths{11, 11, 12, 14, 5}, Widths{10, 10, 12, 14, 6}, Widths{10, 9, 12, 14, 5},
                               Widths{10, 10}, Widths{10, 10, 12, -3, 5}, Widths{}}) {
    EXPECT_EQ(code_of([&] { static_cast<void>(narrow(wide, widths)); }), ErrorCode::invalid_argument);
  }
  wide.tensor("0.weight")[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(code_of([&] { static_cast<void>(narrow(wide, {4, 4, 7, 3, 5})); }), ErrorCode::not_finite);
}

}  // namespace
}  // namespace attar::test::narrow_test
