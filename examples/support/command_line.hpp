// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <string>

namespace study {

/// How the program was called, to be called so again: its arguments, behind the variables on which figures depend.
[[nodiscard]] inline std::string command_line(int argc, char** argv) {
  std::string text;
  for (const char* variable : {"OMP_NUM_THREADS", "OMP_WAIT_POLICY", "ONEDNN_MAX_CPU_ISA"}) {
    if (const char* value = std::getenv(variable)) text += std::string{variable} + "=" + value + " ";
  }
  for (int i = 0; i < argc; ++i) text += (i > 0 ? " " : "") + std::string{argv[i]};
  return text;
}

}  // namespace study
