// SPDX-License-Identifier: MIT
#include <vector>

#include <gtest/gtest.h>

#include "../../support/golden_layer.hpp"
#include "../../support/plain_run.hpp"
#include <attar/backend/inference_session.hpp>
#include <attar/backend/reference.hpp>
#include <attar/model/sequential.hpp>

namespace attar::test::inference_test {
namespace {

template <class... Layers>
using Block = Stack<Layers..., BatchNorm2d, ReLU>;
using Net =
    Sequential<Input<3, 6, 6>, Block<Conv2d<4, Kernel<3>, Bias>>,
               Residual<Stack<Block<DepthwiseConv2d<Kernel<3>>>, Conv2d<4>>>, HardSwish, SqueezeExcite<2>,
               Dropout<Rate<1, 2>>, MaxPool2d<2>, Concat<Stack<>, Conv2d<2>>, Flatten, Linear<5>, ReLU6, Linear<3>>;

TEST(ReferenceInference, FusedGivesWhatTheSingleOperationsGive) {
  const Numbers parameters = random_parameters(Net::program);
  const Numbers images = normal_numbers(2 * 108, 1);
  const InferenceSession<Reference<double>> session{Net::program, parameters, 2};
  auto context = session.make_context();
  Numbers logits(6);
  session.run(images.data(), logits.data(), context);
  expect_near(PlainRun{Net::program, 2}.infer(images, parameters), logits, "logits", {1e-12, 1e-12});
}

TEST(ReferenceInference, OfFloatsIsNearThatOfDoubles) {
  const Numbers parameters = random_parameters(Net::program);
  const Numbers images = normal_numbers(2 * 108, 1);
  const std::vector<float> narrow(parameters.begin(), parameters.end());
  const std::vector<float> narrow_images(images.begin(), images.end());
  const InferenceSession<Reference<float>> session{Net::program, narrow, 2};
  auto context = session.make_context();
  std::vector<float> logits(6);
  session.run(narrow_images.data(), logits.data(), context);
  expect_near(PlainRun{Net::program, 2}.infer(images, parameters), Numbers(logits.begin(), logits.end()), "logits",
              {1e-4, 1e-4});
}

}  // namespace
}  // namespace attar::test::inference_test
