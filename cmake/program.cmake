# SPDX-License-Identifier: MIT
# What tests, examples and benchmarks link: the library with oneDNN where there is one, the warnings, and this machine's
# instructions where the compiler knows them.
#   attar_program        with attar::compiled, which takes minutes less to compile
#   attar_header_program with headers only, for the tests of just that
#   attar_native         this machine's instructions alone
include(CheckCXXCompilerFlag)

add_library(attar_native INTERFACE)
add_library(attar_program_flags INTERFACE)
target_link_libraries(attar_program_flags INTERFACE attar_warnings attar_native)
if(ATTAR_NATIVE)
  check_cxx_compiler_flag(-march=native ATTAR_HAS_MARCH_NATIVE)
  if(ATTAR_HAS_MARCH_NATIVE)
    target_compile_options(attar_native INTERFACE -march=native)
  else()
    message(WARNING "attar: the compiler does not know -march=native: built for a generic CPU, which is slower")
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Less garbage collection within the compiler: a seventh of its time, for some 300 MB.
  target_compile_options(attar_program_flags INTERFACE --param=ggc-min-heapsize=1048576)
endif()
target_link_libraries(attar_compiled PRIVATE attar_program_flags)

add_library(attar_program INTERFACE)
target_link_libraries(attar_program INTERFACE attar_program_flags attar_compiled)

add_library(attar_header_program INTERFACE)
target_link_libraries(attar_header_program INTERFACE attar_program_flags
                      $<IF:$<TARGET_EXISTS:attar::onednn>,attar_onednn,attar_attar>)
