// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <attar/quantize/layer_sensitivity.hpp>
#include <attar/quantize/mix_report.hpp>
#include <attar/report/table.hpp>

namespace attar {

namespace detail {

/// Empty for NaN, "inf" for what has no noise.
[[nodiscard]] inline std::string measured(double number, int digits) {
  if (std::isnan(number)) return "";
  return std::isinf(number) ? (number < 0 ? "-inf" : "inf") : fixed(number, digits);
}

[[nodiscard]] inline std::string summary_line(const std::string& name, const MixMeasure& measure) {
  if (std::isnan(measure.accuracy) && std::isnan(measure.us)) return "";
  std::string text = name + ":";
  if (!std::isnan(measure.accuracy)) text += " " + fixed(measure.accuracy, 2) + "%";
  if (!std::isnan(measure.us)) text += " " + fixed(measure.us, 1) + " us";
  return text + "\n";
}

}  // namespace detail

/// A mix as a table: each layer with weights, its precision and why, the signal to noise of its output when it alone is
/// int8, its microseconds in int8 and in floats; then accuracy and time of the whole network in floats, in int8 and
/// mixed.
[[nodiscard]] inline std::string to_text(const MixReport& report) {
  const std::string other{name_of(report.other)};
  Table table{{"path", "layer", "precision", "why", "SQNR dB", "int8 us", other + " us"}, 4};
  for (const MixedLayer& layer : report.layers) {
    table.add({layer.path, layer.name, std::string{name_of(layer.precision)}, std::string{name_of(layer.reason)},
               detail::measured(layer.sqnr_db, 1), detail::measured(layer.int8_us, 1),
               detail::measured(layer.float_us, 1)});
  }
  return table.text() + detail::summary_line("all " + other, report.all_float) +
         detail::summary_line("all int8", report.all_int8) + detail::summary_line("mixed", report.mixed);
}

/// What each layer costs in int8, as a table: signal to noise of its output and of the logits, and the points of
/// accuracy lost where they were measured.
[[nodiscard]] inline std::string to_text(const Int8Sensitivity& sensitivity) {
  Table table{{"path", "SQNR dB", "logits dB", "points lost"}};
  for (const Int8LayerCost& layer : sensitivity.layers) {
    table.add({layer.path, detail::measured(layer.sqnr_db, 1), detail::measured(layer.logits_db, 1),
               detail::measured(sensitivity.accuracy - layer.accuracy, 2)});
  }
  return table.text();
}

}  // namespace attar
