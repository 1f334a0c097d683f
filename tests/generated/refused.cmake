# SPDX-License-Identifier: MIT
# A header with constants is refused once one of its numbers, or its architecture, is another.
#   cmake -P refused.cmake <header> <folder> <compiler and its flags...>
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE 3 ${last})
  list(APPEND arguments "${CMAKE_ARGV${i}}")
endforeach()
list(POP_FRONT arguments header folder)
file(READ ${header} text)

# try(<name> <pattern> <replacement> <message>): without a message the changed header must compile.
function(try name pattern replacement message)
  string(REGEX REPLACE "${pattern}" "${replacement}" changed "${text}")
  if(message AND changed STREQUAL text)
    message(FATAL_ERROR "${name}: nothing was changed")
  endif()
  file(WRITE ${folder}/${name}.cpp "${changed}")
  execute_process(COMMAND ${arguments} -fsyntax-only ${folder}/${name}.cpp
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(message)
    if(result EQUAL 0 OR NOT output MATCHES "${message}")
      message(FATAL_ERROR "${name}: expected \"${message}\", found ${result}:\n${output}")
    endif()
  elseif(NOT result EQUAL 0)
    message(FATAL_ERROR "${name}: does not compile:\n${output}")
  endif()
endfunction()

set(ENV{LC_ALL} C)
string(REPLACE "#pragma once" "" text "${text}")
try(unchanged "#include <cstdint>" "#include <cstdint>" "")
set(first_word "( weights[^{]*{\n)(0x[0-9a-f]+),")
try(weight "${first_word}" "\\1\\2 ^ 256," "weights are not as they were written")
try(missing "${first_word}" "\\1" "weights are not as they were written")
try(scale "( weight_scales[^{]*{\n)([^,]*)," "\\1\\2 * 1.5F," "weight_scales are not as they were written")
try(architecture "attar::Linear<7" "attar::Linear<6" "is not the architecture that this file was written for")
