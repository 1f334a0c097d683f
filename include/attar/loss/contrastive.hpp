// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/core/shape.hpp>
#include <attar/detail/matrix_map.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/loss/adapter.hpp>
#include <attar/loss/contrast_memory.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/gram_state.hpp>

namespace attar {

/// How many numbers `Contrastive` embeds an image in. Default 128.
template <int Count>
struct Features {
  static_assert(Count > 0, "attar[E091]: an embedding has at least one feature, and an image at least one negative");
  static constexpr std::size_t value = Count;
};

/// How many images of other classes `Contrastive` holds each image against. Default 256.
template <int Count>
struct Negatives {
  static_assert(Count > 0, "attar[E091]: an embedding has at least one feature, and an image at least one negative");
  static constexpr std::size_t value = Count;
};

namespace detail {

template <class Option>
inline constexpr bool is_features = false;
template <int Count>
inline constexpr bool is_features<Features<Count>> = true;
template <class Option>
inline constexpr bool is_negatives = false;
template <int Count>
inline constexpr bool is_negatives<Negatives<Count>> = true;

/// `FeatureOptions` of what they take among the options: `Known` so far, of the rest.
template <class Known, class... Options>
struct FeatureOptionsAmong {
  using type = Known;
};
template <class... Known, class Option, class... Rest>
struct FeatureOptionsAmong<FeatureOptions<Known...>, Option, Rest...>
    : FeatureOptionsAmong<std::conditional_t<is_tap<Option> || is_weight<Option>, FeatureOptions<Known..., Option>,
                                             FeatureOptions<Known...>>,
                          Rest...> {};

/// Draws samples of a data set that are of another class than a given one.
class NegativeSampler {
 public:
  /// Throws `Error` with `invalid_data` unless there are at least two classes.
  explicit NegativeSampler(std::span<const std::int32_t> labels)
      : labels_{labels.begin(), labels.end()}, by_class_(labels.size()) {
    std::iota(by_class_.begin(), by_class_.end(), 0U);
    detail::sort(by_class_, [&](std::uint32_t a, std::uint32_t b) {
      return labels_[a] < labels_[b] || (labels_[a] == labels_[b] && a < b);
    });
    for (std::size_t i = 0; i < by_class_.size(); ++i) {
      const auto label = static_cast<std::size_t>(labels_[by_class_[i]]);
      begins_.resize(std::max(begins_.size(), label + 1), static_cast<std::uint32_t>(i));
    }
    begins_.push_back(static_cast<std::uint32_t>(by_class_.size()));
    if (labels.empty() || labels_[by_class_.front()] == labels_[by_class_.back()]) {
      raise(Error{ErrorCode::invalid_data, "contrastive distillation", "labels of at least two classes",
                  labels.empty() ? "no labels" : "one class"});
    }
  }

  [[nodiscard]] std::uint32_t draw(std::uint32_t sample, Rng& rng) const {
    const auto label = static_cast<std::size_t>(labels_[sample]);
    const std::uint32_t own = begins_[label + 1] - begins_[label];
    const std::uint32_t place = rng.below(static_cast<std::uint32_t>(by_class_.size()) - own);
    return by_class_[place < begins_[label] ? place : place + own];
  }

 private:
  std::vector<std::int32_t> labels_;
  std::vector<std::uint32_t> by_class_;  ///< The samples, class by class.
  std::vector<std::uint32_t> begins_;    ///< Where each class begins there, and behind them the end.
};

/// A learned embedding of features in vectors of norm 1.
template <std::floating_point T>
class Embedding {
 public:
  /// See `Adapter`.
  Embedding(std::size_t inputs, std::size_t outputs, std::span<T> parameters, std::span<T> gradients, Rng rng)
      : adapter_{inputs, outputs, parameters, gradients, rng}, outputs_{static_cast<::Eigen::Index>(outputs)} {}

  void forward(const MapsView<T>& maps) {
    linear_.resize(static_cast<::Eigen::Index>(maps.batch), outputs_);
    adapter_.forward(maps.batch, maps.data, linear_.data());
    unit_.assign(matrix_map(static_cast<const T*>(linear_.data()), maps.batch, static_cast<std::size_t>(outputs_)));
  }
  [[nodiscard]] const ImageRows<T>& rows() const noexcept { return unit_.rows(); }
  /// For `gradient()`, that with respect to `rows()`; `maps_gradient` may be null.
  void backward(const MapsView<T>& maps, T* maps_gradient) {
    unit_.differentiate(gradient_);
    adapter_.backward(maps.batch, maps.data, gradient_.data(), maps_gradient);
  }
  [[nodiscard]] ContrastSide<T> side() noexcept { return {rows(), gradient_}; }

