// SPDX-License-Identifier: MIT
#include "plain_run.hpp"

#include <array>

#include <attar/backend/inference_session.hpp>
#include <attar/backend/reference.hpp>

namespace attar::test {

Numbers PlainRun::infer(const Numbers& images, const Numbers& parameters) {
  values[0] = images;
  for (const Op& op : program_.ops) {
    std::array<const double*, max_operands> inputs{};
    for (std::size_t k = 0; k < inputs.size(); ++k) inputs[k] = value(op.operands[k]).data();
    reference_infer(OperationContext{op, program_, batch_}, inputs, static_cast<const double*>(nullptr),
                    parameters.data(), value(op.output).data());
  }
  return value(program_.output);
}

Numbers fused_inference(const Program& program, const Numbers& images, const Numbers& parameters, int batch) {
  const InferenceSession<Reference<double>> session{program, parameters, batch};
  auto context = session.make_context();
  Numbers logits(session.output_size());
  session.run(images.data(), logits.data(), context);
  return logits;
}

}  // namespace attar::test
