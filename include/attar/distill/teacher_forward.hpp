// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <attar/backend/inference_session.hpp>
#include <attar/backend/int8_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/distill/knowledge_source.hpp>
#include <attar/distill/teachers.hpp>
#include <attar/io/checksum.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/tap.hpp>

namespace attar {

namespace detail {

/// The value of the folded program at the row `row` of the full one. Folding takes rows out and leaves the others their
/// paths, so it is that of the last row before which is in both.
constexpr int folded_value(const Program& full, const Program& folded, int row) {
  std::size_t next = 0;
  int value = 0;
  for (int i = 0; i <= row && next < folded.rows.size(); ++i) {
    if (full.rows[static_cast<std::size_t>(i)].path.view() == folded.rows[next].path.view()) {
      value = folded.rows[next++].value;
    }
  }
  return value;
}

/// Whether the folded program has the value at a row: not that between a convolution and the norm that is folded into
/// it.
constexpr bool survives_folding(const Program& full, const Program& folded, int row) {
  const auto at = static_cast<std::size_t>(row);
  return at + 1 == full.rows.size() || full.rows[at].value == full.rows[at + 1].value ||
         folded_value(full, folded, row) != folded_value(full, folded, row + 1);
}

/// A teacher at work, for batches of up to `batch` images.
class TeacherForward {
 public:
  explicit TeacherForward(std::size_t batch, const Program& program, std::vector<Shape> taps)
      : logits_{batch * program.output_shape().size()}, padded_{batch * program.input_shape().size()} {
    answer_.logits = {logits_.data(), batch, program.output_shape().size()};
    for (const Shape& shape : taps) {
      maps_.emplace_back(batch * shape.size());
      views_.push_back({maps_.back().data(), batch, shape});
    }
    answer_.maps = detail::span_of(views_);
  }
  TeacherForward(const TeacherForward&) = delete;
  TeacherForward& operator=(const TeacherForward&) = delete;
  virtual ~TeacherForward() = default;

  /// What it says about `count` normalized images.
  const TeacherAnswer& operator()(std::span<const float> images, std::size_t count) {
    if (images.size() < padded_.size()) {
      detail::copy(images, padded_.begin());
      images = padded_.span();
    }
    run(images.data());
    answer_.logits.batch = count;
    for (MapsView<float>& view : views_) view.batch = count;
    return answer_;
  }

 protected:
  virtual void run(const float* images) = 0;

  AlignedBuffer<float> logits_;
  std::vector<AlignedBuffer<float>> maps_;  ///< One per tap.

 private:
  AlignedBuffer<float> padded_;  ///< The images of a batch that is not full.
  std::vector<MapsView<float>> views_;
  TeacherAnswer answer_;
};

/// In inference form (norms folded, nothing kept for gradients) with activations kept as `Storage`.
template <class Backend, class Storage>
class FloatTeacher final : public TeacherForward {
 public:
  /// `taps` are values of `program`.
  FloatTeacher(const Program& program, std::span<const float> parameters, int batch, std::span<const int> taps)
      : TeacherForward{static_cast<std::size_t>(batch), program, shapes(program, taps)},
        session_{program, parameters, batch, {thread_count()}, taps},
        context_{session_.make_context()} {}

 private:
  static std::vector<Shape> shapes(const Program& program, std::span<const int> taps) {
    std::vector<Shape> result;
    for (const int tap : taps) result.push_back(program.shape(tap));
    return result;
  }

  void run(const float* images) override {
    if (maps_.empty()) return session_.run(images, logits_.data(), context_);
    session_.run(images, logits_.data(), context_, [&](int value, std::span<const Storage> numbers) noexcept {
      for (std::size_t tap = 0; tap < maps_.size(); ++tap) {
        if (session_.taps()[tap] != value) continue;
        detail::transform(numbers, maps_[tap].begin(), [](Storage x) { return static_cast<float>(x); });
      }
    });
  }

