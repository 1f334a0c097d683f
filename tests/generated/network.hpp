// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <attar/backend/eigen.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/model/sequential.hpp>

namespace generated {

using namespace attar;  // NOLINT: a test

template <int Width>
using Unit = Stack<Conv2d<Width, Kernel<3>>, BatchNorm2dWith<Epsilon<1, 1000>, Momentum<1, 20>>, ReLU>;

/// Something of every kind that a header can hold. The copies of the repeated block come to differ.
using Wide = Sequential<
    Input<3, 12, 12>, Conv2d<16, Kernel<3>, Stride<2>, Padding<1>, Bias>, BatchNorm2d, HardSwish,
    Repeat<2, Residual<Stack<Unit<24>, DepthwiseConv2d<Kernel<3>, Bias>, SqueezeExcite<4>, Conv2d<16>, BatchNorm2d>>>,
    Tag<"middle">, Concat<Identity, Unit<16>>, Residual<Conv2d<24>, Stack<Conv2d<24>, ReLU6>>,
    Conv2d<24, Kernel<3>, Groups<24>>, AvgPool2d<2, Stride<2>>, MaxPool2d<3, Stride<1>, Padding<1>>, Flatten,
    Dropout<Rate<1, 5>>, Linear<32, NoBias>, ReLU, Linear<10>>;

/// The outputs for some images.
inline std::vector<float> run(const Program& program, std::span<const float> parameters) {
  const InferenceSession<EigenBackend> session{program, parameters, 3};
  auto context = session.make_context();
  std::vector<float> images(session.input_size());
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i * 7 % 23) / 10.0F - 1.0F;
  std::vector<float> logits(session.output_size());
  session.run(images.data(), logits.data(), context);
  return logits;
}

/// Every bit of them, as text.
inline std::string bits(const std::vector<float>& numbers) {
  std::string text;
  for (const float number : numbers) {
    char buffer[64];
    text.append(buffer,
                static_cast<std::size_t>(std::snprintf(buffer, sizeof buffer, "%a\n", static_cast<double>(number))));
  }
  return text;
}

}  // namespace generated
