// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_program.hpp>
#include <attar/backend/kernels/convert_step.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/core/error.hpp>
#include <attar/core/shape.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/mixed_model.hpp>
#include <attar/model/program.hpp>

namespace attar::detail {

/// A value of a mixed program.
struct MixedValue {
  LayerPrecision format{};  ///< What its numbers are kept as.
  int origin = 0;           ///< The value of the program that it is, or that it is a conversion of.
};

/// A fused program whose operations have precisions, and the conversions between them: operations of one operand that
/// stand in front of the first that reads the value in another precision than it was written in. A value is converted
/// to a precision once, however many read it.
struct MixedProgram {
  FusedProgram fused;                      ///< Conversions included; their results are numbered behind all values.
  std::vector<LayerPrecision> precisions;  ///< Per operation.
  std::vector<bool> converts;              ///< Per operation: a conversion, to its precision.
  std::vector<MixedValue> values;          ///< Per value, converted ones behind those of the program.
  std::vector<Shape> shapes;               ///< Of these.

  [[nodiscard]] LayerPrecision format(int value) const noexcept {
    return values[static_cast<std::size_t>(value)].format;
  }
  /// Bytes of a value of one image.
  [[nodiscard]] std::size_t bytes_of(int value) const noexcept {
    return shapes[static_cast<std::size_t>(value)].size() * size_of(format(value));
  }
  /// For people: "int8", or "fp32 to int8".
  [[nodiscard]] std::string precision_of(std::size_t step) const {
    const std::string precision{name_of(precisions[step])};
    if (!converts[step]) return precision;
    return std::string{name_of(format(fused.ops[step].operands[0]))} + " to " + precision;
  }
  /// How the images, which are floats, become value 0.
  [[nodiscard]] ConvertFormats input(const Int8Model& model) const {
    return {LayerPrecision::fp32, format(0), model.format(0)};
  }
  /// How the result becomes the logits.
  [[nodiscard]] ConvertFormats output(const Int8Model& model) const {
    const int value = fused.output;
    return {format(value), LayerPrecision::fp32, model.format(value)};
  }
  /// What conversion `step` does.
  [[nodiscard]] ConvertFormats conversion(std::size_t step, const Int8Model& model) const {
    const MixedValue& from = values[static_cast<std::size_t>(fused.ops[step].operands[0])];
    return {from.format, precisions[step], model.format(from.origin)};
  }
};

class MixedProgramBuilder {
 public:
  /// `rows`: a precision per row of the layer table.
  MixedProgramBuilder(const Program& program, std::span<const LayerPrecision> rows)
      : fused_{fuse(program, FuseFor::inference)}, precisions_{op_precisions(program, fused_, rows)} {
    result_.shapes.assign(program.values.begin(), program.values.end());
    result_.values.assign(program.values.size(), {LayerPrecision::fp32, 0});
    for (std::size_t value = 0; value < result_.values.size(); ++value) {
      result_.values[value].origin = static_cast<int>(value);
    }
    format(0) = image_format();
    result_.fused.output = fused_.output;
  }

  MixedProgram build() && {
    for (std::size_t i = 0; i < fused_.ops.size(); ++i) {
      Op op = fused_.ops[i];
      for (std::size_t k = 0; k < static_cast<std::size_t>(op.operand_count); ++k) {
        op.operands[k] = converted(op.operands[k], precisions_[i]);
      }
      if (op.residual >= 0) op.residual = converted(op.residual, precisions_[i]);
      format(op.output) = gives_floats(op, fused_.output) && precisions_[i] == LayerPrecision::int8
                              ? LayerPrecision::fp32
                              : precisions_[i];
      add(op, precisions_[i], false);
    }
    return std::move(result_);
  }

 private:
  LayerPrecision& format(int value) { return result_.values[static_cast<std::size_t>(value)].format; }

  /// Images are floats; they are written as something else only if nobody wants them as they are.
  [[nodiscard]] LayerPrecision image_format() const {
    std::vector<LayerPrecision> wanted;
    for (std::size_t i = 0; i < fused_.ops.size(); ++i) {
      const Op& op = fused_.ops[i];
      const auto operands = std::span{op.operands}.first(static_cast<std::size_t>(op.operand_count));
      if (detail::find(operands, 0) != operands.end() || op.residual == 0) wanted.push_back(precisions_[i]);
    }
    const bool one = !wanted.empty() && detail::all_of(wanted, [&](auto other) { return other == wanted[0]; });
    return one ? wanted[0] : LayerPrecision::fp32;
  }

  /// The value in that precision: itself, or a conversion, which is added where there is none yet.
  int converted(int value, LayerPrecision precision) {
    if (format(value) == precision) return value;
    for (std::size_t other = 0; other < result_.values.size(); ++other) {
      const bool conversion = result_.values[other].origin == value && static_cast<int>(other) != value;
      if (conversion && result_.values[other].format == precision) return static_cast<int>(other);
    }
    const auto result = static_cast<int>(result_.values.size());
    result_.values.push_back({precision, value});
    result_.shapes.push_back(result_.shapes[static_cast<std::size_t>(value)]);
    Op op;
    op.kind = OpKind::activation;
    op.operands[0] = value;
    op.operand_count = 1;
    op.output = result;
    add(op, precision, true);
    return result;
  }

  void add(const Op& op, LayerPrecision precision, bool conversion) {
    result_.fused.ops.push_back(op);
    result_.precisions.push_back(precision);
    result_.converts.push_back(conversion);
  }

  FusedProgram fused_;
  std::vector<LayerPrecision> precisions_;
  MixedProgram result_;
};

/// The program of a model that a session of `batch` images is made of. Throws `Error` as `MixedSession` does.
[[nodiscard]] inline MixedProgram mixed_program(const MixedModel& model, int batch, Threads threads) {
  const Program& program = model.int8.program;
  require_session(batch, threads, program.values.size(), model.int8.activation_scales.size());
  require_session(batch, threads, program.buffer_size, model.parameters.size());
  require_session(batch, threads, program.rows.size(), model.precisions.size());
  model.int8.validate();
  return MixedProgramBuilder{program, model.precisions}.build();
}

[[nodiscard]] inline Error without_bf16(const std::string& found) {
  return Error{ErrorCode::unsupported, "a layer in bf16", "the backend OneDnn and a CPU that has bf16", found};
}

}  // namespace attar::detail
