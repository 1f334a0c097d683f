// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <attar/backend/kernels/convert_step.hpp>
#include <attar/backend/mixed_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/data/dataset.hpp>
#include <attar/model/fuse.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/mixed_model.hpp>
#include <attar/quantize/image_source.hpp>
#include <attar/train/accuracy.hpp>

namespace attar::detail {

/// The ratio of signal to quantization noise: 10 log10(sum of squares / sum of squared errors), in decibels.
class NoiseMeter {
 public:
  void add(float wanted, float found) {
    signal_ += double{wanted} * double{wanted};
    noise_ += (double{wanted} - double{found}) * (double{wanted} - double{found});
  }
  /// Infinite without noise, minus infinity without signal.
  [[nodiscard]] double decibels() const {
    if (noise_ == 0) return std::numeric_limits<double>::infinity();
    return 10 * std::log10(signal_ / noise_);
  }

 private:
  double signal_ = 0;
  double noise_ = 0;
};

/// Signal to noise of a layer's output and of the logits, in decibels.
struct MixNoise {
  double output_db = std::numeric_limits<double>::infinity();
  double logits_db = std::numeric_limits<double>::infinity();
};

/// A precision for every row of the layer table.
using RowPrecisions = std::vector<LayerPrecision>;

/// Tries assignments of precisions on images, on one thread at a time. A view of the two networks and the images.
template <class Backend>
class MixTrial {
 public:
  MixTrial(const Int8Model& int8, std::span<const float> parameters, LayerPrecision other, ImageSource images)
      : int8_{int8},
        parameters_{parameters},
        other_{other},
        images_{std::move(images)},
        rows_{precise_rows(fuse(int8.program, FuseFor::inference))} {}

  [[nodiscard]] const Program& program() const noexcept { return int8_.program; }
  /// What is not int8.
  [[nodiscard]] LayerPrecision other() const noexcept { return other_; }
  /// The rows of layers with weights, in order of execution.
  [[nodiscard]] const std::vector<int>& rows() const noexcept { return rows_; }
  [[nodiscard]] RowPrecisions all(LayerPrecision precision) const {
    return RowPrecisions(program().rows.size(), precision);
  }
  [[nodiscard]] MixedModel model(std::span<const LayerPrecision> precisions) const {
    return {int8_, parameters_, precisions};
  }

  /// In percent, on labelled images.
  [[nodiscard]] double accuracy(std::span<const LayerPrecision> precisions, const Dataset& data) const {
    return session_accuracy(MixedSession<Backend>{model(precisions), accuracy_batch(data)}, program(), data);
  }

  /// How far a mix is from the network in fp32: at the logits, and at the last value with weights of row `row` unless
  /// that is -1.
  [[nodiscard]] MixNoise noise(std::span<const LayerPrecision> precisions, int row = -1) const {
    const int batch = static_cast<int>(std::min<std::size_t>(32, images_.count()));
    Recorder& wanted = floats(batch);
    wanted.value = output_of(row);
    Recorder found{MixedSession<Backend>{model(precisions), batch}, output_of(row)};
    NoiseMeter output;
    NoiseMeter logits;
    AlignedBuffer<float> images{wanted.session.input_size()};
    const auto size = static_cast<std::size_t>(batch);
    const std::size_t classes = wanted.logits.size() / size;
    for (std::size_t first = 0; first < images_.count(); first += size) {
      const std::size_t present = std::min(size, images_.count() - first);
      images_(first, images.data(), present);
      if (row >= 0 || float_logits_.size() < (first + present) * classes) {
        wanted.run(images, int8_);
        if (float_logits_.size() == first * classes) {
          float_logits_.insert(float_logits_.end(), wanted.logits.begin(),
                               wanted.logits.begin() + static_cast<std::ptrdiff_t>(present * classes));
        }
      }
      found.run(images, int8_);
      if (row >= 0) compare(wanted.output, found.output, present, size, output);
      compare(std::span{float_logits_}.subspan(first * classes), found.logits, present, size, logits);
    }
    return {output.decibels(), logits.decibels()};
  }

 private:
  /// Runs a session and keeps one of its values as floats.
  struct Recorder {
    MixedSession<Backend> session;
    int value;
    typename MixedSession<Backend>::Context context = session.make_context();
    std::vector<float> logits = std::vector<float>(session.output_size());
    std::vector<float> output{};

    Recorder(MixedSession<Backend> of, int observed) : session{std::move(of)}, value{observed} {}

    void run(const AlignedBuffer<float>& images, const Int8Model& int8) {
      session.run(images.data(), logits.data(), context, [&](int seen, std::span<const std::byte> bytes) {
        if (seen != value) return;
        const LayerPrecision format = session.format(value);
        output.resize(bytes.size() / size_of(format));
        convert_numbers({format, LayerPrecision::fp32, int8.format(value)}, bytes.data(), output.size(),
                        reinterpret_cast<std::byte*>(output.data()));
      });
    }
  };

  static void compare(std::span<const float> wanted, const std::vector<float>& found, std::size_t present,
                      std::size_t batch, NoiseMeter& meter) {
    for (std::size_t i = 0; i < found.size() / batch * present; ++i) meter.add(wanted[i], found[i]);
  }

  /// The network in fp32, prepared once.
  [[nodiscard]] Recorder& floats(int batch) const {
    if (!floats_) floats_.emplace(MixedSession<Backend>{model(all(LayerPrecision::fp32)), batch}, -1);
    return *floats_;
  }

  [[nodiscard]] int output_of(int row) const {
    int value = -1;
    for (const Op& op : fuse(program(), FuseFor::inference).ops) {
      if (op.layer == row && has_own_precision(op)) value = op.output;
    }
    return value;
  }

  Int8Model int8_;
  std::span<const float> parameters_;
  LayerPrecision other_;
  ImageSource images_;
  std::vector<int> rows_;
  mutable std::optional<Recorder> floats_;
  mutable std::vector<float> float_logits_;  ///< Of the images so far: for these it need not run again.
};

}  // namespace attar::detail
