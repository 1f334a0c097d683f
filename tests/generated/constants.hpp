// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <attar/infer.hpp>

namespace generated {

using namespace attar;  // NOLINT: a test

/// A network with a norm that is not folded, which has floats besides biases.
using Student =
    Sequential<Input<3, 9, 7>, Conv2d<16, Kernel<3>, Stride<2>, Bias>, ReLU, BatchNorm2d,
               Residual<Stack<DepthwiseConv2d<Kernel<3>, Bias>, Conv2d<16>>>, HardSwish, GlobalAvgPool, Linear<5>>;
/// One without any.
using Plain = Sequential<Input<1, 6, 6>, Conv2d<5, Kernel<3>>, ReLU, Flatten, Linear<7, NoBias>>;
/// Of floats, with norms to fold.
using Floats = Sequential<Input<3, 9, 7>, Conv2d<11, Kernel<3>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<5>>;

/// Every bit of an engine's logits, as text.
template <class Model>
std::string logits(const Model& model) {
  const Engine engine{model};
  auto context = engine.make_context();
  std::vector<float> image(engine.input_size);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i * 7 % 23) / 10.0F - 1.0F;
  std::string text;
  for (const float number : engine(image, context)) {
    char buffer[64];
    text.append(buffer,
                static_cast<std::size_t>(std::snprintf(buffer, sizeof buffer, "%a\n", static_cast<double>(number))));
  }
  return text;
}

}  // namespace generated
