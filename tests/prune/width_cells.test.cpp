// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/sequential.hpp>
#include <attar/prune/width_cells.hpp>

namespace attar::detail::width_cells_test {
namespace {

using Scores = std::vector<std::vector<double>>;

template <class... Layers>
WidthCells cells_of(const Scores& scores = {}) {
  using Net = Sequential<Input<8, 4, 4>, Layers..., GlobalAvgPool, Linear<4>>;
  return {Net::program, sized_ops<Net>(), scores};
}

TEST(WidthCells, LeaveInputAndOutputAlone) {
  const WidthCells cells = cells_of<Residual<Conv2d<8>>, Conv2d<16>>();  // The sum ties its layer to the input.
  ASSERT_EQ(cells.count(), 1U);
  EXPECT_EQ(cells.size(0), 16);
  EXPECT_FALSE(cells.makes(0, 0));
  EXPECT_TRUE(cells.makes(0, 1));
  EXPECT_EQ(cells.widths(std::vector{10}), (Widths{8, 10, 4}));
}

TEST(WidthCells, LeaveGroupedConvolutionsAlone) {
  EXPECT_EQ((cells_of<Conv2d<16>, Conv2d<8, Groups<4>>>().count()), 0U);
  EXPECT_EQ((cells_of<Conv2d<16>, Conv2d<16, Groups<16>>>().count()), 1U);
}

TEST(WidthCells, ChangeAllWidthsThatAreTiedTogether) {
  const WidthCells cells = cells_of<Conv2d<16>, Residual<Stack<Conv2d<24>, Conv2d<24, Groups<24>>, Conv2d<16>>>,
                                    SqueezeExcite<4>, Concat<Stack<>, Conv2d<6>>, Conv2d<5>>();
  ASSERT_EQ(cells.count(), 4U);
  EXPECT_EQ(cells.widths(std::vector{16, 24, 6, 5}), (Widths{16, 24, 24, 16, 6, 5, 4}));
  EXPECT_EQ(cells.widths(std::vector{9, 20, 3, 2}), (Widths{9, 20, 20, 9, 3, 2, 4}));
}

TEST(WidthCells, AreWorthTheirShareInWhatIsLeft) {
  const WidthCells cells = cells_of<Conv2d<4>>(Scores{{1, 4, 2, 3}, {}, {1, 1, 1, 1}});
  EXPECT_DOUBLE_EQ(cells.worth(0, 4, 3), 0.1);
  EXPECT_DOUBLE_EQ(cells.worth(0, 3, 1), 5.0 / 9);
  EXPECT_EQ(cells_of<Conv2d<4>>().worth(0, 4, 3), 0);
}

}  // namespace
}  // namespace attar::detail::width_cells_test
