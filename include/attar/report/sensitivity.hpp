// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <attar/detail/whole_range.hpp>
#include <attar/prune/sensitivity.hpp>
#include <attar/report/table.hpp>

namespace attar {

/// A sensitivity analysis as a table: a row per layer, a column per ratio. Ratios are those of the layer with the most
/// points; a cell says how many points of accuracy are lost.
[[nodiscard]] inline std::string to_text(const Sensitivity& analysis) {
  std::vector<double> ratios;
  for (const LayerSensitivity& layer : analysis.layers) {
    for (const SensitivityPoint& point : layer.points) ratios.push_back(point.removed);
  }
  std::sort(ratios.begin(), ratios.end());
  ratios.erase(std::unique(ratios.begin(), ratios.end()), ratios.end());
  std::vector<std::string> header{"layer"};
  for (const double ratio : ratios) header.push_back(fixed(100 * ratio, 0) + "%");
  Table table{header};
  for (const LayerSensitivity& layer : analysis.layers) {
    std::vector<std::string> cells(header.size());
    cells[0] = layer.path;
    for (const SensitivityPoint& point : layer.points) {
      const auto column = detail::find(ratios, point.removed) - ratios.begin();
      cells[static_cast<std::size_t>(column) + 1] = fixed(analysis.accuracy - point.accuracy, 2);
    }
    table.add(std::move(cells));
  }
  return table.text() + "Points of accuracy lost when that share of the layer's " + analysis.removed +
         " is removed; all there: " + fixed(analysis.accuracy, 2) + "%.\n";
}

namespace detail {

/// Text between the tags of an SVG.
inline std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '&':
        result += "&amp;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

/// The plane of a plot: shares from 0 to 1 to the right, percent upwards.
struct PlotPlane {
  double left = 60;
  double top = 20;
  double width = 480;
  double height = 320;

  [[nodiscard]] std::string x(double removed) const { return fixed(left + width * removed, 1); }
  [[nodiscard]] std::string y(double accuracy) const { return fixed(top + height * (1 - accuracy / 100), 1); }
};

inline std::string svg_text(const std::string& x, const std::string& y, std::string_view anchor,
                            std::string_view text) {
  return "<text x=\"" + x + "\" y=\"" + y + "\" text-anchor=\"" + std::string{anchor} + "\">" + escaped(text) +
         "</text>\n";
}

inline std::string svg_line(const PlotPlane& plane, double x1, double y1, double x2, double y2) {
  return "<line x1=\"" + plane.x(x1) + "\" y1=\"" + plane.y(y1) + "\" x2=\"" + plane.x(x2) + "\" y2=\"" + plane.y(y2) +
         "\" stroke=\"#ccc\"/>\n";
}

}  // namespace detail

/// The same as a plot, an SVG file's text: a line per layer, the share that is removed to the right, accuracy upwards.
[[nodiscard]] inline std::string to_svg(const Sensitivity& analysis) {
  constexpr std::array colors{"#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#7f7f7f"};
  constexpr std::array dashes{"none", "6 3", "2 2", "8 3 2 3"};
  const detail::PlotPlane plane;
  const double bottom = plane.top + plane.height;
  const double legend = plane.left + plane.width + 20;
  const double height = std::max(bottom + 50, plane.top + 16 * static_cast<double>(analysis.layers.size() + 1));
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"" + fixed(height, 0) +
                    "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" "
                    "fill=\"white\"/>\n";
  for (int tick = 0; tick <= 5; ++tick) {
    const double at = tick / 5.0;
    svg += detail::svg_line(plane, 0, 100 * at, 1, 100 * at) + detail::svg_line(plane, at, 0, at, 100);
    svg += detail::svg_text(fixed(plane.left - 8, 0), plane.y(100 * at - 1), "end", fixed(100 * at, 0));
    svg += detail::svg_text(plane.x(at), fixed(bottom + 18, 0), "middle", fixed(100 * at, 0));
  }
  svg += detail::svg_text(plane.x(0.5), fixed(bottom + 38, 0), "middle", analysis.removed + " removed, %");
  svg += detail::svg_text(fixed(plane.left - 8, 0), fixed(plane.top - 6, 0), "start", "accuracy, %");
  for (std::size_t i = 0; i < analysis.layers.size(); ++i) {
    const LayerSensitivity& layer = analysis.layers[i];
    const std::string style = std::string{"\" fill=\"none\" stroke-width=\"1.5\" stroke=\""} +
                              colors[i % colors.size()] + "\" stroke-dasharray=\"" +
                              dashes[i / colors.size() % dashes.size()] + "\"/>\n";
    svg += "<polyline points=\"" + plane.x(0) + ',' + plane.y(analysis.accuracy);
    for (const SensitivityPoint& point : layer.points)
      svg += ' ' + plane.x(point.removed) + ',' + plane.y(point.accuracy);
    svg += style;
    const double y = plane.top + 16 * static_cast<double>(i) + 8;
    svg += "<polyline points=\"" + fixed(legend, 0) + ',' + fixed(y, 0) + ' ' + fixed(legend + 24, 0) + ',' +
           fixed(y, 0) + style;
    svg += detail::svg_text(fixed(legend + 30, 0), fixed(y + 4, 0), "start", layer.path);
  }
  return svg + "</svg>\n";
}

}  // namespace attar
