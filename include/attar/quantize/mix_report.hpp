// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <attar/model/layer_precision.hpp>

namespace attar {

/// Why a layer has the precision that it has.
enum class MixReason {
  accurate,   ///< int8, for nothing speaks against it.
  asked,      ///< A policy says so.
  sensitive,  ///< Floats, for the bound on accuracy.
  fastest,    ///< It takes least time so.
  neighbours  ///< It alone would be faster otherwise, but for the conversions.
};

/// "accurate", "asked", "sensitive", "fastest" or "neighbours".
[[nodiscard]] constexpr std::string_view name_of(MixReason reason) noexcept {
  switch (reason) {
    case MixReason::accurate:
      return "accurate";
    case MixReason::asked:
      return "asked";
    case MixReason::sensitive:
      return "sensitive";
    case MixReason::fastest:
      return "fastest";
    case MixReason::neighbours:
      break;
  }
  return "neighbours";
}

/// A layer with weights of a mixed network. NaN stands for what was not measured.
struct MixedLayer {
  std::string path;  ///< Where it stands: "3.main.0".
  std::string name;  ///< What it is: "Conv2d".
  LayerPrecision precision{};
  MixReason reason{};
  double sqnr_db = std::numeric_limits<double>::quiet_NaN();   ///< Of its output when it alone is int8.
  double int8_us = std::numeric_limits<double>::quiet_NaN();   ///< In a network that is int8 throughout.
  double float_us = std::numeric_limits<double>::quiet_NaN();  ///< In one that is fp32 (or bf16) throughout.
};

/// What a network is: accuracy in percent on the validation images, time in microseconds per batch. NaN where it was
/// not measured.
struct MixMeasure {
  double accuracy = std::numeric_limits<double>::quiet_NaN();
  double us = std::numeric_limits<double>::quiet_NaN();
};

/// How a mix was chosen.
struct MixReport {
  LayerPrecision other = LayerPrecision::fp32;  ///< What is not int8, but for what a policy asked.
  std::vector<MixedLayer> layers{};             ///< Those with weights, in order of execution.
  MixMeasure all_float{};
  MixMeasure all_int8{};
  MixMeasure mixed{};
};

/// A mixed network and how it was chosen.
template <class Mixed>
struct MixResult {
  Mixed network;
  MixReport report;
};

}  // namespace attar
