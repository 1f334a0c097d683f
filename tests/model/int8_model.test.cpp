// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include <attar/model/int8_model.hpp>
#include <attar/model/sequential.hpp>

namespace attar::int8_model_test {
namespace {

using Net = Sequential<Input<2, 1, 1>, Linear<2>, Linear<1>>;

struct Parts {
  std::array<Int8Place, 4> places{{{0, 0}, {0, 0}, {4, 2}, {2, 0}}};
  std::array<std::int8_t, 6> weights{1, 2, 3, 4, 5, 6};
  std::array<float, 3> scales{0.5F, 0.25F, 2};
  std::array<float, 3> floats{7, 8, 9};
  std::array<float, 3> activations{1, 2, 3};
  std::array<std::uint8_t, 3> signs{1, 0, 1};
  std::array<std::uint8_t, 3> zero_points{0, 200, 0};

  [[nodiscard]] Int8Model model(bool per_channel = true) const {
    return {Net::program, places, weights, scales, floats, activations, signs, per_channel, zero_points};
  }
};

TEST(Int8Model, FindsItsTensors) {
  const Parts parts;
  const Int8Model model = parts.model();
  EXPECT_EQ(model.weight(0)[3], 4);
  EXPECT_EQ(model.weight(2)[0], 5);
  EXPECT_EQ(model.weight_sum(0, 1), 3 + 4);
  EXPECT_EQ(model.weight_scale(0, 1), 0.25F);
  EXPECT_EQ(model.weight_scale(2, 0), 2.0F);
  EXPECT_EQ(model.numbers(1)[1], 8);
  EXPECT_EQ(model.numbers(3)[0], 9);
  EXPECT_EQ(model.activation_scale(2), 3);
  EXPECT_TRUE(model.is_signed(0));
  EXPECT_FALSE(model.is_signed(1));
  EXPECT_EQ(model.zero_point(1), 200);
  EXPECT_EQ(model.format(1).scale, 2);
  EXPECT_EQ(model.format(1).zero_point, 200);
  EXPECT_FALSE(model.format(1).is_signed);
  EXPECT_EQ(parts.model(false).weight_scale(0, 1), 0.5F);
}

TEST(Int8Model, HasNoZeroPointsWhereItHoldsNone) {
  const Parts parts;
  Int8Model model = parts.model();
  model.zero_points = {};
  EXPECT_EQ(model.zero_point(1), 0);
  EXPECT_TRUE(model.format(0).is_signed);
}

TEST(Int8Model, IsCutOffBehindAnOperation) {
  const Parts parts;
  const Int8Model whole = parts.model();
  const Int8Model part = whole.up_to(whole.program.ops[0]);
  EXPECT_EQ(part.program.ops.size(), 1U);
  EXPECT_EQ(part.program.output, whole.program.ops[0].output);
  EXPECT_EQ(whole.program.ops.size(), 2U);
  EXPECT_EQ(part.weight(0)[3], 4);
}

TEST(Int8Model, ValidatesEveryNumber) {
  EXPECT_NO_THROW(Parts{}.model().validate());
  const auto expect_refused = [](auto&& spoil) {
    Parts parts;
    spoil(parts);
    try {
      parts.model().validate();
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_data);
    }
  };
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  expect_refused([&](Parts& parts) { parts.scales[1] = 0; });
  expect_refused([&](Parts& parts) { parts.scales[2] = nan; });
  expect_refused([&](Parts& parts) { parts.activations[0] = -1; });
  expect_refused([&](Parts& parts) { parts.activations[2] = infinity; });
  expect_refused([&](Parts& parts) { parts.floats[0] = nan; });
  expect_refused([&](Parts& parts) { parts.signs[0] = 2; });
  expect_refused([&](Parts& parts) { parts.weights[3] = -128; });
  expect_refused([&](Parts& parts) { parts.zero_points[2] = 1; });

  const Parts parts;
  Int8Model narrow = parts.model();
  narrow.weight_limit = 2;
  EXPECT_THROW(narrow.validate(), Error) << "weights of more bits than their scheme has";
}

}  // namespace
}  // namespace attar::int8_model_test
