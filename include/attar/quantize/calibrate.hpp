// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <attar/backend/inference_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/program.hpp>
#include <attar/quantize/value_statistics.hpp>

namespace attar {

/// The scale and the sign of every value of a program.
struct ActivationScales {
  std::vector<float> scales;        ///< Per value; 1 for values that fusion made needless.
  std::vector<bool> signed_values;  ///< Per value: s8, else u8.
};

namespace detail {

/// What a value is, for messages: "output of 3.main.0 (Conv2d)".
[[nodiscard]] inline std::string value_name(const Program& program, const FusedProgram& fused, int value) {
  if (value == 0) return "calibration images";
  for (const Op& op : fused.ops) {
    if (op.output != value) continue;
    const LayerRow& row = program.rows[static_cast<std::size_t>(op.layer)];
    return "output of " + std::string{row.path.view()} + " (" + std::string{row.name} + ")";
  }
  return "value";
}

/// Whether the result of an operation cannot be negative.
[[nodiscard]] inline bool gives_non_negative(const Op& op, const std::vector<bool>& signed_values) {
  const Activation f = op.activation;
  if (f == Activation::relu || f == Activation::relu6 || f == Activation::hard_sigmoid) return true;
  switch (op.kind) {
    case OpKind::max_pool:
    case OpKind::avg_pool:
    case OpKind::global_avg_pool:
    case OpKind::flatten:
    case OpKind::concat:
    case OpKind::scale:
    case OpKind::add:
      if (f != Activation::none) return false;
      return std::all_of(op.operands.begin(), op.operands.begin() + op.operand_count,
                         [&](int operand) { return !signed_values[static_cast<std::size_t>(operand)]; });
    default:
      return false;
  }
}

}  // namespace detail

/// Runs `count` images through a float program and gathers statistics of every value that its fused form computes.
/// `fill(first, images, count)` writes normalized NHWC images number `first`, `first + 1`, ... `batch` of them run at a
/// time, which changes nothing but memory and speed. Throws `Error` with `invalid_data` without images and `not_finite`
/// where NaN or infinity appears, naming the layer.
template <class Backend, class Fill>
[[nodiscard]] std::vector<ValueStatistics> gather_statistics(const Program& program, std::span<const float> parameters,
                                                             std::size_t count, Fill&& fill, std::size_t batch = 32) {
  if (count == 0) raise(Error{ErrorCode::invalid_data, "calibration images", "at least one", "none"});
  batch = std::min(batch, count);
  const InferenceSession<Backend> session{program, parameters, static_cast<int>(batch)};
  auto context = session.make_context();
  AlignedBuffer<float> images{session.input_size()};
  AlignedBuffer<float> logits{session.output_size()};
  const FusedProgram fused = fuse(program, FuseFor::inference);
  std::vector<ValueStatistics> statistics(program.values.size());
  for (std::size_t first = 0; first < count; first += batch) {
    const std::size_t present = std::min(batch, count - first);
    fill(first, images.data(), present);
    session.run(images.data(), logits.data(), context, [&](int value, std::span<const float> all) {
      const std::span<const float> numbers = all.first(present * program.shape(value).size());
      if (!std::ranges::all_of(numbers, [](float x) { return std::isfinite(x); })) {
        raise(Error{ErrorCode::not_finite, detail::value_name(program, fused, value), "finite numbers",
                    "NaN or infinity"});
      }
      statistics[static_cast<std::size_t>(value)].add(numbers, present);
    });
  }
  return statistics;
}

/// Chooses scales from statistics by a calibrator (see `MinMax`). Images are not clipped, for they have no outliers; a
/// max pooling and a flattening keep the scale of what they read; a value that was always zero gets scale 1.
template <class Calibrator>
[[nodiscard]] ActivationScales choose_scales(const Program& program, std::span<const ValueStatistics> statistics) {
  ActivationScales result{std::vector<float>(program.values.size(), 1.0F),
                          std::vector<bool>(program.values.size(), true)};
  const auto choose = [&](int value, bool is_signed, bool clip) {
    const auto v = static_cast<std::size_t>(value);
    const int levels = is_signed ? 127 : 255;
    const float limit = clip ? Calibrator::limit(statistics[v], levels) : statistics[v].magnitude();
    constexpr float smallest_scale = 1e-30F;  // Its inverse is still finite.
    result.scales[v] = limit > 0 ? std::max(limit / static_cast<float>(levels), smallest_scale) : 1.0F;
    result.signed_values[v] = is_signed;
  };
  choose(0, statistics[0].smallest() < 0, false);
  for (const Op& op : fuse(program, FuseFor::inference).ops) {
    if (op.kind == OpKind::max_pool || op.kind == OpKind::flatten) {
      result.scales[static_cast<std::size_t>(op.output)] = result.scales[static_cast<std::size_t>(op.operands[0])];
      result.signed_values[static_cast<std::size_t>(op.output)] =
          result.signed_values[static_cast<std::size_t>(op.operands[0])];
    } else {
      choose(op.output, !detail::gives_non_negative(op, result.signed_values), true);
    }
  }
  return result;
}

}  // namespace attar
