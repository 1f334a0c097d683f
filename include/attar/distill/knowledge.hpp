// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/core/rng.hpp>
#include <attar/core/shape.hpp>
#include <attar/data/augment.hpp>
#include <attar/data/dataset.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/checksum.hpp>
#include <attar/model/named_tensors.hpp>

namespace attar {

/// What a `Knowledge` keeps of a teacher's answer.
struct Keeping {
  bool halves = false;  ///< Numbers are IEEE halves, not floats. (The logits of a `top` are always floats.)
  std::size_t top = 0;  ///< So many of the largest logits of each image; 0: all.

  friend constexpr bool operator==(const Keeping&, const Keeping&) = default;
};

/// Keeps logits and maps as they are, in fp32: a student learns bit for bit what it learns from the teacher at work.
struct Exactly {
  static constexpr Keeping keeping{};
};

/// Keeps logits and maps in 16 bits (IEEE half): 11 significant bits, up to 65504.
struct InHalf {
  static constexpr Keeping keeping{.halves = true};
};

/// Keeps the `K` largest logits of each image with their classes, and for all other classes one logit: that with which
/// they have, together, the probability that they had. So at temperature 1 the kept classes have their true
/// probabilities and the rest is spread evenly. Above 1 the rest counts for a little more than it did, for an even
/// spread is the softest; and a term that compares logits, not probabilities, sees the rest flat. Takes 8 K + 4 bytes
/// per image: worth it for many classes. Maps are kept in 16 bits.
template <int K>
struct TopK {
  static_assert(K > 0, "attar[E096]: TopK keeps at least one class, and fewer than all; Exactly keeps all");
  static constexpr Keeping keeping{.halves = true, .top = static_cast<std::size_t>(K)};
};

/// How `remember` keeps answers: `Exactly`, `InHalf` or `TopK`.
template <class K>
concept KeepPolicy = std::same_as<decltype(K::keeping), const Keeping>;

/// What a `Knowledge` belongs to.
struct KnowledgeOrigin {
  std::uint64_t data = 0;          ///< Tells images, labels and normalization from any others: `identity(Dataset)`.
  std::size_t images = 0;          ///< Of the data set.
  std::size_t classes = 0;         ///< Logits per image.
  Augmentation augmentation = {};  ///< Of the images that the teachers were shown.
  Seed seed = {};                  ///< Of the augmentation.
  std::size_t epochs = 1;          ///< Epochs that differ: 1 without augmentation.
  Keeping keeping = {};
  std::string teachers = {};                    ///< Tells the teachers from others.
  std::vector<std::string> taps = {};           ///< Where the maps are from.
  std::vector<std::vector<Shape>> shapes = {};  ///< Of each teacher, at each of the taps.

  /// Whether an image looks different from epoch to epoch.
  [[nodiscard]] bool varies() const noexcept { return augmentation != Augmentation{}; }
};

/// A number that tells what a network is shown of a data set from that of any other.
[[nodiscard]] inline std::uint64_t identity(const Dataset& data) {
  const Normalization& normalization = data.normalization();
  return Checksum{}
      .add(data.fingerprint())
      .add(std::as_bytes(std::span{normalization.mean}))
      .add(std::as_bytes(std::span{normalization.deviation}))
      .value();
}

namespace detail {

/// The tensors of a knowledge without their bytes: for each teacher the logits (if `top`, the K largest and that of
/// the rest, then their classes), then the maps at each tap. All begin with epoch and image. Halves are pairs of bytes.
[[nodiscard]] inline std::vector<NamedTensor<std::byte>> knowledge_tensors(const KnowledgeOrigin& origin) {
  std::vector<NamedTensor<std::byte>> tensors;
  const Keeping& keeping = origin.keeping;
  for (std::size_t teacher = 0; teacher < origin.shapes.size(); ++teacher) {
    const std::string prefix = "teacher." + std::to_string(teacher) + ".";
    const auto add = [&](const std::string& name, bool halves, DType dtype, std::vector<std::int64_t> row) {
      row.insert(row.begin(), {static_cast<std::int64_t>(origin.epochs), static_cast<std::int64_t>(origin.images)});
      if (halves) row.back() *= 2;
      tensors.push_back({prefix + name, halves ? DType::u8 : dtype, std::move(row), {}});
    };
    if (keeping.top > 0) {
      add("top", false, DType::f32, {static_cast<std::int64_t>(keeping.top + 1)});
      add("classes", false, DType::s32, {static_cast<std::int64_t>(keeping.top)});
    } else {
      add("logits", keeping.halves, DType::f32, {static_cast<std::int64_t>(origin.classes)});
    }
    for (std::size_t tap = 0; tap < origin.taps.size(); ++tap) {
      const Shape& shape = origin.shapes[teacher][tap];
      add("maps." + std::to_string(tap), keeping.halves, DType::f32, {shape.height, shape.width, shape.channels});
    }
  }
  return tensors;
}

static_assert(sizeof(Eigen::half) == 2);

inline void to_halves(std::span<const float> from, Eigen::half* to) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    to[i] = Eigen::half{from[i]};
    if (!std::isfinite(static_cast<float>(to[i]))) {
      raise(Error{ErrorCode::not_finite, "knowledge in 16 bits", "numbers of at most 65504", std::to_string(from[i])});
    }
  }
}

