// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <attar/backend/kernels/affine.hpp>

namespace attar::detail::affine_test {
namespace {

template <class Storage>
void check(std::size_t channels, bool with_residual, Activation function) {
  const std::size_t pixels = 75;
  const ChannelRows rows{channels, pixels};
  std::vector<float> scale(rows.row());
  std::vector<float> offset(rows.row());
  rows.repeat(scale.data(), [](std::size_t c) { return static_cast<int>(c % 3) - 1; });
  rows.repeat(offset.data(), [](std::size_t c) { return static_cast<int>(c % 5) - 2; });
  std::vector<Storage> input;
  std::vector<Storage> residual;
  for (std::size_t i = 0; i < channels * pixels; ++i) {
    input.push_back(static_cast<Storage>(static_cast<float>(i % 7)));
    residual.push_back(static_cast<Storage>(static_cast<float>(i % 4) - 2.0F));
  }
  std::vector<Storage> output(input.size());
  apply_affine(rows, input.data(), scale.data(), offset.data(), with_residual ? residual.data() : nullptr, function,
               false, output.data());
  for (std::size_t i = 0; i < output.size(); ++i) {
    const std::size_t c = i % channels;
    float expected = static_cast<float>(input[i]) * scale[c] + offset[c];
    if (with_residual) expected += static_cast<float>(residual[i]);
    if (function == Activation::relu) expected = expected > 0 ? expected : 0;
    ASSERT_EQ(static_cast<float>(output[i]), expected) << "element " << i;
  }
}

TEST(Affine, IsExactOnIntegers) {
  for (const std::size_t channels : {1, 3, 16, 17, 64, 130}) {
    for (const bool with_residual : {false, true}) {
      for (const Activation function : {Activation::none, Activation::relu}) {
        check<float>(channels, with_residual, function);
        check<bf16>(channels, with_residual, function);
      }
    }
  }
}

}  // namespace
}  // namespace attar::detail::affine_test
