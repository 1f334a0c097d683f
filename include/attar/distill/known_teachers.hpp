// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/data/batch.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/distill/knowledge.hpp>
#include <attar/distill/knowledge_source.hpp>
#include <attar/loss/features.hpp>

namespace attar::detail {

/// Teachers that say what is known of them already.
class KnownTeachers final : public KnowledgeSource {
 public:
  /// For batches of up to `batch` images; `taps` are among those that were kept. `knowledge` must outlive it.
  KnownTeachers(const Knowledge& knowledge, std::size_t batch, std::span<const std::string_view> taps)
      : knowledge_{knowledge}, answers_(knowledge.teachers()) {
    const KnowledgeOrigin& origin = knowledge.origin();
    for (const std::string_view where : taps) {
      taps_.push_back(static_cast<std::size_t>(detail::find(origin.taps, where) - origin.taps.begin()));
    }
    views_.resize(knowledge.teachers());
    for (std::size_t teacher = 0; teacher < knowledge.teachers(); ++teacher) {
      logits_.emplace_back(batch * origin.classes);
      answers_[teacher].logits = {logits_.back().data(), batch, origin.classes};
      for (const std::size_t tap : taps_) {
        const Shape& shape = origin.shapes[teacher][tap];
        maps_.emplace_back(batch * shape.size());
        views_[teacher].push_back({maps_.back().data(), batch, shape});
      }
      answers_[teacher].maps = detail::span_of(views_[teacher]);
    }
  }

  std::span<const TeacherAnswer> ask(const Batch& batch) override {
    for (std::size_t teacher = 0; teacher < answers_.size(); ++teacher) {
      recall_logits(batch, teacher);
      for (std::size_t i = 0; i < taps_.size(); ++i) recall_maps(batch, teacher, i);
    }
    return detail::span_of(answers_);
  }
  [[nodiscard]] std::string description() const override {
    const Keeping& keeping = knowledge_.origin().keeping;
    return knowledge_.origin().teachers + (keeping.halves ? " in halves" : "") +
           (keeping.top > 0 ? " top " + std::to_string(keeping.top) : "");
  }

 private:
  void recall_logits(const Batch& batch, std::size_t teacher) noexcept {
    const std::size_t classes = knowledge_.origin().classes;
    const std::span<float> logits = logits_[teacher].span();
    // Too little for threads.
    for (std::size_t image = 0; image < batch.size(); ++image) {
      knowledge_.recall_logits(teacher, batch.epoch(), batch.indices()[image],
                               logits.subspan(image * classes, classes));
    }
    answers_[teacher].logits.batch = batch.size();
  }
  void recall_maps(const Batch& batch, std::size_t teacher, std::size_t i) noexcept {
    MapsView<float>& view = views_[teacher][i];
    const std::size_t size = view.shape.size();
    const std::span<float> maps = maps_[teacher * taps_.size() + i].span();
    parallel_for(batch.size(), [&](std::size_t image) {
      knowledge_.recall_maps(teacher, taps_[i], batch.epoch(), batch.indices()[image],
                             maps.subspan(image * size, size));
    });
    view.batch = batch.size();
  }

  const Knowledge& knowledge_;
  std::vector<std::size_t> taps_;             ///< Which of those that were kept.
  std::vector<AlignedBuffer<float>> logits_;  ///< One per teacher.
  std::vector<AlignedBuffer<float>> maps_;    ///< Teachers x taps.
  std::vector<std::vector<MapsView<float>>> views_;
  std::vector<TeacherAnswer> answers_;
};

}  // namespace attar::detail
