// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/first_option.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/program.hpp>
#include <attar/train/precision.hpp>

namespace attar {

namespace detail {

template <class Precision>
inline constexpr bool is_float_precision = std::is_same_v<Precision, Fp32> || std::is_same_v<Precision, Bf16>;
template <class Precision>
inline constexpr LayerPrecision layer_precision_of =
    std::is_same_v<Precision, Bf16> ? LayerPrecision::bf16 : LayerPrecision::fp32;

}  // namespace detail

/// The first layer with weights stays in floats: `FirstLayer<Fp32>` or `FirstLayer<Bf16>`. It reads the images, has few
/// inputs to sum over and little work, so that int8 wins little there and can lose much.
template <class Precision>
struct FirstLayer {
  static_assert(detail::is_float_precision<Precision>, "attar[E151]: FirstLayer and LastLayer take Fp32 or Bf16");
  static constexpr LayerPrecision precision = detail::layer_precision_of<Precision>;
};

/// The last layer with weights, the classifier, stays in floats.
template <class Precision>
struct LastLayer {
  static_assert(detail::is_float_precision<Precision>, "attar[E151]: FirstLayer and LastLayer take Fp32 or Bf16");
  static constexpr LayerPrecision precision = detail::layer_precision_of<Precision>;
};

namespace detail {

template <class Option>
struct IsFirstLayer : std::false_type {};
template <class Precision>
struct IsFirstLayer<FirstLayer<Precision>> : std::true_type {};
template <class Option>
struct IsLastLayer : std::false_type {};
template <class Precision>
struct IsLastLayer<LastLayer<Precision>> : std::true_type {};
struct NoSuchLayer {};

}  // namespace detail

/// Which layers are not to be int8 whatever is measured: any of `FirstLayer` and `LastLayer`.
///
///     mix<MixPolicy<FirstLayer<Fp32>, LastLayer<Fp32>>>(int8, network)
template <class... Options>
struct MixPolicy {
  static_assert((0 + ... + int{detail::IsFirstLayer<Options>::value}) <= 1 &&
                    (0 + ... + int{detail::IsLastLayer<Options>::value}) <= 1 &&
                    (true && ... && (detail::IsFirstLayer<Options>::value || detail::IsLastLayer<Options>::value)),
                "attar[E152]: MixPolicy takes at most one FirstLayer and one LastLayer");
  using First = typename detail::FirstOption<detail::IsFirstLayer, detail::NoSuchLayer, Options...>::type;
  using Last = typename detail::FirstOption<detail::IsLastLayer, detail::NoSuchLayer, Options...>::type;
};

/// Precisions of layers by their paths, as `summary` prints them: `{{"3.main.0", LayerPrecision::fp32}}`.
using LayerPrecisions = std::map<std::string, LayerPrecision>;

namespace detail {

/// A precision for each row of the layer table where a policy or a choice asks for one; the choice comes first. Throws
/// `invalid_argument` for a path that is no layer with weights.
template <class Policy>
[[nodiscard]] std::vector<std::optional<LayerPrecision>> asked_precisions(const Program& program,
                                                                          const LayerPrecisions& choice) {
  std::vector<std::optional<LayerPrecision>> asked(program.rows.size());
  const std::vector<int> precise = precise_rows(fuse(program, FuseFor::inference));
  if (!precise.empty()) {
    if constexpr (!std::is_same_v<typename Policy::First, NoSuchLayer>) {
      asked[static_cast<std::size_t>(precise.front())] = Policy::First::precision;
    }
    if constexpr (!std::is_same_v<typename Policy::Last, NoSuchLayer>) {
      asked[static_cast<std::size_t>(precise.back())] = Policy::Last::precision;
    }
  }
  for (const auto& [path, precision] : choice) {
    bool found = false;
    for (const int row : precise) {
      if (program.rows[static_cast<std::size_t>(row)].path.view() != path) continue;
      asked[static_cast<std::size_t>(row)] = precision;
      found = true;
    }
    if (!found)
      raise(Error{ErrorCode::invalid_argument, "precision of a layer", "the path of a layer with weights", path});
  }
  return asked;
}

}  // namespace detail
}  // namespace attar
