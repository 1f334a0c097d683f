# SPDX-License-Identifier: MIT
add_library(attar_warnings INTERFACE)
target_compile_options(attar_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 takes its own AVX-512 intrinsics, inlined from Eigen, for uses of uninitialized registers (GCC bug 105593), and
  # at -O3 a literal before a std::string for a copy onto itself (105651).
  target_compile_options(attar_warnings INTERFACE -Wno-uninitialized -Wno-maybe-uninitialized -Wno-restrict)
endif()