 private:
  Adapter<T> adapter_;
  ::Eigen::Index outputs_;
  ImageRows<T> linear_, gradient_;
  UnitRows<T> unit_;
};

}  // namespace detail

/// Contrastive representation distillation, CRD (Tian, Krishnan and Isola, ICLR 2020): student and teacher should put
/// the same image in the same place, and images of other classes elsewhere. Either network's features, taken as vectors
/// of any widths, are embedded in a few numbers (learned, linear, divided by their norm). An image's embedding by one
/// network is held against what is remembered of the other network's: of the same image, and of K images of other
/// classes, drawn anew in each step; by noise-contrastive estimation (`detail::ContrastMemory` has the formula) at the
/// temperature 0.07. The loss is the mean over the batch, summed over both directions. The memory of an image moves
/// half way to its embedding whenever it is seen.
///
/// The draw depends on the seed and on `progress`, so a run that goes on after an interruption draws as it would have.
/// Making the term throws `Error` with `invalid_data` unless the data set has labels of at least two classes.
///
/// Options: `Tap` (one or two; usually what goes into the last `Linear`), `Weight` (default 1; usual is 0.8),
/// `Features` (default 128), `Negatives` (default 256). The paper's 16384 negatives are for a GPU: each step reads
/// 2 * batch * (Negatives + 1) vectors from memories that no cache holds, and of the classes of a small data set there
/// are soon many negatives in any case. The memories take 2 * samples * Features numbers.
///
///     Contrastive<Tap<"pooled">, Weight<8, 10>>
template <class... Options>
struct Contrastive : detail::FeatureOptionsAmong<FeatureOptions<>, Options...>::type {
  static_assert(((detail::is_tap<Options> || detail::is_weight<Options> || detail::is_features<Options> ||
                  detail::is_negatives<Options>) &&
                 ...),
                "attar[E090]: the options of Contrastive are Tap, Weight, Features and Negatives");

  using Base = typename detail::FeatureOptionsAmong<FeatureOptions<>, Options...>::type;

  static constexpr std::size_t features = [] {
    std::size_t result = 128;
    [[maybe_unused]] const auto read = [&]<class Option>(std::type_identity<Option>) {
      if constexpr (detail::is_features<Option>) result = Option::value;
    };
    (read(std::type_identity<Options>{}), ...);
    return result;
  }();
  static constexpr std::size_t negatives = [] {
    std::size_t result = 256;
    [[maybe_unused]] const auto read = [&]<class Option>(std::type_identity<Option>) {
      if constexpr (detail::is_negatives<Option>) result = Option::value;
    };
    (read(std::type_identity<Options>{}), ...);
    return result;
  }();

  template <class T>
  class State final : public FeatureState<T> {
   public:
    explicit State(const FeatureContext& context)
        : sampler_{context.labels},
          seed_{context.seed},
          student_size_{Adapter::size(context.student.size(), features)},
          parameters_{student_size_ + Adapter::size(context.teacher.size(), features)},
          gradients_{parameters_.size()},
          student_{context.student.size(), features, parameters_.span().first(student_size_),
                   gradients_.span().first(student_size_), Rng{seed_, student_stream}},
          teacher_{context.teacher.size(), features, parameters_.span().subspan(student_size_),
                   gradients_.span().subspan(student_size_), Rng{seed_, teacher_stream}},
          memory_{context.labels.size(), features, Rng{seed_, memory_stream}} {}

    double add(const FeatureInputs<T>& inputs, std::span<T> gradient) override {
      student_.forward(inputs.student);
      teacher_.forward(inputs.teacher);
      draw(inputs);
      const double share = Base::weight(inputs.progress) / static_cast<double>(inputs.student.batch);
      shares_.resize(inputs.student.batch);
      for (std::size_t image = 0; image < shares_.size(); ++image) shares_[image] = share * inputs.image_weight(image);
      const double loss = memory_.contrast(student_.side(), teacher_.side(), drawn_, shares_);
      student_.backward(inputs.student, gradient.data());
      teacher_.backward(inputs.teacher, nullptr);
      memory_.remember(student_.rows(), teacher_.rows(), inputs.samples);
      return loss;
    }
    [[nodiscard]] std::span<T> parameters() override { return parameters_.span(); }
    [[nodiscard]] std::span<const T> gradients() const override { return gradients_.span(); }
    [[nodiscard]] std::span<T> memory() override { return memory_.numbers(); }

   private:
    using Adapter = detail::Adapter<T>;

    // The draws have the bits of `progress` as their stream, which are none of these.
    static constexpr std::uint64_t student_stream = 1;
    static constexpr std::uint64_t teacher_stream = 2;
    static constexpr std::uint64_t memory_stream = 3;

    void draw(const FeatureInputs<T>& inputs) {
      Rng rng{seed_, std::bit_cast<std::uint64_t>(inputs.progress)};
      drawn_.clear();
      for (const std::uint32_t sample : inputs.samples) {
        drawn_.push_back(sample);
        for (std::size_t k = 0; k < negatives; ++k) drawn_.push_back(sampler_.draw(sample, rng));
      }
    }

    detail::NegativeSampler sampler_;
    Seed seed_;
    std::size_t student_size_;
    AlignedBuffer<T> parameters_, gradients_;
    detail::Embedding<T> student_, teacher_;
    detail::ContrastMemory<T> memory_;
    std::vector<std::uint32_t> drawn_;
    std::vector<double> shares_;
  };
};

}  // namespace attar