  InferenceSession<Backend, Storage> session_;
  typename InferenceSession<Backend, Storage>::Context context_;
};

/// In 8-bit integers.
template <class Backend>
class Int8Teacher final : public TeacherForward {
 public:
  Int8Teacher(const Int8Model& model, int batch)
      : TeacherForward{static_cast<std::size_t>(batch), model.program, {}},
        session_{model, batch},
        context_{session_.make_context()} {}

 private:
  void run(const float* images) override { session_.run(images, logits_.data(), context_); }

  Int8Session<Backend> session_;
  typename Int8Session<Backend>::Context context_;
};

/// The teacher that `network` is, with its value at each of the `taps`.
template <class Backend, class Storage, class A>
std::unique_ptr<TeacherForward> make_forward(const Network<A>& network, int batch,
                                             std::span<const std::string_view> taps) {
  using Folded = fold_batch_norm_t<A>;
  const Network<Folded> folded = fold_batch_norm(network);
  std::vector<int> values;
  for (const std::string_view where : taps) {
    values.push_back(folded_value(A::program, Folded::program, find_tap(A::program, where)));
  }
  return std::make_unique<FloatTeacher<Backend, Storage>>(Folded::program, folded.buffer(), batch, values);
}

template <class Backend, class Storage, class Precision, class A>
std::unique_ptr<TeacherForward> make_forward(const InPrecision<Precision, A>& teacher, int batch,
                                             std::span<const std::string_view> taps) {
  return make_forward<Backend, typename Precision::Storage>(teacher.network, batch, taps);
}

template <class Backend, class Storage, class A, class Scheme>
std::unique_ptr<TeacherForward> make_forward(const QuantizedNetwork<A, Scheme>& network, int batch,
                                             std::span<const std::string_view> /*none: it has no float maps*/) {
  return std::make_unique<Int8Teacher<Backend>>(network.model(), batch);
}

/// A number that tells the teacher from any other.
template <class A>
std::uint64_t identity(const Network<A>& network) {
  return Checksum{}.add(A::program.fingerprint).add(std::as_bytes(network.buffer())).value();
}
template <class Precision, class A>
std::uint64_t identity(const InPrecision<Precision, A>& teacher) {
  return Checksum{}.add(identity(teacher.network)).add(sizeof(typename Precision::Storage)).value();
}
template <class A, class Scheme>
std::uint64_t identity(const QuantizedNetwork<A, Scheme>& network) {
  const Int8Model model = network.model();
  return Checksum{}
      .add(A::program.fingerprint)
      .add(std::as_bytes(model.weights))
      .add(std::as_bytes(model.weight_scales))
      .add(std::as_bytes(model.floats))
      .add(std::as_bytes(model.activation_scales))
      .add(std::as_bytes(model.zero_points))
      .value();
}

}  // namespace detail

/// Teachers that are asked about every batch, in inference form.
class LiveTeachers final : public KnowledgeSource {
 public:
  /// For batches of up to `batch` images. `Backend` computes, and activations are kept as `Storage` where a teacher has
  /// no precision of its own; each must have the `taps`.
  template <class Backend, class Storage, class... Kinds>
  LiveTeachers(Backend /*backend*/, std::type_identity<Storage> /*storage*/, const Teachers<Kinds...>& teachers,
               int batch, std::span<const std::string_view> taps = {})
      : answers_(sizeof...(Kinds)) {
    std::apply(
        [&](const auto&... teacher) {
          (forwards_.push_back(detail::make_forward<Backend, Storage>(teacher, batch, taps)), ...);
          ((description_ += " teacher " + std::to_string(detail::identity(teacher))), ...);
        },
        teachers.networks);
  }

  std::span<const TeacherAnswer> ask(const Batch& batch) override {
    for (std::size_t k = 0; k < forwards_.size(); ++k) answers_[k] = (*forwards_[k])(batch.images(), batch.size());
    return detail::span_of(answers_);
  }
  [[nodiscard]] std::string description() const override { return description_; }

 private:
  std::vector<std::unique_ptr<detail::TeacherForward>> forwards_;
  std::vector<TeacherAnswer> answers_;
  std::string description_;
};

}  // namespace attar
