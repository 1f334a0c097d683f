// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <string>

#include <attar/core/parallel.hpp>
#include <attar/core/version.hpp>

namespace attar {

/// What a measured figure needs beside it: "AMD EPYC, 2 threads, g++ 12.2.0, attar 0.1.0". The processor's name is read
/// from /proc/cpuinfo and is "unknown CPU" where there is none.
[[nodiscard]] inline std::string describe_machine() {
  std::string name = "unknown CPU";
  std::ifstream cpus{"/proc/cpuinfo"};
  for (std::string line; std::getline(cpus, line);) {
    if (line.starts_with("model name") && line.find(": ") != std::string::npos) {
      name = line.substr(line.find(": ") + 2);
      break;
    }
  }
#ifdef __clang__
  const std::string compiler = "clang " __clang_version__;
#else
  const std::string compiler = "g++ " __VERSION__;
#endif
  return name + ", " + std::to_string(thread_count()) + " threads, " + compiler + ", attar " +
         std::to_string(ATTAR_VERSION_MAJOR) + "." + std::to_string(ATTAR_VERSION_MINOR) + "." +
         std::to_string(ATTAR_VERSION_PATCH);
}

}  // namespace attar
