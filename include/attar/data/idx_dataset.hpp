// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/core/shape.hpp>
#include <attar/data/dataset.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/idx.hpp>

namespace attar {

/// Makes a data set of two IDX files, plain or packed by gzip: images {count, rows, columns} or {count, rows, columns,
/// channels} and labels {count}. Throws `Error` as `read_idx` does, and with `invalid_data` if the files do not belong
/// to each other or a label is not in [0, classes).
[[nodiscard]] inline Dataset load_idx_dataset(const std::string& images, const std::string& labels, int classes,
                                              Normalization normalization) {
  auto pixels = read_idx(images);
  const auto names = read_idx(labels);
  const auto require = [](bool condition, const std::string& path, std::string expected, std::string found) {
    if (!condition) raise(Error{ErrorCode::invalid_data, path, std::move(expected), std::move(found)});
  };
  const auto& sizes = pixels.sizes;
  require(sizes.size() == 3 || sizes.size() == 4, images, "images: 3 or 4 dimensions", std::to_string(sizes.size()));
  require(names.sizes.size() == 1, labels, "labels: 1 dimension", std::to_string(names.sizes.size()));
  require(names.sizes[0] == sizes[0], labels, std::to_string(sizes[0]) + " labels, one per image",
          std::to_string(names.sizes[0]));
  const auto wrong = detail::find_if(names.values, [&](int label) { return label >= classes; });
  if (wrong != names.values.end())
    require(false, labels, "labels from 0 to " + std::to_string(classes - 1),
            std::to_string(*wrong) + " for image " + std::to_string(wrong - names.values.begin()));
  const Shape shape{sizes.size() == 4 ? sizes[3] : 1, sizes[1], sizes[2]};
  return Dataset{
      shape, classes, std::move(pixels.values), {names.values.begin(), names.values.end()}, std::move(normalization)};
}

}  // namespace attar