/// Writes the largest logits in descending order, the lower class first among equals, then the one logit with which
/// each of the others is as probable as they are on average.
inline void to_top(std::span<const float> logits, std::span<float> top, std::span<std::int32_t> classes) {
  if (!detail::all_of(logits, [](float logit) { return std::isfinite(logit); })) {
    raise(Error{ErrorCode::not_finite, "logits", "finite numbers, for the largest are kept", "NaN or infinity"});
  }
  const auto logit = [&](std::int32_t c) { return logits[static_cast<std::size_t>(c)]; };
  std::vector<std::int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(classes.size());
  std::partial_sort(order.begin(), end, order.end(), [&](std::int32_t a, std::int32_t b) {
    return logit(a) > logit(b) || (logit(a) == logit(b) && a < b);
  });
  detail::copy(std::span{order}.first(classes.size()), classes.begin());
  detail::transform(classes, top.begin(), logit);
  const auto rest = std::span{order}.subspan(classes.size());
  double largest = logit(rest.front());
  for (const std::int32_t c : rest) largest = std::max(largest, static_cast<double>(logit(c)));
  double sum = 0;
  for (const std::int32_t c : rest) sum += std::exp(logit(c) - largest);
  top.back() = static_cast<float>(largest + std::log(sum / static_cast<double>(rest.size())));
}

}  // namespace detail

/// What teachers said about the images of a data set, epoch by epoch where augmentation varies them: logits, and
/// feature maps where taps were asked for. `remember` makes one, `distill` takes it in the teachers' place, `save` and
/// `load_knowledge` keep it in a file. It may be filled by hand too, with the answers of any other program.
class Knowledge {
 public:
  /// Room for what `origin` says, all zero.
  explicit Knowledge(KnowledgeOrigin origin)
      : origin_{std::move(origin)}, tensors_{detail::knowledge_tensors(origin_)} {
    for (NamedTensor<std::byte>& tensor : tensors_) {
      std::size_t bytes = size_of(tensor.dtype);
      for (const std::int64_t size : tensor.shape) bytes *= static_cast<std::size_t>(size);
      memory_.emplace_back(bytes);
      tensor.bytes = memory_.back().span();
    }
  }
  Knowledge(Knowledge&&) noexcept = default;
  Knowledge& operator=(Knowledge&&) noexcept = default;
  Knowledge(const Knowledge&) = delete;  // Large.
  Knowledge& operator=(const Knowledge&) = delete;
  ~Knowledge() = default;

  [[nodiscard]] const KnowledgeOrigin& origin() const noexcept { return origin_; }
  /// The number of teachers.
  [[nodiscard]] std::size_t teachers() const noexcept { return origin_.shapes.size(); }
  /// The memory that it takes.
  [[nodiscard]] std::size_t bytes() const noexcept {
    std::size_t sum = 0;
    for (const NamedTensor<std::byte>& tensor : tensors_) sum += tensor.bytes.size();
    return sum;
  }

