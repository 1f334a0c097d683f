// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <attar/layers/op.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// What an execution order is made for; it decides what may be fused.
enum class FuseFor {
  training,   ///< Sums and ReLUs go into the batch normalization before them.
  inference,  ///< Sums and activations go into the convolution, linear layer or norm before them; dropout vanishes.
};

/// Operations in order of execution after fusion. Values that fusion made needless are no longer written.
struct FusedProgram {
  std::vector<Op> ops;
  int output = 0;
  std::vector<int> taps{};  ///< Values that are written though nothing may read them, in the order asked for.
};

namespace detail {

class Fuser {
 public:
  constexpr Fuser(const Program& program, FuseFor purpose, std::span<const int> taps)
      : program_{program},
        purpose_{purpose},
        ops_{program.ops.begin(), program.ops.end()},
        output_{program.output},
        taps_{taps.begin(), taps.end()} {}

  constexpr FusedProgram run() {
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      if (passes_through(ops_[i])) rename(ops_[i].output, ops_[i].operands[0], i);
    }
    count_uses();
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      if (removed_[i]) continue;
      if (ops_[i].kind == OpKind::add) fuse_add(i);
      if (ops_[i].kind == OpKind::activation) fuse_activation(i);
    }
    FusedProgram fused{{}, output_, taps_};
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      if (!removed_[i]) fused.ops.push_back(ops_[i]);
    }
    return fused;
  }

 private:
  /// Whether the result is the operand itself, number by number.
  [[nodiscard]] constexpr bool passes_through(const Op& op) const {
    if (op.kind == OpKind::flatten) return program_.shape(op.operands[0]).pixels() == 1;
    return op.kind == OpKind::dropout && (purpose_ == FuseFor::inference || op.rate == 0);
  }

  constexpr void rename(int from, int to, std::size_t position) {
    removed_[position] = true;
    for (std::size_t i = position + 1; i < ops_.size(); ++i) {
      for (int& operand : ops_[i].operands) {
        if (operand == from) operand = to;
      }
    }
    if (output_ == from) output_ = to;
    for (int& tap : taps_) {
      if (tap == from) tap = to;
    }
  }

  constexpr void count_uses() {
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      if (removed_[i]) continue;
      const Op& op = ops_[i];
      producer_[static_cast<std::size_t>(op.output)] = static_cast<int>(i);
      for (int k = 0; k < op.operand_count; ++k)
        ++uses_[static_cast<std::size_t>(op.operands[static_cast<std::size_t>(k)])];
    }
    ++uses_[static_cast<std::size_t>(output_)];
    for (const int tap : taps_) ++uses_[static_cast<std::size_t>(tap)];
  }

  /// The position of the operation that computes `value` for one reader alone, or -1.
  [[nodiscard]] constexpr int sole_producer(int value) const {
    return uses_[static_cast<std::size_t>(value)] == 1 ? producer_[static_cast<std::size_t>(value)] : -1;
  }

  [[nodiscard]] constexpr bool takes_sum(const Op& op) const {
    if (op.residual >= 0 || op.activation != Activation::none) return false;
    if (op.kind == OpKind::batch_norm) return true;
    return purpose_ == FuseFor::inference && op.kind == OpKind::conv2d;
  }

  [[nodiscard]] constexpr bool takes_activation(const Op& op, Activation function) const {
    if (op.activation != Activation::none) return false;
    if (purpose_ == FuseFor::inference) {
      return is_product(op) || op.kind == OpKind::batch_norm || op.kind == OpKind::add;
    }
    // In training the gradient must be known from the result alone.
    const bool recoverable = function == Activation::relu || function == Activation::relu6;
    return recoverable && (op.kind == OpKind::batch_norm || op.kind == OpKind::add);
  }

  /// Moves the operation at `from` to `to`, where it computes what stood there.
  constexpr void absorb(std::size_t from, std::size_t to, Op fused) {
    fused.output = ops_[to].output;
    ops_[to] = fused;
    removed_[from] = true;
    producer_[static_cast<std::size_t>(fused.output)] = static_cast<int>(to);
  }

  constexpr void fuse_add(std::size_t position) {
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      const int other = ops_[position].operands[1 - side];
      const int producer = sole_producer(ops_[position].operands[side]);
      if (producer < 0 || !takes_sum(ops_[static_cast<std::size_t>(producer)])) continue;
      Op fused = ops_[static_cast<std::size_t>(producer)];
      fused.residual = other;
      absorb(static_cast<std::size_t>(producer), position, fused);
      return;
    }
  }

  constexpr void fuse_activation(std::size_t position) {
    const int producer = sole_producer(ops_[position].operands[0]);
    if (producer < 0 || !takes_activation(ops_[static_cast<std::size_t>(producer)], ops_[position].activation)) return;
    Op fused = ops_[static_cast<std::size_t>(producer)];
    fused.activation = ops_[position].activation;
    absorb(static_cast<std::size_t>(producer), position, fused);
  }

  const Program& program_;
  FuseFor purpose_;
  std::vector<Op> ops_;
  int output_;
  std::vector<int> taps_;
  // With a value to begin with, and not of bools: what clang can do at compile time with libstdc++ 12.
  std::vector<char> removed_ = std::vector<char>(ops_.size(), 0);
  std::vector<int> uses_ = std::vector<int>(program_.values.size(), 0);
  std::vector<int> producer_ = std::vector<int>(program_.values.size(), -1);
};

}  // namespace detail

/// Joins operations that one pass over memory can do: `residual` and `activation` of the remaining ones say what was
/// joined to them. Order and result are otherwise those of the program. `taps` are values that somebody wants to see.
[[nodiscard]] constexpr FusedProgram fuse(const Program& program, FuseFor purpose, std::span<const int> taps = {}) {
  return detail::Fuser{program, purpose, taps}.run();
}

}  // namespace attar
