// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include <attar/core/rng.hpp>
#include <attar/core/shape.hpp>
#include <attar/loss/options.hpp>
#include <attar/model/tap.hpp>

namespace attar {

/// The feature maps of a batch at a tap, NHWC. It owns nothing.
template <std::floating_point T>
struct MapsView {
  const T* data = nullptr;
  std::size_t batch = 0;
  Shape shape{};

  [[nodiscard]] constexpr std::size_t size() const noexcept { return batch * shape.size(); }
  [[nodiscard]] constexpr std::span<const T> image(std::size_t i) const noexcept {
    return {data + i * shape.size(), shape.size()};
  }
};

/// What a feature term may look at in a step.
template <std::floating_point T>
struct FeatureInputs {
  MapsView<T> student;
  MapsView<T> teacher;
  std::span<const std::uint32_t> samples = {};  ///< Where each image stands in the data set.
  std::span<const double> image_weights = {};   ///< What this teacher counts for each image; empty: 1 for all.
  double progress = 0;                          ///< The share of all training steps that is done, 0 to 1.

  [[nodiscard]] double image_weight(std::size_t image) const noexcept {
    return image_weights.empty() ? 1.0 : image_weights[image];
  }
  /// What this teacher counts on average: for terms that compare images with each other.
  [[nodiscard]] double mean_weight() const noexcept {
    double sum = 0;
    for (std::size_t image = 0; image < student.batch; ++image) sum += image_weight(image);
    return sum / static_cast<double>(student.batch);
  }
};

/// What a feature term is made for.
struct FeatureContext {
  Shape student{};
  Shape teacher{};
  std::size_t batch = 0;
  std::span<const std::int32_t> labels = {};  ///< Of the whole data set, by sample.
  Seed seed = {};
};

/// What a feature term keeps from step to step, and its work. What it trains besides the student (adapters) is in
/// `parameters`; the trainer changes it with the student's optimizer, and it never reaches the student's file.
template <std::floating_point T>
class FeatureState {
 public:
  FeatureState() = default;
  FeatureState(const FeatureState&) = delete;
  FeatureState& operator=(const FeatureState&) = delete;
  virtual ~FeatureState() = default;

  /// Adds the gradient of the weighted loss with respect to the student's maps to `gradient` (as many numbers as the
  /// maps), overwrites `gradients()` with that of `parameters()`, and returns the weighted loss, the mean over the
  /// batch.
  virtual double add(const FeatureInputs<T>& inputs, std::span<T> gradient) = 0;
  [[nodiscard]] virtual std::span<T> parameters() { return {}; }
  [[nodiscard]] virtual std::span<const T> gradients() const { return {}; }
  /// What else a training run that goes on after an interruption must have again.
  [[nodiscard]] virtual std::span<T> memory() { return {}; }
};

/// What can be wrong with the two shapes that a feature term compares.
enum class FeatureFault {
  none,
  extents_differ,  ///< Heights or widths must be equal.
  extents_uneven,  ///< The larger height and width must be multiples of the smaller.
};

/// A term of an objective that compares feature maps of student and teacher:
///
/// - `needs_teacher`, known at compile time: false where the weight is always zero.
/// - `StudentTap`, `TeacherTap`: a `Tap` each.
/// - `check(student, teacher)`: whether it can compare maps of these shapes.
/// - `State<T>`: a `FeatureState<T>`, made from a `FeatureContext`.
template <class Term>
concept FeatureTerm = requires(const FeatureContext& context) {
  { Term::needs_teacher } -> std::convertible_to<bool>;
  typename Term::StudentTap;
  typename Term::TeacherTap;
  { Term::check(Shape{}, Shape{}) } -> std::same_as<FeatureFault>;
  requires std::derived_from<typename Term::template State<float>, FeatureState<float>>;
  requires std::derived_from<typename Term::template State<double>, FeatureState<double>>;
};

namespace detail {

template <class Option>
inline constexpr bool is_tap = false;
template <Text Where>
inline constexpr bool is_tap<Tap<Where>> = true;

/// The taps among a term's options: the first is the student's, the second the teacher's; one alone is both.
template <class... Options>
struct TapsOf {
  using Student = void;
  using Teacher = void;
};
template <class Option, class... Rest>
struct TapsOf<Option, Rest...> : TapsOf<Rest...> {};
template <Text Where, class... Rest>
struct TapsOf<Tap<Where>, Rest...> {
  using Student = Tap<Where>;
  using Second = typename TapsOf<Rest...>::Student;
  using Teacher = std::conditional_t<std::is_void_v<Second>, Student, Second>;
};

template <class... Options>
inline constexpr int tap_count = (0 + ... + static_cast<int>(is_tap<Options>));

/// The `check` of a term that compares maps pixel by pixel.
[[nodiscard]] constexpr FeatureFault check_equal_extents(const Shape& student, const Shape& teacher) {
  const bool equal = student.height == teacher.height && student.width == teacher.width;
  return equal ? FeatureFault::none : FeatureFault::extents_differ;
}

}  // namespace detail

/// What all feature terms have in common: their options, which are one or two taps and a weight, and what they accept.
template <class... Options>
struct FeatureOptions {
  static_assert(((detail::is_tap<Options> || detail::is_weight<Options>) && ...),
                "attar[E080]: the options of a feature term are Tap and Weight");
  static_assert(detail::tap_count<Options...> == 1 || detail::tap_count<Options...> == 2,
                "attar[E081]: a feature term needs a Tap, or two: the student's and the teacher's");

  using StudentTap = typename detail::TapsOf<Options...>::Student;
  using TeacherTap = typename detail::TapsOf<Options...>::Teacher;
  static constexpr bool needs_teacher = detail::has_weight<Options...>;
  static constexpr double weight(double progress) { return detail::weight_at<Options...>(progress); }
  /// Maps of any shapes; terms that need more have a `check` of their own.
  [[nodiscard]] static constexpr FeatureFault check(const Shape& /*student*/, const Shape& /*teacher*/) {
    return FeatureFault::none;
  }
};

}  // namespace attar
