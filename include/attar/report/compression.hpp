// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <attar/io/compressed_file.hpp>
#include <attar/report/table.hpp>

namespace attar {

/// What a network takes in a file of `save_compressed`: a table by tensor and in all, with the bits per element, and
/// how many times smaller it is than the same numbers in fp32. Headers are not counted.
///
///     std::cout << compression_table(clustered.network);
template <class Model>
[[nodiscard]] std::string compression_table(const Model& model) {
  Table table{{"tensor", "encoding", "elements", "not zero", "share", "bytes", "bits", "ratio"}, 2};
  const auto add = [&](const CompressedTensor& row) {
    const auto bytes = static_cast<double>(row.bytes);
    const auto elements = static_cast<double>(row.elements);
    table.add({row.name, row.encoding, grouped(row.elements), grouped(row.non_zeros),
               share(row.non_zeros, row.elements), grouped(row.bytes), fixed(8 * bytes / elements, 2),
               fixed(sizeof(float) * elements / bytes, 1)});
  };
  CompressedTensor all;
  all.name = "all";
  for (const CompressedTensor& row : compressed_size(model)) {
    add(row);
    all.elements += row.elements;
    all.non_zeros += row.non_zeros;
    all.bytes += row.bytes;
  }
  table.add_rule();
  add(all);
  return table.text();
}

}  // namespace attar
