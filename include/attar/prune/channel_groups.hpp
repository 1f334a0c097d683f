// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <attar/model/program.hpp>

namespace attar::detail {

/// Sets of numbers that are joined by and by (union and find).
class DisjointSets {
 public:
  /// A new set of its own.
  int add() {
    parents_.push_back(static_cast<int>(parents_.size()));
    return parents_.back();
  }
  /// The number that stands for the set of `item`.
  int find(int item) {
    int& parent = parents_[static_cast<std::size_t>(item)];
    if (parent != item) parent = find(parent);
    return parent;
  }
  /// Joins two sets; the smaller number stands for both.
  void join(int a, int b) {
    const auto [first, second] = std::minmax({find(a), find(b)});
    parents_[static_cast<std::size_t>(second)] = first;
  }
  [[nodiscard]] std::size_t size() const { return parents_.size(); }

 private:
  std::vector<int> parents_;
};

/// Whether each output channel of a convolution reads the input channel of the same number and no other.
constexpr bool is_depthwise(const Program& program, const Op& op) {
  return op.kind == OpKind::conv2d && op.groups > 1 && op.groups == program.shape(op.operands[0]).channels &&
         op.groups == program.shape(op.output).channels;
}

/// Which channels of a network can only be removed together (the dependency groups of DepGraph, Fang et al. 2023).
///
/// Convolutions and linear layers make new channels; what works channel by channel hands them on; a sum joins its
/// operands channel by channel, and so does a gate with what it scales; a concatenation puts them side by side;
/// flattening repeats each channel for every pixel.
class ChannelGroups {
 public:
  explicit ChannelGroups(const Program& program) : program_{program}, channels_(program.values.size()) {
    make_channels(0);
    for (const Op& op : program.ops) follow(op);
    for (std::vector<int>& channels : channels_) {
      for (int& channel : channels) channel = sets_.find(channel);
    }
  }

  /// The group of each channel of a value.
  [[nodiscard]] std::span<const int> of(int value) const { return channels_[static_cast<std::size_t>(value)]; }
  /// Groups are numbers below this.
  [[nodiscard]] std::size_t bound() const { return sets_.size(); }
  /// The values whose channels are made new: the input, and the results of convolutions and linear layers.
  [[nodiscard]] std::span<const int> sources() const { return sources_; }
  /// Whether a value only scales another, so that the size of its weights says nothing of the channel.
  [[nodiscard]] bool is_gate(int value) const { return gates_[static_cast<std::size_t>(value)]; }

 private:
  std::vector<int>& at(int value) { return channels_[static_cast<std::size_t>(value)]; }

  void make_channels(int value) {
    sources_.push_back(value);
    for (int i = 0; i < program_.shape(value).channels; ++i) at(value).push_back(sets_.add());
  }

  void join(int first, int second) {
    for (std::size_t i = 0; i < at(first).size(); ++i) sets_.join(at(first)[i], at(second)[i]);
  }

  void follow(const Op& op) {
    switch (op.kind) {
      case OpKind::conv2d:
        if (is_depthwise(program_, op)) {
          at(op.output) = at(op.operands[0]);
          return;
        }
        [[fallthrough]];
      case OpKind::linear:
        make_channels(op.output);
        return;
      case OpKind::flatten:
        for (const int channel : at(op.operands[0])) {
          at(op.output).insert(at(op.output).end(), program_.shape(op.operands[0]).pixels(), channel);
        }
        return;
      case OpKind::concat:
        for (int i = 0; i < op.operand_count; ++i) {
          const std::vector<int>& part = at(op.operands[static_cast<std::size_t>(i)]);
          at(op.output).insert(at(op.output).end(), part.begin(), part.end());
        }
        return;
      case OpKind::scale:
        note_gate(op.operands[1]);
        [[fallthrough]];
      case OpKind::add:
        join(op.operands[0], op.operands[1]);
        [[fallthrough]];
      case OpKind::batch_norm:
      case OpKind::activation:
      case OpKind::max_pool:
      case OpKind::avg_pool:
      case OpKind::global_avg_pool:
      case OpKind::dropout:
        at(op.output) = at(op.operands[0]);
        return;
    }
  }

  /// Marks `value` and what it is computed from, back to the layer that made its channels.
  void note_gate(int value) {
    for (std::size_t i = program_.ops.size(); i-- > 0;) {
      const Op& op = program_.ops[i];
      if (op.output != value) continue;
      gates_[static_cast<std::size_t>(value)] = true;
      if (op.kind != OpKind::activation) return;
      value = op.operands[0];
    }
  }

  const Program& program_;
  DisjointSets sets_;
  std::vector<std::vector<int>> channels_;
  std::vector<int> sources_;
  std::vector<bool> gates_ = std::vector<bool>(program_.values.size());
};

}  // namespace attar::detail
