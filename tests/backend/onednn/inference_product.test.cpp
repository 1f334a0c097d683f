// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

#include <dnnl.hpp>
#include <gtest/gtest.h>

#include <attar/backend/memory_plan.hpp>
#include <attar/backend/onednn/inference_product.hpp>
#include <attar/core/rng.hpp>
#include <attar/model/sequential.hpp>

namespace attar::detail::onednn::inference_product_test {
namespace {

/// A linear layer and a convolution with whole numbers, where every order of summation gives the same bits.
template <class A>
std::vector<float> run(int batch, const std::vector<float>& images, const std::vector<float>& weights,
                       const std::vector<float>* residual = nullptr, bool in_place = false) {
  Op op = A::program.ops[0];
  dnnl::post_ops post_ops;
  if (residual != nullptr) {
    op.residual = 0;
    post_ops.append_sum(1.0F);
  }
  const OperationContext context{op, A::program, batch};
  const InferenceProduct product{context,
                                 {.source_type = dnnl::memory::data_type::f32,
                                  .destination_type = dnnl::memory::data_type::f32,
                                  .weights_type = dnnl::memory::data_type::f32,
                                  .flat_type = dnnl::memory::data_type::f32,
                                  .weights = weights.data(),
                                  .bias = {},
                                  .scales = {},
                                  .post_ops = post_ops,
                                  .in_place = in_place}};
  std::vector<float> output(static_cast<std::size_t>(batch) * A::output_shape.size(), -1.0F);
  if (in_place) output = *residual;
  AlignedBuffer<std::byte> scratchpad{product.scratchpad_bytes()};
  StepPointers pointers;
  pointers.inputs[0] = reinterpret_cast<const std::byte*>(images.data());
  pointers.residual = reinterpret_cast<const std::byte*>(in_place              ? output.data()
                                                         : residual != nullptr ? residual->data()
                                                                               : nullptr);
  pointers.output = reinterpret_cast<std::byte*>(output.data());
  pointers.scratchpad = scratchpad.data();
  auto binding = product.bind(pointers);
  product.execute(binding);
  return output;
}

std::vector<float> whole_numbers(std::size_t count, Seed seed) {
  Rng rng{seed};
  std::vector<float> numbers(count);
  for (float& number : numbers) number = static_cast<float>(rng.below(9)) - 4;
  return numbers;
}

using Matrix = Sequential<Input<7, 1, 1>, attar::Linear<5, NoBias>>;

TEST(InferenceProduct, TakesTheImagesOfALinearLayerAsRows) {
  constexpr int batch = 6;
  const std::vector<float> images = whole_numbers(batch * 7, Seed{1});
  const std::vector<float> weights = whole_numbers(35, Seed{2});
  std::vector<float> truth;
  for (std::size_t n = 0; n < batch; ++n) {
    for (std::size_t o = 0; o < 5; ++o) {
      float sum = 0;
      for (std::size_t i = 0; i < 7; ++i) sum += images[n * 7 + i] * weights[o * 7 + i];
      truth.push_back(sum);
    }
  }
  EXPECT_EQ(run<Matrix>(batch, images, weights), truth);
}

using Map = Sequential<Input<3, 6, 5>, attar::Conv2d<4, Kernel<3>, Stride<2>>>;

TEST(InferenceProduct, AddsTheResidualInPlaceOrFromElsewhere) {
  const std::vector<float> images = whole_numbers(2 * 90, Seed{1});
  const std::vector<float> weights = whole_numbers(4 * 27, Seed{2});
  const std::vector<float> residual = whole_numbers(2 * Map::output_shape.size(), Seed{3});
  std::vector<float> truth = run<Map>(2, images, weights);
  std::ranges::transform(truth, residual, truth.begin(), std::plus{});
  EXPECT_EQ(run<Map>(2, images, weights, &residual, false), truth);
  EXPECT_EQ(run<Map>(2, images, weights, &residual, true), truth);
}

}  // namespace
}  // namespace attar::detail::onednn::inference_product_test
