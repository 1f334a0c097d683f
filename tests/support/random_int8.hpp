// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "random_network.hpp"
#include <attar/backend/eigen.hpp>
#include <attar/model/int8_model.hpp>
#include <attar/quantize/calibrate.hpp>
#include <attar/quantize/min_max.hpp>
#include <attar/quantize/weights.hpp>

namespace attar::test {

/// The zero points of a random program: none, those that calibration finds, or any that may be.
enum class ZeroPoints { none, calibrated, any };
/// Each of them in turn, two at a time.
inline ZeroPoints zero_points_of(int i) {
  return static_cast<ZeroPoints>(i / 2 % 3);
}

/// A random program quantized on random images.
class RandomInt8 {
 public:
  RandomInt8(Seed seed, int operations = 8, bool per_channel = true, int weight_limit = 127,
             ZeroPoints zero_points = ZeroPoints::none)
      : random_{seed, operations}, calibration_{random_.images(4)} {
    const Program& program = random_.program();
    for (const Parameter& parameter : program.parameters) {
      const std::span<const float> numbers = std::span{random_.parameters()}.subspan(parameter.offset, parameter.size);
      if (parameter.role == Role::weight) {
        places_.push_back({weights_.size(), scales_.size()});
        weights_.resize(weights_.size() + parameter.size);
        scales_.resize(scales_.size() + (per_channel ? static_cast<std::size_t>(parameter.dims[0]) : 1));
        quantize_weights(numbers, weight_limit, std::span{weights_}.subspan(places_.back().numbers),
                         std::span{scales_}.subspan(places_.back().scales), "weight");
      } else {
        places_.push_back({floats_.size(), 0});
        floats_.insert(floats_.end(), numbers.begin(), numbers.end());
      }
    }
    const std::size_t size = program.input_shape().size();
    const auto statistics = gather_statistics<EigenBackend>(
        program, random_.parameters(), 4, [&](std::size_t first, float* to, std::size_t n) {
          std::copy_n(calibration_.data() + first * size, n * size, to);
        });
    const ActivationScales chosen = zero_points == ZeroPoints::none
                                        ? choose_scales<MinMax>(program, statistics)
                                        : choose_scales<MinMax, Asymmetric>(program, statistics);
    activation_scales_ = chosen.scales;
    signed_values_.assign(chosen.signed_values.begin(), chosen.signed_values.end());
    zero_points_ = chosen.zero_points;
    if (zero_points == ZeroPoints::any) draw_zero_points(seed);
    model_ = {program,        places_,     weights_,    scales_, floats_, activation_scales_,
              signed_values_, per_channel, zero_points_};
  }
  RandomInt8(const RandomInt8&) = delete;
  RandomInt8& operator=(const RandomInt8&) = delete;

  [[nodiscard]] const Int8Model& model() const { return model_; }
  [[nodiscard]] RandomNetwork& random() { return random_; }
  /// The four images that it was calibrated on.
  [[nodiscard]] const std::vector<float>& images() const { return calibration_; }

 private:
  /// Extreme ones more often than others. Poolings keep theirs, and what is never negative has none.
  void draw_zero_points(Seed seed) {
    Rng rng{seed, 7};
    const auto draw = [&] {
      return static_cast<std::uint8_t>(std::array{0U, 1U, 128U, 255U, rng.below(256)}[rng.below(5)]);
    };
    zero_points_[0] = draw();
    for (const Op& op : fuse(random_.program(), FuseFor::inference).ops) {
      std::uint8_t& zero_point = zero_points_[static_cast<std::size_t>(op.output)];
      const bool keeps = op.kind == OpKind::max_pool || op.kind == OpKind::flatten;
      zero_point = keeps ? zero_points_[static_cast<std::size_t>(op.operands[0])]
                         : (gives_non_negative(op.activation) ? std::uint8_t{0} : draw());
    }
  }

  RandomNetwork random_;
  std::vector<float> calibration_;
  std::vector<Int8Place> places_;
  std::vector<std::int8_t> weights_;
  std::vector<float> scales_;
  std::vector<float> floats_;
  std::vector<float> activation_scales_;
  std::vector<std::uint8_t> signed_values_;
  std::vector<std::uint8_t> zero_points_;
  Int8Model model_;
};

}  // namespace attar::test
