// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace fashion {

/// How long the run may take.
enum class Length {
  quick,     ///< Under two minutes: shows that all works.
  standard,  ///< A quarter of an hour.
  longer,    ///< An hour at most: what the networks can reach.
};

/// What the command line says.
struct Options {
  Length length = Length::standard;
  std::uint64_t seed = 1;
  std::filesystem::path out = "fashion_mnist_out";
  std::filesystem::path data;  ///< Folder of the IDX files; empty: where the library looks by itself.
  std::string command;         ///< How the program was called, for the report.
  bool validate = false;       ///< Measure on 5,000 held-out training images instead of the test set.
};

}  // namespace fashion
