// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <attar/core/shape.hpp>
#include <attar/layers/op.hpp>
#include <attar/layers/program_builder.hpp>

namespace attar {

struct Int8Simulation;  // Defined in model/int8_simulation.hpp.

/// What an architecture stands for: its operations in order of execution, the shapes of its values, its parameters
/// and its layers. A view of tables that the compiler made; backends and passes work on it, so that none of their
/// code is instantiated per architecture.
struct Program {
  std::span<const Op> ops;
  std::span<const Shape> values;  ///< Value 0 is the input.
  std::span<const Parameter> parameters;
  std::span<const LayerRow> rows;
  int output = 0;                  ///< The value that holds the result.
  std::size_t trainable_size = 0;  ///< Elements of the flat buffer that the optimizer changes; the rest are statistics.
  std::size_t buffer_size = 0;     ///< Elements of the flat buffer, padding included.
  std::uint64_t fingerprint = 0;   ///< A hash of all that decides whether two architectures can share parameters.
  const Int8Simulation* simulation = nullptr;  ///< Of a quantization-aware program (`QuantizationAware`), else null.

  [[nodiscard]] constexpr const Shape& input_shape() const { return values[0]; }
  [[nodiscard]] constexpr const Shape& output_shape() const { return values[static_cast<std::size_t>(output)]; }
  [[nodiscard]] constexpr const Shape& shape(int value) const { return values[static_cast<std::size_t>(value)]; }
  [[nodiscard]] constexpr const Parameter& parameter(int index) const {
    return parameters[static_cast<std::size_t>(index)];
  }
};

namespace detail {

/// The only operation that reads `value`, or null.
[[nodiscard]] constexpr const Op* sole_reader(const Program& program, int value) {
  if (value == program.output) return nullptr;
  const Op* found = nullptr;
  for (const Op& op : program.ops) {
    for (int k = 0; k < op.operand_count; ++k) {
      if (op.operands[static_cast<std::size_t>(k)] != value) continue;
      if (found != nullptr) return nullptr;
      found = &op;
    }
  }
  return found;
}

/// Every tensor begins at a cache line.
inline constexpr std::size_t parameter_alignment = 16;

/// FNV-1a, 64 bits.
class Fingerprint {
 public:
  constexpr void add(std::uint64_t number) {
    for (int byte = 0; byte < 8; ++byte) add_byte(static_cast<std::uint8_t>(number >> (8 * byte)));
  }
  constexpr void add(int number) { add(static_cast<std::uint64_t>(number)); }
  constexpr void add(std::string_view text) {
    for (const char c : text) add_byte(static_cast<std::uint8_t>(c));
    add_byte(0);
  }
  constexpr void add(const Extent& extent) {
    add(extent.height);
    add(extent.width);
  }
  [[nodiscard]] constexpr std::uint64_t value() const { return hash_; }

 private:
  constexpr void add_byte(std::uint8_t byte) { hash_ = (hash_ ^ byte) * 0x100000001B3U; }
  std::uint64_t hash_ = 0xCBF29CE484222325U;
};

constexpr std::uint64_t fingerprint(const ProgramBuilder& built) {
  Fingerprint hash;
  for (const Shape& shape : built.values) {
    hash.add(shape.channels);
    hash.add(shape.height);
    hash.add(shape.width);
  }
  for (const Op& op : built.ops) {
    hash.add(static_cast<int>(op.kind));
    hash.add(static_cast<int>(op.activation));
    for (int i = 0; i < op.operand_count; ++i) hash.add(op.operands[static_cast<std::size_t>(i)]);
    hash.add(op.window.kernel);
    hash.add(op.window.stride);
    hash.add(op.window.padding);
    hash.add(op.window.dilation);
    hash.add(op.groups);
    hash.add(static_cast<std::uint64_t>(op.epsilon * 1e12));
  }
  for (const Parameter& parameter : built.parameters) {
    hash.add(parameter.name.view());
    for (int i = 0; i < parameter.rank; ++i) hash.add(parameter.dims[static_cast<std::size_t>(i)]);
  }
  return hash.value();
}

/// The tables of a program, owned.
template <std::size_t Ops, std::size_t Values, std::size_t Parameters, std::size_t Rows>
struct ProgramTables {
  std::array<Op, Ops> ops{};
  std::array<Shape, Values> values{};
  std::array<Parameter, Parameters> parameters{};
  std::array<LayerRow, Rows> rows{};
  int output = 0;
  std::size_t trainable_size = 0;
  std::size_t buffer_size = 0;
  std::uint64_t fingerprint = 0;
  Diagnosis diagnosis{};

  [[nodiscard]] constexpr Program view() const {
    return {ops, values, parameters, rows, output, trainable_size, buffer_size, fingerprint};
  }
};

/// What building a program leaves: the builder and the value of the result.
struct Built {
  ProgramBuilder builder;
  int output;
};

/// `widths` as in `ProgramBuilder`.
template <class Input, class Body>
constexpr Built build(std::span<const int> widths = {}) {
  ProgramBuilder builder{Input::shape, widths};
  const int output = Body::emit(builder, 0);
  return {builder, output};
}

/// Elements of a flat buffer.
struct BufferSizes {
  std::size_t trainable = 0;
  std::size_t all = 0;
};

/// Gives each tensor its place in the flat buffer: those that the optimizer changes first.
constexpr BufferSizes place_parameters(std::span<Parameter> parameters) {
  BufferSizes sizes;
  for (const bool wanted : {true, false}) {
    for (Parameter& parameter : parameters) {
      if (trainable(parameter.role) != wanted) continue;
      parameter.offset = sizes.all;
      sizes.all += (parameter.size + parameter_alignment - 1) / parameter_alignment * parameter_alignment;
    }
    if (wanted) sizes.trainable = sizes.all;
  }
  return sizes;
}

struct TableSizes {
  std::size_t ops, values, parameters, rows;
};

template <class Input, class Body>
constexpr auto make_tables() {
  constexpr TableSizes sizes = [] {
    const ProgramBuilder built = build<Input, Body>().builder;
    return TableSizes{built.ops.size(), built.values.size(), built.parameters.size(), built.rows.size()};
  }();
  const auto [built, output] = build<Input, Body>();
  ProgramTables<sizes.ops, sizes.values, sizes.parameters, sizes.rows> tables;
  std::copy(built.ops.begin(), built.ops.end(), tables.ops.begin());
  std::copy(built.values.begin(), built.values.end(), tables.values.begin());
  std::copy(built.parameters.begin(), built.parameters.end(), tables.parameters.begin());
  std::copy(built.rows.begin(), built.rows.end(), tables.rows.begin());
  const BufferSizes sizes_of_buffer = place_parameters(tables.parameters);
  tables.trainable_size = sizes_of_buffer.trainable;
  tables.buffer_size = sizes_of_buffer.all;
  tables.output = output;
  tables.fingerprint = fingerprint(built);
  tables.diagnosis = built.diagnosis;
  return tables;
}

template <class Input, class Body>
inline constexpr auto program_tables = make_tables<Input, Body>();

/// The number of the tensor with that name, or -1.
constexpr int find_parameter(const Program& program, std::string_view name) {
  for (std::size_t i = 0; i < program.parameters.size(); ++i) {
    if (program.parameters[i].name.view() == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace detail
}  // namespace attar
