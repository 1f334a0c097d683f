// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <attar/detail/whole_range.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// The tables of a program that was made at run time, owned, as `Sequential` keeps those that the compiler made.
class OwnedProgram {
 public:
  /// The program of a finished builder that found no fault.
  explicit OwnedProgram(detail::Built built)
      : fingerprint_{detail::fingerprint(built.builder)},
        ops_{std::move(built.builder.ops)},
        values_{std::move(built.builder.values)},
        parameters_{std::move(built.builder.parameters)},
        rows_{std::move(built.builder.rows)},
        output_{built.output},
        sizes_{detail::place_parameters(detail::span_of(parameters_))} {}

  /// Valid as long as this object.
  [[nodiscard]] Program view() const {
    using detail::span_of;
    return {span_of(ops_), span_of(values_), span_of(parameters_), span_of(rows_),
            output_,       sizes_.trainable, sizes_.all,           fingerprint_};
  }

 private:
  std::uint64_t fingerprint_;
  std::vector<Op> ops_;
  std::vector<Shape> values_;
  std::vector<Parameter> parameters_;
  std::vector<LayerRow> rows_;
  int output_;
  detail::BufferSizes sizes_;
};

}  // namespace attar
