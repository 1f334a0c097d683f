// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "random_int8.hpp"
#include <attar/model/int8_simulation.hpp>
#include <attar/model/program.hpp>
#include <attar/model/quantizers.hpp>

namespace attar::test {

/// A random quantized program as one that is quantization-aware, with the same quantizers.
class RandomAware {
 public:
  RandomAware(Seed seed, bool per_channel, int weight_limit, ZeroPoints zero_points)
      : random_{seed, 9, per_channel, weight_limit, zero_points}, parameters_table_{parameters_of(random_)} {
    const Program& plain = random_.model().program;
    const bool asymmetric = zero_points != ZeroPoints::none;
    simulation_ = {.weight_limit = weight_limit,
                   .per_channel = per_channel,
                   .weights = LimitRule::learn,
                   .activations = LimitRule::learn,
                   .weight_limits = {}};
    weight_limits_.resize(plain.parameters.size(), -1);
    for (std::size_t i = 0; i < plain.parameters.size(); ++i) {
      if (plain.parameters[i].role != Role::weight) continue;
      weight_limits_[i] = add(per_channel ? plain.parameters[i].dims[0] : 1);
    }
    simulation_.activation_limits = add(static_cast<int>(plain.values.size()));
    (asymmetric ? simulation_.activation_offsets : simulation_.activation_signs) =
        add(static_cast<int>(plain.values.size()));
    weight_limits_.resize(parameters_table_.size(), -1);
    simulation_.weight_limits = weight_limits_;
    const detail::BufferSizes sizes = detail::place_parameters(parameters_table_);
    program_ = {plain.ops,       plain.values, parameters_table_, plain.rows,  plain.output,
                sizes.trainable, sizes.all,    plain.fingerprint, &simulation_};
    numbers_.resize(sizes.all);
    fill();
  }
  RandomAware(const RandomAware&) = delete;
  RandomAware& operator=(const RandomAware&) = delete;

  [[nodiscard]] const Program& program() const { return program_; }
  [[nodiscard]] std::span<float> parameters() { return numbers_; }
  [[nodiscard]] std::vector<float> images(int batch) { return random_.random().images(batch); }

 private:
  static std::vector<Parameter> parameters_of(const RandomInt8& random) {
    const std::span<const Parameter> all = random.model().program.parameters;
    return {all.begin(), all.end()};
  }
  int add(int size) {
    parameters_table_.push_back(
        {.role = Role::limit, .dims = {size}, .rank = 1, .size = static_cast<std::size_t>(size)});
    return static_cast<int>(parameters_table_.size()) - 1;
  }
  [[nodiscard]] std::span<float> tensor(int index) {
    const Parameter& parameter = program_.parameter(index);
    return std::span{numbers_}.subspan(parameter.offset, parameter.size);
  }

  void fill() {
    const Int8Model& model = random_.model();
    for (std::size_t i = 0; i < model.program.parameters.size(); ++i) {
      const Parameter& from = model.program.parameters[i];
      const auto index = static_cast<int>(i);
      std::copy_n(random_.random().parameters().data() + from.offset, from.size, tensor(index).begin());
      if (weight_limits_[i] < 0) continue;
      const std::span<float> limits = tensor(weight_limits_[i]);
      for (std::size_t c = 0; c < limits.size(); ++c) {
        limits[c] = model.weight_scale(index, static_cast<int>(c)) * static_cast<float>(simulation_.weight_limit);
      }
    }
    for (std::size_t v = 0; v < model.program.values.size(); ++v) {
      const Int8Format format = model.format(static_cast<int>(v));
      const auto levels = static_cast<float>(detail::activation_levels(format.is_signed));
      tensor(simulation_.activation_limits)[v] = format.scale * levels;
      if (simulation_.activation_offsets < 0) {
        tensor(simulation_.activation_signs)[v] = format.is_signed ? 1.0F : 0.0F;
      } else {
        tensor(simulation_.activation_offsets)[v] = -static_cast<float>(format.zero_point) * format.scale;
      }
    }
  }

  RandomInt8 random_;
  std::vector<Parameter> parameters_table_;
  std::vector<int> weight_limits_;
  Int8Simulation simulation_;
  Program program_;
  std::vector<float> numbers_;
};

}  // namespace attar::test
