// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/file.hpp>
#include <attar/io/safetensors.hpp>

namespace attar {

/// Where a training run stands: everything that its next step depends on. The random numbers need not be kept, for
/// they are functions of seed, epoch and image.
struct TrainingState {
  std::span<float> parameters;                ///< The network's buffer, statistics included.
  std::span<float> optimizer;                 ///< The optimizer's slots.
  std::span<float> average;                   ///< The moving average of the parameters; empty where there is none.
  std::uint64_t step = 0;                     ///< Steps taken.
  std::vector<std::span<float>> lesson = {};  ///< What the lesson keeps (adapters, memory banks).
};

namespace detail {

inline constexpr std::string_view checkpoint_run_key = "attar.run";
inline constexpr std::string_view checkpoint_step_key = "attar.step";

[[nodiscard]] inline TensorEntry checkpoint_entry(std::string name, std::span<const float> numbers) {
  return {.name = std::move(name),
          .dtype = DType::f32,
          .shape = {static_cast<std::int64_t>(numbers.size())},
          .data = std::as_bytes(numbers)};
}

}  // namespace detail

/// Writes a checkpoint in one step or not at all. `run` describes the run (architecture, data, hyperparameters): only
/// a run of the same description can go on from it.
inline void save_checkpoint(const std::string& path, const TrainingState& state, const std::string& run) {
  std::vector<TensorEntry> entries{detail::checkpoint_entry("parameters", state.parameters),
                                   detail::checkpoint_entry("optimizer", state.optimizer),
                                   detail::checkpoint_entry("average", state.average)};
  for (std::size_t i = 0; i < state.lesson.size(); ++i) {
    entries.push_back(detail::checkpoint_entry("lesson." + std::to_string(i), state.lesson[i]));
  }
  write_safetensors(path, detail::span_of(entries),
                    {{std::string{detail::checkpoint_run_key}, run},
                     {std::string{detail::checkpoint_step_key}, std::to_string(state.step)}});
}

/// Goes on from a checkpoint, if there is one: fills the state's buffers and step and returns true. Throws `Error` with
/// `architecture_mismatch` where the file belongs to another run, and as `SafetensorsFile::open` does.
inline bool restore_checkpoint(const std::string& path, TrainingState& state, const std::string& run) {
  if (!detail::exists(path)) return false;
  const SafetensorsFile file = SafetensorsFile::open(path);
  const std::string found{file.metadata(detail::checkpoint_run_key).value_or("no description")};
  if (found != run) {
    raise(Error{ErrorCode::architecture_mismatch, path, "a checkpoint of this run (" + run + ")",
                "one of another (" + detail::printable(found, 2000) + "); remove it to begin anew"});
  }
  const std::string_view text = file.metadata(detail::checkpoint_step_key).value_or("");
  std::uint64_t step = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), step);
  if (failure != std::errc{} || end != text.data() + text.size()) {
    raise(Error{ErrorCode::file_damaged, path, "a step number", detail::printable(text)});
  }
  const auto read = [&](const std::string& name, std::span<float> numbers) {
    const StoredTensor* stored = file.find(name);
    if (stored == nullptr) raise(Error{ErrorCode::file_damaged, path, "a tensor " + name, "none"});
    stored->copy_to(numbers);
  };
  read("parameters", state.parameters);
  read("optimizer", state.optimizer);
  read("average", state.average);
  for (std::size_t i = 0; i < state.lesson.size(); ++i) read("lesson." + std::to_string(i), state.lesson[i]);
  state.step = step;
  return true;
}

}  // namespace attar
