// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <attar/model/cost.hpp>
#include <attar/report/table.hpp>

namespace attar {

namespace detail {

inline std::string to_text(const Extent& extent) {
  return std::to_string(extent.height) + "x" + std::to_string(extent.width);
}
inline std::string to_text_short(const Extent& extent) {
  return extent.height == extent.width ? std::to_string(extent.height) : to_text(extent);
}

/// " 3x3 s2": what the operation adds to its layer's name, as far as it is not the usual.
inline std::string options_text(const Op& op, bool has_bias) {
  std::string text;
  const Window& window = op.window;
  const bool conv = op.kind == OpKind::conv2d;
  if (conv || op.kind == OpKind::max_pool || op.kind == OpKind::avg_pool) {
    const Extent kernel = window.kernel;
    const Extent half{window.dilation.height * (kernel.height - 1) / 2, window.dilation.width * (kernel.width - 1) / 2};
    text += " " + to_text(kernel);
    if (window.stride != (conv ? Extent{} : kernel)) text += " s" + to_text_short(window.stride);
    if (window.padding != (conv ? half : Extent{0, 0})) text += " p" + to_text_short(window.padding);
    if (window.dilation != Extent{}) text += " d" + to_text_short(window.dilation);
    if (op.groups > 1) text += " g" + std::to_string(op.groups);
    if (conv && has_bias) text += " bias";
  }
  if (op.kind == OpKind::dropout) text += " " + fixed(op.rate, 2);
  return text;
}

}  // namespace detail

/// A table of an architecture's layers for people: where each stands, its options (kernel, `s`tride, `p`adding,
/// `d`ilation and `g`roups where they are not the usual), output shape, parameters, multiply-adds and bytes with their
/// shares, and the totals.
[[nodiscard]] inline std::string summary(const Program& program) {
  const Cost total = detail::cost_of(program);
  std::vector<std::string> options(program.rows.size());
  std::vector<std::size_t> statistics(program.rows.size());
  for (const Op& op : program.ops) {
    const auto row = static_cast<std::size_t>(op.layer);
    if (options[row].empty()) options[row] = detail::options_text(op, op.bias >= 0);
    for (const int tensor : {op.running_mean, op.running_var}) {
      if (tensor >= 0) statistics[row] += program.parameter(tensor).size;
    }
  }

  Table table{{"path", "layer", "output", "parameters", "share", "multiply-adds", "share", "bytes"}, 2};
  table.add({"", "Input", to_string(program.input_shape())});
  for (std::size_t i = 0; i < program.rows.size(); ++i) {
    const LayerRow& row = program.rows[i];
    std::vector<std::string> cells{std::string{row.path.view()}, std::string{row.name} + options[i],
                                   to_string(row.output)};
    cells.resize(8);
    if (row.parameters > 0) {
      cells[3] = grouped(row.parameters);
      cells[4] = share(row.parameters, total.parameters);
      cells[7] = grouped((row.parameters + statistics[i]) * sizeof(float));
    }
    if (row.multiply_adds > 0) {
      cells[5] = grouped(row.multiply_adds);
      cells[6] = share(row.multiply_adds, total.multiply_adds);
    }
    table.add(std::move(cells));
  }
  table.add_rule();
  table.add({"", "total", "", grouped(total.parameters), "", grouped(total.multiply_adds), "", grouped(total.bytes)});
  return table.text() + "activation peak " + grouped(total.activation_peak) + " bytes (one image, fp32), " +
         grouped(total.layers) + " layers with weights, " + grouped(total.statistics) + " statistics of norms\n";
}

/// The table of `A`.
///
///     std::cout << summary<Student>();
template <Architecture A>
[[nodiscard]] std::string summary() {
  return summary(A::program);
}

}  // namespace attar