  /// Takes in what a teacher said about an image (`sample` is its place in the data set) in an epoch. Throws `Error`
  /// with `not_finite` for numbers that 16 bits cannot hold and for a top that cannot be told.
  void keep_logits(std::size_t teacher, std::uint64_t epoch, std::uint32_t sample, std::span<const float> logits) {
    const std::size_t at = row(epoch, sample);
    const std::size_t table = first_table(teacher);
    if (origin_.keeping.top == 0) return keep(table, at, logits);
    const std::size_t k = origin_.keeping.top;
    detail::to_top(logits, {numbers<float>(table) + at * (k + 1), k + 1},
                   {numbers<std::int32_t>(table + 1) + at * k, k});
  }
  /// The same for the maps at the tap number `tap`.
  void keep_maps(std::size_t teacher, std::size_t tap, std::uint64_t epoch, std::uint32_t sample,
                 std::span<const float> maps) {
    keep(maps_table(teacher, tap), row(epoch, sample), maps);
  }

  /// Writes the logits of one image, as many as there are classes.
  void recall_logits(std::size_t teacher, std::uint64_t epoch, std::uint32_t sample,
                     std::span<float> logits) const noexcept {
    const std::size_t at = row(epoch, sample);
    const std::size_t table = first_table(teacher);
    if (origin_.keeping.top == 0) return recall(table, at, logits);
    const std::size_t k = origin_.keeping.top;
    const float* top = numbers<float>(table) + at * (k + 1);
    const std::int32_t* classes = numbers<std::int32_t>(table + 1) + at * k;
    detail::fill(logits, top[k]);
    for (std::size_t i = 0; i < k; ++i) logits[static_cast<std::size_t>(classes[i])] = top[i];
  }
  /// Writes the maps of one image at the tap number `tap`.
  void recall_maps(std::size_t teacher, std::size_t tap, std::uint64_t epoch, std::uint32_t sample,
                   std::span<float> maps) const noexcept {
    recall(maps_table(teacher, tap), row(epoch, sample), maps);
  }

  /// The tables as a file knows them.
  [[nodiscard]] std::span<const NamedTensor<std::byte>> tensors() noexcept { return detail::span_of(tensors_); }
  [[nodiscard]] std::vector<NamedTensor<const std::byte>> tensors() const {
    std::vector<NamedTensor<const std::byte>> tensors;
    for (const auto& tensor : tensors_) tensors.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes});
    return tensors;
  }

 private:
  [[nodiscard]] std::size_t row(std::uint64_t epoch, std::uint32_t sample) const noexcept {
    return (origin_.varies() ? static_cast<std::size_t>(epoch) * origin_.images : 0) + sample;
  }
  [[nodiscard]] std::size_t first_table(std::size_t teacher) const noexcept {
    return teacher * (tensors_.size() / teachers());
  }
  [[nodiscard]] std::size_t maps_table(std::size_t teacher, std::size_t tap) const noexcept {
    return first_table(teacher) + (origin_.keeping.top > 0 ? 2 : 1) + tap;
  }
  template <class T>
  [[nodiscard]] T* numbers(std::size_t table) const noexcept {
    return reinterpret_cast<T*>(tensors_[table].bytes.data());
  }

  void keep(std::size_t table, std::size_t at, std::span<const float> from) {
    if (origin_.keeping.halves) return detail::to_halves(from, numbers<Eigen::half>(table) + at * from.size());
    detail::copy(from, numbers<float>(table) + at * from.size());
  }
  void recall(std::size_t table, std::size_t at, std::span<float> to) const noexcept {
    if (origin_.keeping.halves) {
      const Eigen::half* from = numbers<Eigen::half>(table) + at * to.size();
      std::transform(from, from + to.size(), to.begin(), [](Eigen::half x) { return static_cast<float>(x); });
    } else {
      std::copy_n(numbers<float>(table) + at * to.size(), to.size(), to.begin());
    }
  }

  KnowledgeOrigin origin_;
  std::vector<NamedTensor<std::byte>> tensors_;  ///< Views on `memory_`.
  std::vector<AlignedBuffer<std::byte>> memory_;
};

}  // namespace attar
