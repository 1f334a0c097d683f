// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <attar/detail/compiled.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/few_bits.hpp>
#include <attar/io/model_file.hpp>
#include <attar/io/safetensors.hpp>
#include <attar/model/named_tensors.hpp>

namespace attar::detail {

ATTAR_INLINE std::string differences(const std::vector<NamedTensor<std::byte>>& wanted, const SafetensorsFile& file) {
  std::string text;
  for (const NamedTensor<std::byte>& tensor : wanted) {
    const StoredTensor* stored = file.find(tensor.name);
    const std::string type{safetensors_name(stored_dtype(tensor))};
    const std::string packed = tensor.bits == 0 ? "" : packed_text(tensor);
    if (stored == nullptr) {
      text += "\n  " + tensor.name + ": missing";
    } else if (stored->dtype != stored_dtype(tensor) || stored->shape != stored_shape(tensor)) {
      text += "\n  " + tensor.name + ": expected " + type + shape_text(stored_shape(tensor)) + ", found " +
              printable(stored->type) + shape_text(stored->shape);
    } else if (const auto found = file.metadata(std::string{packed_key} + tensor.name).value_or(""); found != packed) {
      text += "\n  " + tensor.name + ": expected packed weights of '" + packed + "', found '" + printable(found) + "'";
    }
  }
  for (const StoredTensor& stored : file.tensors()) {
    const bool known = any_of(wanted, [&](const auto& t) { return t.name == stored.name; });
    // PyTorch counts batches in a number that no computation needs.
    if (!known && !stored.name.ends_with("num_batches_tracked")) {
      text += "\n  " + printable(stored.name) + ": not in the architecture";
    }
  }
  return text;
}

}  // namespace attar::detail
