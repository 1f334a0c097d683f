// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <vector>

#include <attar/data/batch.hpp>
#include <attar/loss/features.hpp>
#include <attar/loss/objective.hpp>

namespace attar {

/// What one teacher says about a batch: its logits, and its feature maps at the taps that were asked for.
struct TeacherAnswer {
  LogitsView<float> logits;
  std::span<const MapsView<float>> maps = {};
};

/// Where a student's knowledge comes from: teachers at work, or what they said once (`Knowledge`).
class KnowledgeSource {
 public:
  KnowledgeSource() = default;
  KnowledgeSource(const KnowledgeSource&) = delete;
  KnowledgeSource& operator=(const KnowledgeSource&) = delete;
  virtual ~KnowledgeSource() = default;

  /// One answer per teacher, always as many, good until the next call.
  virtual std::span<const TeacherAnswer> ask(const Batch& batch) = 0;
  /// What it is, for a checkpoint to be of this run.
  [[nodiscard]] virtual std::string description() const = 0;
};

}  // namespace attar
