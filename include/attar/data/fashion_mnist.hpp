// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/data/dataset.hpp>
#include <attar/data/idx_dataset.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/io/file.hpp>

namespace attar {
namespace detail {

/// The file of that name in the folder, packed by gzip or not; empty if there is neither.
[[nodiscard]] inline std::string packed_or_plain(const std::string& folder, const std::string& name) {
  for (const char* suffix : {".gz", ""}) {
    std::string path = folder + "/" + name + suffix;
    if (exists(path)) return path;
  }
  return {};
}

/// Where the data sets of the user and of Debian's packages lie.
[[nodiscard]] inline std::vector<std::string> dataset_folders(const std::string& name) {
  std::vector<std::string> folders;
  if (const char* variable = std::getenv("ATTAR_DATA"); variable != nullptr && *variable != '\0')
    folders = {std::string{variable} + "/" + name, variable};
  folders.push_back("/usr/share/datasets/" + name);
  return folders;
}

}  // namespace detail

namespace datasets {

/// Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): 60,000 images to train with and 10,000 to test, 28 x 28 gray pixels,
/// 10 classes of clothing. The four files, packed or not, are looked for in `folder`, or, if that is empty, in
/// $ATTAR_DATA/fashion-mnist, in $ATTAR_DATA and where Debian's package dataset-fashion-mnist puts them. Throws
/// `Error`: `file_not_found` says where it looked and how to get the files; for damaged ones see `load_idx_dataset`.
[[nodiscard]] inline Split fashion_mnist(const std::string& folder = {}) {
  const auto folders = folder.empty() ? detail::dataset_folders("fashion-mnist") : std::vector{folder};
  const auto found = detail::find_if(folders, [](const std::string& candidate) {
    return !detail::packed_or_plain(candidate, "train-images-idx3-ubyte").empty();
  });
  if (found == folders.end()) {
    std::string searched;
    for (const auto& candidate : folders) searched += (searched.empty() ? "" : ", ") + candidate;
    raise(Error{ErrorCode::file_not_found, "Fashion-MNIST",
                "train-images-idx3-ubyte[.gz] in " + searched +
                    " (on Debian and Ubuntu: apt install dataset-fashion-mnist; elsewhere download the four files and "
                    "name their folder in the environment variable ATTAR_DATA)",
                "no such file"});
  }
  const auto load = [&](const std::string& part) {
    const auto file = [&](const std::string& name) {
      const std::string path = detail::packed_or_plain(*found, name);
      return path.empty() ? *found + "/" + name : path;
    };
    // Mean and deviation of all training pixels.
    return load_idx_dataset(file(part + "-images-idx3-ubyte"), file(part + "-labels-idx1-ubyte"), 10,
                            Normalization{{0.2860F}, {0.3530F}});
  };
  return {load("train"), load("t10k")};
}

}  // namespace datasets
}  // namespace attar
