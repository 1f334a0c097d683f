// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <attar/core/shape.hpp>
#include <attar/layers/fault.hpp>
#include <attar/layers/op.hpp>

namespace attar {

/// Collects, at compile time or at run time, the operations that a stack of layers stands for. A layer is any type with
///
///     static constexpr std::string_view name = "...";
///     static constexpr int emit(ProgramBuilder& builder, int input);
///
/// where `emit` appends the layer's operations behind the value `input` and returns the value that holds its result.
/// A layer that computes brackets its operations with `begin_layer`; a layer that only groups others uses `child`.
class ProgramBuilder {
 public:
  /// `widths` are used instead of those that the layers' types say; see `outputs`.
  constexpr explicit ProgramBuilder(Shape input, std::span<const int> widths = {}) : values{input}, widths_{widths} {}

  [[nodiscard]] constexpr const Shape& shape(int value) const { return values[static_cast<std::size_t>(value)]; }
  [[nodiscard]] constexpr bool faulty() const { return diagnosis.fault != Fault::none; }

  /// Opens a row of the layer table for a layer that reads `input`.
  constexpr void begin_layer(std::string_view name, int input) {
    rows.push_back({.path = path, .name = name, .value = input, .input = shape(input), .output = shape(input)});
  }

  /// Notes the first fault; everything after it is ignored, so that one mistake gives one message.
  constexpr int fail(Fault fault, int input, int other = -1) {
    if (!faulty()) {
      diagnosis = {fault, Name{path.view()}, Name{rows.empty() ? std::string_view{} : rows.back().name}, shape(input),
                   other < 0 ? Shape{} : shape(other)};
    }
    return input;
  }

  /// Adds a tensor named `suffix` below the current path and returns its number.
  constexpr int parameter(std::string_view suffix, Role role, std::array<int, 4> dims, int rank) {
    Parameter parameter{.name = path, .role = role, .dims = dims, .rank = rank, .size = 1};
    if (parameter.name.size() > 0) parameter.name.append(".");
    parameter.name.append(suffix);
    for (int i = 0; i < rank; ++i) parameter.size *= static_cast<std::size_t>(dims[static_cast<std::size_t>(i)]);
    if (trainable(role)) rows.back().parameters += parameter.size;
    parameters.push_back(parameter);
    return static_cast<int>(parameters.size()) - 1;
  }

  /// The number of outputs of a layer whose type says `written`, to be asked for once, right before its operation is
  /// appended. It is another one where the builder was given widths: one for each such layer, in order.
  constexpr int outputs(int written) {
    sized_ops.push_back(ops.size());
    return widths_.size() < sized_ops.size() ? written : widths_[sized_ops.size() - 1];
  }

  /// Appends an operation on `operands` that gives a value of shape `output`; returns that value.
  constexpr int append(Op op, std::initializer_list<int> operands, Shape output) {
    for (const int operand : operands) op.operands[static_cast<std::size_t>(op.operand_count++)] = operand;
    op.output = static_cast<int>(values.size());
    op.layer = static_cast<int>(rows.size()) - 1;
    rows.back().multiply_adds += multiply_adds(op, shape(op.operands[0]), output);
    rows.back().output = output;
    rows.back().value = op.output;
    values.push_back(output);
    ops.push_back(op);
    return op.output;
  }

  /// Appends an elementwise function.
  constexpr int activation(Activation function, int input) {
    return append({.kind = OpKind::activation, .activation = function}, {input}, shape(input));
  }

  /// Emits `Layer` below the path component `component` (an index or a word).
  template <class Layer>
  constexpr int child(auto component, int input) {
    if (faulty()) return input;
    const std::size_t length = path.size();
    if (length > 0) path.append(".");
    path.append(component);
    const int output = Layer::emit(*this, input);
    path.truncate(length);
    return output;
  }

  std::vector<Op> ops{};
  std::vector<Shape> values;
  std::vector<Parameter> parameters{};
  std::vector<LayerRow> rows{};
  Diagnosis diagnosis{};
  Name path{};
  std::vector<std::size_t> sized_ops{};  ///< The operations whose number of outputs stands in a layer's type.

 private:
  std::span<const int> widths_;
};

}  // namespace attar
