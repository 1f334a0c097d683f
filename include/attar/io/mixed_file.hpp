// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/dtype.hpp>
#include <attar/core/error.hpp>
#include <attar/io/model_file.hpp>
#include <attar/io/safetensors.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/mixed_network.hpp>
#include <attar/model/named_tensors.hpp>

namespace attar {

namespace detail {

/// A mixed network whose precisions are known, as `load_into` wants it.
template <class Mixed>
struct ArrangedNetwork {
  static constexpr const auto& program = Mixed::program;
  Mixed& network;

  friend std::vector<NamedTensor<std::byte>> named_tensors(ArrangedNetwork& arranged) {
    return arranged.network.stored();
  }
};

/// The precision of each row of the layer table, as a file says it.
template <std::size_t Rows>
std::array<LayerPrecision, Rows> stored_precisions(const SafetensorsFile& file, const std::string& subject) {
  const StoredTensor* tensor = file.find("precision");
  if (tensor == nullptr || tensor->dtype != DType::u8 || tensor->data.size() != Rows) {
    raise(Error{ErrorCode::architecture_mismatch, subject, "a tensor 'precision' of " + std::to_string(Rows) + " bytes",
                tensor == nullptr ? "none" : printable(tensor->type) + shape_text(tensor->shape)});
  }
  std::array<LayerPrecision, Rows> precisions{};
  for (std::size_t row = 0; row < Rows; ++row) {
    const auto number = std::to_integer<unsigned>(tensor->data[row]);
    if (number > static_cast<unsigned>(LayerPrecision::fp32)) {
      raise(Error{ErrorCode::invalid_data, subject + ", precision[" + std::to_string(row) + "]",
                  "0 (int8), 1 (bf16) or 2 (fp32)", std::to_string(number)});
    }
    precisions[row] = static_cast<LayerPrecision>(number);
  }
  return precisions;
}

}  // namespace detail

/// Fills a mixed network from an open file, whose tensor "precision" says which others there are; `load` calls it.
/// Throws `Error` and leaves `model` as it was: `architecture_mismatch` as for other networks, `invalid_data` for an
/// unknown precision and for scales that are zero, negative or not finite.
template <class A, class Scheme>
void load_into(MixedNetwork<A, Scheme>& model, const SafetensorsFile& file, const std::string& subject) {
  MixedNetwork<A, Scheme> filled;
  filled.arrange(detail::stored_precisions<A::program.rows.size()>(file, subject));
  detail::ArrangedNetwork<MixedNetwork<A, Scheme>> arranged{filled};
  load_into(arranged, file, subject);
  filled.widen();
  filled.model().int8.validate();
  model = std::move(filled);
}

}  // namespace attar
