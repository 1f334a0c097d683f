// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <attar/backend/call_time.hpp>
#include <attar/backend/default_backend.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/parallel.hpp>
#include <attar/model/cost.hpp>
#include <attar/model/program.hpp>

namespace attar {

/// At most so much of something that a program says: a type with
///
///     static constexpr std::string_view unit = "multiply-adds";
///     static constexpr bool folded = false;           // true: it is asked about the program with folded norms
///     double limit;
///     double spent(const Program& program) const;     // falls where channels are removed
template <class B>
concept CountedBudget = requires(const B& budget, const Program& program) {
  { B::unit } -> std::convertible_to<std::string_view>;
  { B::folded } -> std::convertible_to<bool>;
  { budget.limit } -> std::convertible_to<double>;
  { budget.spent(program) } -> std::convertible_to<double>;
};

/// At most so much of something that is measured when the network runs: a type with `unit` and `limit` as above and
///
///     double measure(const Program& folded, std::span<const float> parameters) const;
///
/// where norms are folded into convolutions, as `Engine` runs them.
template <class B>
concept MeasuredBudget = requires(const B& budget, const Program& program, std::span<const float> parameters) {
  { B::unit } -> std::convertible_to<std::string_view>;
  { budget.limit } -> std::convertible_to<double>;
  { budget.measure(program, parameters) } -> std::convertible_to<double>;
};

template <class B>
concept Budget = CountedBudget<B> || MeasuredBudget<B>;

/// What a network may cost at most: `budget::MultiplyAdds{2'000'000}`.
namespace budget {

/// Of convolutions and linear layers, for one image.
struct MultiplyAdds {
  static constexpr std::string_view unit = "multiply-adds";
  static constexpr bool folded = false;
  double limit = 0;

  [[nodiscard]] double spent(const Program& program) const {
    double sum = 0;
    for (const LayerRow& row : program.rows) sum += static_cast<double>(row.multiply_adds);
    return sum;
  }
};

/// Numbers that training changes.
struct Parameters {
  static constexpr std::string_view unit = "parameters";
  static constexpr bool folded = false;
  double limit = 0;

  [[nodiscard]] double spent(const Program& program) const {
    double sum = 0;
    for (const LayerRow& row : program.rows) sum += static_cast<double>(row.parameters);
    return sum;
  }
};

/// All tensors of the fp32 file, whose header comes to that.
struct Bytes {
  static constexpr std::string_view unit = "bytes";
  static constexpr bool folded = false;
  double limit = 0;

  [[nodiscard]] double spent(const Program& program) const {
    std::size_t numbers = 0;
    for (const Parameter& parameter : program.parameters) numbers += parameter.size;
    return static_cast<double>(numbers * sizeof(float));
  }
};

/// All tensors of the file of the network quantized by `Int8<PerChannel>`.
struct Int8Bytes {
  static constexpr std::string_view unit = "int8 bytes";
  static constexpr bool folded = true;
  double limit = 0;

  [[nodiscard]] double spent(const Program& program) const {
    std::size_t bytes = (sizeof(float) + 1) * program.values.size();  // The scale and the sign of each value.
    for (const Parameter& parameter : program.parameters) {
      const bool weight = parameter.role == Role::weight;
      bytes += weight ? parameter.size + sizeof(float) * static_cast<std::size_t>(parameter.dims[0])
                      : sizeof(float) * parameter.size;
    }
    return static_cast<double>(bytes);
  }
};

/// Of one image on one thread of this machine, by `Backend`: the median of `runs` measurements, each the median of its
/// calls. It holds for this machine, and for as long as nothing else keeps it busy.
template <class Backend = DefaultBackend>
struct MicrosecondsOn {
  static constexpr std::string_view unit = "microseconds";
  double limit = 0;
  int runs = 3;
  LatencyOptions each = {.repetitions = 300, .at_most = std::chrono::milliseconds{150}};

  [[nodiscard]] double measure(const Program& program, std::span<const float> parameters) const {
    const InferenceSession<Backend> session{program, parameters, 1, Threads{1}};
    auto context = session.make_context();
    AlignedBuffer<float> image{session.input_size()};
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i % 17) / 8.0F - 1.0F;
    AlignedBuffer<float> logits{session.output_size()};
    std::vector<double> times;
    for (int run = 0; run < std::max(runs, 1); ++run) {
      times.push_back(median_call_us([&] { session.run(image.data(), logits.data(), context); }, each));
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }
};
using Microseconds = MicrosecondsOn<>;

}  // namespace budget
}  // namespace attar
