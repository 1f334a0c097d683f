# SPDX-License-Identifier: MIT
# Links the objects of one variant of an engine maker into one, in which every name is hidden but that of the maker,
# which gets a name of its own. Refuses variants that could run before it is known whether the CPU can run them.
#   cmake -DLINKER=... -DOBJCOPY=... -DOBJDUMP=... -DNM=... -DMAKER=<for people> -DVARIANT=<for people>
#         -DSYMBOL=<of the maker> -DRENAMED=<to> -DOUTPUT=<object file> -P isolate_variant.cmake <object files...>
math(EXPR last "${CMAKE_ARGC} - 1")
set(objects "")
set(script_seen FALSE)
foreach(i RANGE ${last})
  if(script_seen)
    list(APPEND objects "${CMAKE_ARGV${i}}")
  elseif(CMAKE_ARGV${i} MATCHES "isolate_variant.cmake$")
    set(script_seen TRUE)
  endif()
endforeach()

function(fail text)
  file(REMOVE ${OUTPUT})
  message(FATAL_ERROR "The variant \"${VARIANT}\" of ${MAKER}: ${text}")
endfunction()

function(run variable)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE error)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    fail("this failed:\n${command}\n${error}")
  endif()
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

# Without groups, of which the linker would keep one for all variants.
set(whole ${OUTPUT}.whole)
run(_ ${LINKER} -r -nostdlib -Wl,--force-group-allocation -o ${whole} ${objects})
run(names ${NM} --defined-only --extern-only ${whole})
if(NOT names MATCHES " [A-Z] ${SYMBOL}\n")
  fail("its sources do not define ${MAKER}, or do not include the header that declares it.")
endif()

# What all variants and the program share is data: what types are called, so that exceptions are caught across, what
# programs without exceptions do about errors, and what the CPU said of itself.
set(data "_ZT[IS][^\n]*|_ZN5attar6detail(13error_handler|18known_instructions)E")
string(REGEX MATCHALL " [A-Z] (${data})\n" shared "${names}")
list(TRANSFORM shared REPLACE "^ [A-Z] " "")
list(JOIN shared "" shared)
file(WRITE ${OUTPUT}.shared "${shared}")
run(_ ${OBJCOPY} --keep-global-symbol=${SYMBOL} --keep-global-symbols=${OUTPUT}.shared
      --weaken-symbols=${OUTPUT}.shared ${whole} ${OUTPUT})
run(_ ${OBJCOPY} --redefine-sym ${SYMBOL}=${RENAMED} ${OUTPUT})
file(REMOVE ${whole} ${OUTPUT}.shared)

run(sections ${OBJDUMP} --section-headers ${OUTPUT})
if(sections MATCHES "[.](preinit_array|init_array|ctors|fini_array|dtors)")
  fail("it holds code that runs before main (${CMAKE_MATCH_0}), on CPUs without its instructions too. Look for variables
  of static storage that are not constants, <iostream> among them, and for sanitizers and profilers.")
endif()
run(left ${NM} --defined-only --extern-only ${OUTPUT})
string(REGEX REPLACE "[^\n]* (${RENAMED}|[VW] (${data}))\n" "" left "${left}")
if(NOT left STREQUAL "")
  fail("names are left that other variants have, too:\n${left}")
endif()
