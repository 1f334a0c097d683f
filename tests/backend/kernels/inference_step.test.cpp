// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "../../support/random_network.hpp"
#include <attar/backend/kernels/inference_step.hpp>
#include <attar/backend/reference/infer.hpp>
#include <attar/core/dtype.hpp>

namespace attar::test::inference_step_test {
namespace {

/// Holds every kernel of a random network against the plain loops, on random operands. Returns how many there were.
template <class Storage>
int expect_near_plain_loops(const RandomNetwork& network, int batch, double tolerance, Rng& rng) {
  int steps = 0;
  const Program& program = network.program();
  const FusedProgram fused = fuse(program, FuseFor::inference);
  for (const Op& op : fused.ops) {
    if (op.kind == OpKind::conv2d || op.kind == OpKind::linear) continue;
    const OperationContext context{op, program, batch};
    const auto numbers = [&](int value) {
      std::vector<Storage> result(static_cast<std::size_t>(batch) * program.shape(value).size());
      for (Storage& number : result) number = static_cast<Storage>(3 * rng.normal());
      return result;
    };
    std::vector<std::vector<Storage>> operands;
    std::array<const Storage*, max_operands> inputs{};
    detail::StepPointers pointers;
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      operands.push_back(numbers(op.operands[k]));
      inputs[k] = operands.back().data();
      pointers.inputs[k] = reinterpret_cast<const std::byte*>(inputs[k]);
    }
    const std::vector<Storage> residual = op.residual < 0 ? std::vector<Storage>{} : numbers(op.residual);
    if (op.residual >= 0) pointers.residual = reinterpret_cast<const std::byte*>(residual.data());
    std::vector<Storage> truth = numbers(op.output);
    std::vector<Storage> found = truth;
    reference_infer<Storage, float>(context, inputs, op.residual < 0 ? nullptr : residual.data(),
                                    network.parameters().data(), truth.data());
    pointers.output = reinterpret_cast<std::byte*>(found.data());
    const detail::KernelStep<Storage> step{context, network.parameters()};
    auto binding = step.bind(pointers);
    step.execute(binding);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const auto expected = static_cast<double>(static_cast<float>(truth[i]));
      EXPECT_NEAR(static_cast<double>(static_cast<float>(found[i])), expected, tolerance * (1 + std::abs(expected)))
          << "operation " << static_cast<int>(op.kind);
    }
    ++steps;
  }
  return steps;
}

TEST(KernelStep, IsNearThePlainLoops) {
  Rng rng{Seed{1}};
  int steps = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const RandomNetwork network{Seed{seed}};
    const int batch = 1 + static_cast<int>(seed % 3);
    steps += expect_near_plain_loops<float>(network, batch, 1e-5, rng);
    steps += expect_near_plain_loops<bf16>(network, batch, 1e-2, rng);
    if (HasFailure()) return;
  }
  EXPECT_GT(steps, 200);
}

}  // namespace
}  // namespace attar::test::inference_step_test
