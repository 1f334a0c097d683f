# SPDX-License-Identifier: MIT
# attar_program: what each test, example and benchmark links: the library with oneDNN where there is one, the warnings,
# and this machine's instructions where the compiler knows them.
include(CheckCXXCompilerFlag)

add_library(attar_program INTERFACE)
target_link_libraries(attar_program INTERFACE attar_warnings)
if(TARGET attar::onednn)
  target_link_libraries(attar_program INTERFACE attar::onednn)
else()
  target_link_libraries(attar_program INTERFACE attar::attar)
endif()

if(ATTAR_NATIVE)
  check_cxx_compiler_flag(-march=native ATTAR_HAS_MARCH_NATIVE)
  if(ATTAR_HAS_MARCH_NATIVE)
    target_compile_options(attar_program INTERFACE -march=native)
  else()
    message(WARNING "attar: the compiler does not know -march=native: built for a generic CPU, which is slower")
  endif()
endif()
