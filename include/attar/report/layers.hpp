// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <attar/backend/default_backend.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/backend/profile.hpp>
#include <attar/backend/step_session.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/network.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/model/sparse.hpp>
#include <attar/report/sparsity.hpp>
#include <attar/report/table.hpp>

namespace attar {

/// What a layer of a network holds and costs.
struct LayerFigures {
  std::string path;  ///< "3.main.0".
  std::string name;  ///< "Conv2d".
  Shape output{};
  Zeros zeros{};                    ///< Of its weights.
  std::size_t parameters = 0;       ///< Trainable numbers.
  std::uint64_t multiply_adds = 0;  ///< Dense, for one image.
  std::size_t bytes = 0;            ///< Of all its numbers in memory, dense: zeros take place too.
  double microseconds = 0;          ///< Median, batch 1; 0 where another layer's step does its work.
};

/// The layers of a network in order.
using LayerReport = std::vector<LayerFigures>;

namespace detail {

template <class Model, class Bytes>
LayerReport layer_figures(const Model& model, Bytes&& bytes_of) {
  const Program& program = Model::program;
  LayerReport report;
  for (const LayerRow& row : program.rows) {
    report.push_back({.path = std::string{row.path.view()},
                      .name = std::string{row.name},
                      .output = row.output,
                      .parameters = row.parameters,
                      .multiply_adds = row.multiply_adds});
  }
  for (const Op& op : program.ops) {
    LayerFigures& layer = report[static_cast<std::size_t>(op.layer)];
    for (const int index : {op.weight, op.bias, op.running_mean, op.running_var}) {
      if (index < 0) continue;
      layer.bytes += bytes_of(index);
      if (program.parameter(index).role == Role::weight) layer.zeros += zeros_of(model, index);
    }
  }
  return report;
}

/// Enters times of the layers of a program, which may be another form of the network that has been reported.
inline void enter_times(LayerReport& report, const Program& program, const std::vector<double>& microseconds) {
  for (std::size_t i = 0; i < program.rows.size(); ++i) {
    const auto layer = detail::find(report, program.rows[i].path.view(), &LayerFigures::path);
    if (layer != report.end()) layer->microseconds += microseconds[i];
  }
}

/// A report takes about so long.
inline constexpr LatencyOptions report_latency{.repetitions = 500, .at_most = std::chrono::milliseconds{1000}};

inline LayerFigures total_of(const LayerReport& report) {
  LayerFigures total{.path = "", .name = "total"};
  for (const LayerFigures& layer : report) {
    total.zeros += layer.zeros;
    total.parameters += layer.parameters;
    total.multiply_adds += layer.multiply_adds;
    total.bytes += layer.bytes;
    total.microseconds += layer.microseconds;
  }
  return total;
}

/// Cells that stay empty where there is nothing to say.
inline std::string share_cell(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? std::string{} : share(part, whole);
}
inline std::string number_cell(std::uint64_t number) {
  return number == 0 ? std::string{} : grouped(number);
}
inline std::string time_cell(double microseconds) {
  return microseconds > 0 ? fixed(microseconds, 2) : std::string{};
}
inline std::string shape_cell(const LayerFigures& layer) {
  return layer.output == Shape{} ? std::string{} : to_string(layer.output);
}

/// The cells of a layer in two networks, one of which may lack it.
inline std::vector<std::string> comparison(const LayerFigures* before, const LayerFigures* after) {
  static const LayerFigures none;
  const LayerFigures& a = before != nullptr ? *before : none;
  const LayerFigures& b = after != nullptr ? *after : none;
  const LayerFigures& any = before != nullptr ? a : b;
  const auto channels = [](const LayerFigures& layer) { return static_cast<std::uint64_t>(layer.output.channels); };
  const bool both = a.microseconds > 0 && b.microseconds > 0;
  return {any.path,
          any.name,
          before != nullptr ? shape_cell(a) : "-",
          after != nullptr ? shape_cell(b) : "-",
          after != nullptr ? share_cell(channels(b), channels(a)) : "",
          share_cell(b.zeros.zeros, b.zeros.weights),
          share_cell(b.zeros.zero_rows, b.zeros.rows),
          share_cell(b.zeros.zero_channels, b.zeros.channels),
          number_cell(b.parameters),
          share_cell(b.parameters, a.parameters),
          number_cell(b.multiply_adds),
          share_cell(b.multiply_adds, a.multiply_adds),
          number_cell(b.bytes),
          share_cell(b.bytes, a.bytes),
          time_cell(a.microseconds),
          time_cell(b.microseconds),
          both ? fixed(a.microseconds / b.microseconds, 2) + "x" : ""};
}

}  // namespace detail

/// The layers of a network: shapes, zeros, costs, and microseconds measured one by one, as an `Engine` of batch 1 runs
/// them: with norms folded, and activations within the layers before. Takes about a second.
template <class Backend = DefaultBackend, Architecture A>
[[nodiscard]] LayerReport layer_report(const Network<A>& network, Threads threads = {1}) {
  LayerReport report =
      detail::layer_figures(network, [](int index) { return A::program.parameter(index).size * sizeof(float); });
  const auto folded = fold_batch_norm(network);
  const InferenceSession<Backend> session{folded.program, folded.buffer(), 1, threads};
  detail::enter_times(report, folded.program, profile_us(session, folded.program, detail::report_latency));
  return report;
}
/// The same for a quantized network, in int8. Its norms have been folded, and have no rows.
template <class Backend = DefaultBackend, Architecture A, class Scheme>
[[nodiscard]] LayerReport layer_report(const QuantizedNetwork<A, Scheme>& network, Threads threads = {1}) {
  LayerReport report = detail::layer_figures(network, [](int index) {
    const Parameter& parameter = A::program.parameter(index);
    if (parameter.role != Role::weight) return parameter.size * sizeof(float);
    return parameter.size + sizeof(float) * (Scheme::per_channel ? static_cast<std::size_t>(parameter.dims[0]) : 1);
  });
  const Int8Session<Backend> session{network.model(), 1, threads};
  detail::enter_times(report, A::program, profile_us(session, A::program, detail::report_latency));
  return report;
}
/// The same for a sparse network, which runs as a dense one.
template <class Backend = DefaultBackend, class Model>
[[nodiscard]] LayerReport layer_report(const Sparse<Model>& sparse, Threads threads = {1}) {
  return layer_report<Backend>(sparse.network, threads);
}

/// A table of a report: output shape, zeros among the weights (of single weights, of filters = rows, of input
/// channels), parameters, multiply-adds, bytes, microseconds, and the totals.
///
///     std::cout << layer_table(layer_report(network));
[[nodiscard]] inline std::string layer_table(const LayerReport& report) {
  Table table{{"path", "layer", "output", "zeros", "rows", "channels", "parameters", "multiply-adds", "bytes", "us"},
              2};
  const auto add = [&](const LayerFigures& layer) {
    const Zeros& zeros = layer.zeros;
    table.add({layer.path, layer.name, detail::shape_cell(layer), detail::share_cell(zeros.zeros, zeros.weights),
               detail::share_cell(zeros.zero_rows, zeros.rows), detail::share_cell(zeros.zero_channels, zeros.channels),
               detail::number_cell(layer.parameters), detail::number_cell(layer.multiply_adds),
               detail::number_cell(layer.bytes), detail::time_cell(layer.microseconds)});
  };
  for (const LayerFigures& layer : report) add(layer);
  table.add_rule();
  add(detail::total_of(report));
  return table.text();
}

/// A table of two reports, layers matched by their paths: shapes before and after, the share of channels that is kept,
/// zeros (of weights, rows, input channels) after, what is left of parameters, multiply-adds and bytes, and
/// microseconds. A dash stands where a layer is in one of the two alone, such as a norm that has been folded.
///
///     std::cout << compare_layers(layer_report(dense), layer_report(slim));
[[nodiscard]] inline std::string compare_layers(const LayerReport& before, const LayerReport& after) {
  Table table{{"path", "layer", "before", "after", "kept", "zeros", "rows", "channels", "parameters", "left",
               "multiply-adds", "left", "bytes", "left", "us before", "us after", "gain"},
              2};
  const auto find = [](const LayerReport& report, const std::string& path) {
    const auto found = detail::find(report, path, &LayerFigures::path);
    return found != report.end() ? &*found : nullptr;
  };
  for (const LayerFigures& layer : before) table.add(detail::comparison(&layer, find(after, layer.path)));
  for (const LayerFigures& layer : after) {
    if (find(before, layer.path) == nullptr) table.add(detail::comparison(nullptr, &layer));
  }
  table.add_rule();
  const LayerFigures total_before = detail::total_of(before);
  const LayerFigures total_after = detail::total_of(after);
  table.add(detail::comparison(&total_before, &total_after));
  return table.text();
}

}  // namespace attar
