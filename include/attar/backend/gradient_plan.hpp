// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/program.hpp>

namespace attar::detail {

inline constexpr int no_gradient = -1;

/// Where the gradients that an operation reads and writes are kept: numbers of gradient buffers, or `no_gradient`.
struct OperationGradients {
  int output = no_gradient;
  int second_output = no_gradient;
  std::array<int, max_operands> inputs{};
  std::array<bool, max_operands> accumulate{};
  int residual = no_gradient;
  bool accumulate_residual = false;
};

/// Where the caller's gradient at a tap goes.
struct TapGradient {
  int buffer;
  bool add;
};

/// Which buffers hold the gradients of a training step. A gradient lives from the first operation that adds to it until
/// the one that computed the value, so few buffers serve all and stay in the cache.
struct GradientPlan {
  std::vector<OperationGradients> operations;  ///< In the order of the fused program.
  std::vector<TapGradient> taps;
  std::vector<std::size_t> sizes;  ///< Numbers in each buffer.
  int logits = no_gradient;        ///< The buffer of the gradient of the logits.
};

/// Plans the gradients of a fused program from the last operation to the first.
class GradientPlanner {
 public:
  GradientPlanner(const Program& program, const FusedProgram& fused, int batch)
      : program_{program},
        fused_{fused},
        batch_{batch},
        first_(program.values.size(), no_gradient),
        second_(program.values.size(), no_gradient),
        takes_two_(program.values.size()) {}

  [[nodiscard]] GradientPlan plan() {
    for (const Op& op : fused_.ops) {
      takes_two_[static_cast<std::size_t>(op.output)] = op.kind == OpKind::batch_norm || op.kind == OpKind::add;
    }
    first_[static_cast<std::size_t>(fused_.output)] = plan_.logits = take(elements(fused_.output));
    for (const int tap : fused_.taps) {
      int& buffer = first_[static_cast<std::size_t>(tap)];
      const bool add = buffer != no_gradient;  // The logits, or a value that has two names.
      if (!add) buffer = take(elements(tap));
      plan_.taps.push_back({buffer, add});
    }
    plan_.operations.resize(fused_.ops.size());
    for (std::size_t i = fused_.ops.size(); i-- > 0;) plan_operation(fused_.ops[i], plan_.operations[i]);
    return plan_;
  }

 private:
  void plan_operation(const Op& op, OperationGradients& gradients) {
    gradients.inputs.fill(no_gradient);
    gradients.output = first_[static_cast<std::size_t>(op.output)];
    gradients.second_output = second_[static_cast<std::size_t>(op.output)];
    if (op.residual >= 0) contribute(op.residual, gradients.residual, gradients.accumulate_residual);
    for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
      contribute(op.operands[k], gradients.inputs[k], gradients.accumulate[k]);
    }
    if (gradients.output != no_gradient) free_.push_back(gradients.output);
    if (gradients.second_output != no_gradient) free_.push_back(gradients.second_output);
  }

  /// Where an operation puts its summand of the gradient of what it reads.
  void contribute(int operand, int& buffer, bool& accumulate) {
    if (operand == 0) return;  // Nobody wants the gradient of the images.
    const auto v = static_cast<std::size_t>(operand);
    if (first_[v] == no_gradient) {
      buffer = first_[v] = take(elements(operand));
    } else if (takes_two_[v] && second_[v] == no_gradient) {
      buffer = second_[v] = take(elements(operand));
    } else {
      buffer = first_[v];
      accumulate = true;
    }
  }

  /// Takes a free buffer of the right size, or a new one.
  int take(std::size_t size) {
    for (std::size_t i = 0; i < free_.size(); ++i) {
      const int buffer = free_[i];
      if (plan_.sizes[static_cast<std::size_t>(buffer)] != size) continue;
      free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(i));
      return buffer;
    }
    plan_.sizes.push_back(size);
    return static_cast<int>(plan_.sizes.size()) - 1;
  }

  [[nodiscard]] std::size_t elements(int value) const {
    return static_cast<std::size_t>(batch_) * program_.shape(value).size();
  }

  const Program& program_;
  const FusedProgram& fused_;
  int batch_;
  GradientPlan plan_;
  std::vector<int> first_;
  std::vector<int> second_;
  std::vector<bool> takes_two_;
  std::vector<int> free_;
};

}  // namespace attar::detail
