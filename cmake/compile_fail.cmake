# SPDX-License-Identifier: MIT
# Compiles one file of tests/compile_fail, its rejected half: it must fail, with the tag in its `// attar[E000]` line as the
# only attar tag among the errors.
#   cmake -P compile_fail.cmake <source> <compiler and its flags...>
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE 3 ${last})
  list(APPEND arguments "${CMAKE_ARGV${i}}")
endforeach()
list(POP_FRONT arguments source)

file(STRINGS ${source} tag_line REGEX "^// attar\\[E[0-9][0-9][0-9]\\]" LIMIT_COUNT 1)
if(NOT tag_line MATCHES "^// (attar.E[0-9][0-9][0-9].)")
  message(FATAL_ERROR "${source}: no line \"// attar[E000]\" says which tag is expected")
endif()
set(tag "${CMAKE_MATCH_1}")

set(ENV{LC_ALL} C)
execute_process(COMMAND ${arguments} -fsyntax-only ${source} RESULT_VARIABLE result OUTPUT_VARIABLE output
                ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "the rejected half compiles; ${tag} was expected")
endif()

# Without brackets and semicolons, which mean something to CMake's lists.
string(REGEX REPLACE "[][;]" "_" text "${output}")
string(REGEX REPLACE "[][]" "_" expected "${tag}")
string(REGEX MATCHALL "error:[^\n]*attar_E[0-9][0-9][0-9]_" found "${text}")
list(TRANSFORM found REPLACE ".*(attar_E[0-9][0-9][0-9]_)$" "\\1")
list(REMOVE_DUPLICATES found)
if(NOT found STREQUAL expected)
  message(FATAL_ERROR "the rejected half fails as it should, but with \"${found}\" instead of ${tag}:\n${output}")
endif()
