// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <attar/backend/inference_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/layers/op.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/int8_scheme.hpp>
#include <attar/model/program.hpp>
#include <attar/model/quantizers.hpp>
#include <attar/model/weight_limit.hpp>
#include <attar/quantize/value_statistics.hpp>

namespace attar {

/// How every value of a program is quantized.
struct ActivationScales {
  std::vector<float> scales;              ///< Per value; 1 for values that fusion made needless.
  std::vector<bool> signed_values;        ///< Per value: s8, else u8.
  std::vector<std::uint8_t> zero_points;  ///< Per value; empty where they are symmetric.
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

/// Where a calibrator clips both ends of a feature map, 0 included. One that knows only a limit of magnitudes clips
/// each end there, and is told as many levels as the larger end would have unclipped.
template <class Calibrator>
[[nodiscard]] ValueRange range_of(const ValueStatistics& statistics) {
  if constexpr (requires { Calibrator::range(statistics); }) {
    return Calibrator::range(statistics);
  } else {
    const ValueRange all{statistics.smallest(), statistics.largest()};
    if (all.smallest == all.largest) return {};
    const double share = double{statistics.magnitude()} / (double{all.largest} - double{all.smallest});
    const float limit = Calibrator::limit(statistics, static_cast<int>(std::lround(255 * share)));
    return {std::max(all.smallest, -limit), std::min(all.largest, limit)};
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
      if (!detail::all_of(numbers, [](float x) { return std::isfinite(x); })) {
        raise(Error{ErrorCode::not_finite, detail::value_name(program, fused, value), "finite numbers",
                    "NaN or infinity"});
      }
      statistics[static_cast<std::size_t>(value)].add(numbers, present);
    });
  }
  return statistics;
}

namespace detail {

/// Chooses how the images and every value that a fused program computes are quantized. `choose(value, op)` does it for
/// one; a null `op` means the images. What a pooling or a flattening reads is copied by `keep(from, to)`.
template <class Choose, class Keep>
void for_chosen_values(const Program& program, Choose&& choose, Keep&& keep) {
  choose(std::size_t{0}, nullptr);
  for (const Op& op : fuse(program, FuseFor::inference).ops) {
    const auto value = static_cast<std::size_t>(op.output);
    if (op.kind == OpKind::max_pool || op.kind == OpKind::flatten) {
      keep(static_cast<std::size_t>(op.operands[0]), value);
    } else {
      choose(value, &op);
    }
  }
}

/// Scales with u8 where nothing can be negative, else s8.
template <class Calibrator>
[[nodiscard]] ActivationScales symmetric_scales(const Program& program, std::span<const ValueStatistics> statistics) {
  ActivationScales result{
      std::vector<float>(program.values.size(), 1.0F), std::vector<bool>(program.values.size(), true), {}};
  for_chosen_values(
      program,
      [&](std::size_t v, const Op* op) {
        const bool is_signed =
            op == nullptr ? statistics[v].smallest() < 0 : !gives_non_negative(*op, result.signed_values);
        const int levels = activation_levels(is_signed);
        const float limit = op != nullptr ? Calibrator::limit(statistics[v], levels) : statistics[v].magnitude();
        result.scales[v] = limit > 0 ? step_of(limit, levels) : 1.0F;
        result.signed_values[v] = is_signed;
      },
      [&](std::size_t from, std::size_t to) {
        result.scales[to] = result.scales[from];
        result.signed_values[to] = result.signed_values[from];
      });
  return result;
}

/// Scales and zero points, all u8: scale = (largest - smallest) / 255, zero point = round(-smallest / scale), by which
/// 0 is a number of the grid (Jacob et al. 2018, section 3).
template <class Calibrator>
[[nodiscard]] ActivationScales asymmetric_scales(const Program& program, std::span<const ValueStatistics> statistics) {
  ActivationScales result{std::vector<float>(program.values.size(), 1.0F),
                          std::vector<bool>(program.values.size(), false),
                          std::vector<std::uint8_t>(program.values.size(), 0)};
  for_chosen_values(
      program,
      [&](std::size_t v, const Op* op) {
        const ValueRange range = op != nullptr ? range_of<Calibrator>(statistics[v])
                                               : ValueRange{statistics[v].smallest(), statistics[v].largest()};
        const double width = double{range.largest} - double{range.smallest};
        if (width == 0) return;
        result.scales[v] = std::max(static_cast<float>(width / 255), smallest_step);
        result.zero_points[v] = static_cast<std::uint8_t>(std::nearbyint(-range.smallest / result.scales[v]));
      },
      [&](std::size_t from, std::size_t to) {
        result.scales[to] = result.scales[from];
        result.zero_points[to] = result.zero_points[from];
      });
  return result;
}

}  // namespace detail

/// Chooses scales, and zero points with `Asymmetric`, from statistics by a calibrator (see `MinMax`). Images are not
/// clipped, for they have no outliers; a max pooling and a flattening keep what they read has; a value that was always
/// zero gets scale 1.
template <class Calibrator, class Symmetry = Symmetric>
[[nodiscard]] ActivationScales choose_scales(const Program& program, std::span<const ValueStatistics> statistics) {
  if constexpr (std::is_same_v<Symmetry, Asymmetric>) {
    return detail::asymmetric_scales<Calibrator>(program, statistics);
  } else {
    return detail::symmetric_scales<Calibrator>(program, statistics);
  }
}

}  // namespace attar
