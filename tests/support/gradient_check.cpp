// SPDX-License-Identifier: MIT
#include "gradient_check.hpp"

#include <attar/backend/reference.hpp>
#include <attar/backend/training_session.hpp>

namespace attar::test {

OperationPointer<double, double> reference_operation(const OperationContext& context) {
  return Reference<double>::prepare<double>(context);
}

void check_session(const Program& program, int batch, Tolerance tolerance, std::span<const int> taps) {
  TrainingSession<Reference<double>> session{program, batch, taps};
  Numbers parameters = random_parameters(program);
  const Numbers images = normal_numbers(static_cast<std::size_t>(batch) * program.input_shape().size(), 2);
  const Numbers weights = normal_numbers(static_cast<std::size_t>(batch) * program.output_shape().size(), 3);
  std::vector<Numbers> map_weights;
  std::vector<std::span<const double>> map_gradients;
  for (std::size_t tap = 0; tap < taps.size(); ++tap) {
    map_weights.push_back(normal_numbers(static_cast<std::size_t>(batch) * program.shape(taps[tap]).size(), 20 + tap));
    map_gradients.emplace_back(map_weights.back());
  }
  const auto loss = [&] {
    double sum = dot(session.forward(images, parameters, 7), weights);
    for (std::size_t tap = 0; tap < taps.size(); ++tap) sum += dot(session.maps(tap), map_weights[tap]);
    return sum;
  };
  loss();
  Numbers gradients(program.trainable_size, 0.0);
  session.backward(weights, gradients, map_gradients);
  for (const Parameter& parameter : program.parameters) {
    if (!trainable(parameter.role)) continue;
    const std::span<double> tensor{parameters.data() + parameter.offset, parameter.size};
    expect_near(numerical_gradient(tensor, loss), std::span{gradients}.subspan(parameter.offset, parameter.size),
                std::string{parameter.name.view()}, tolerance);
  }
}

}  // namespace attar::test
