# SPDX-License-Identifier: MIT
# attar_add_variants(<target> <engine maker> HEADER <file> SOURCES <files...> [VARIANTS <names...>])
#
# Compiles source files, which define an attar::EngineMaker, once for each of several sets of instructions, and adds all
# of that to a target of the same folder: the program holds every variant, and takes the best that the CPU can run. The
# header declares the engine maker (`extern const attar::EngineMaker<> student;`; <engine maker> may be in a namespace).
# Variants are named best first; all that the processor may have by default:
#   x86-64   avx512_vnni avx512 avx_vnni avx2 baseline
#   aarch64  dotprod baseline (Linux and Android)
#   others   baseline
# "baseline" is compiled as the target is. Include folders, definitions and options are the target's, but without
# link-time optimization and ATTAR_COMPILED.
#
# What the variants define has the same names in each of them, inline functions of the standard library included, of
# which a linker would keep one: the program would crash on a lesser CPU, or worse. So each variant is linked for itself
# and all of its names are hidden but that of the engine maker (isolate_variant.cmake, which also refuses what would run
# before the CPU is known). That is done with object files in ELF's format and GNU's or LLVM's tools.

# What compilers are told for a variant.
function(_attar_variant_options variable variant)
  set(avx512_vnni -march=x86-64-v4 -mavx512vnni)
  set(avx512 -march=x86-64-v4)
  set(avx_vnni -march=x86-64-v3 -mavxvnni)
  set(avx2 -march=x86-64-v3)
  set(dotprod -march=armv8.2-a+dotprod)
  set(baseline "")
  set(${variable} ${${variant}} PARENT_SCOPE)
endfunction()

# The names of all variants for the processor that is compiled for.
function(_attar_all_variants variable)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    set(all avx512_vnni avx512 avx_vnni avx2 baseline)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$" AND CMAKE_SYSTEM_NAME MATCHES "^(Linux|Android)$")
    set(all dotprod baseline)
  else()
    set(all baseline)
  endif()
  set(${variable} ${all} PARENT_SCOPE)
endfunction()

# What a linker calls the variable "name" or "space::name".
function(_attar_symbol variable name)
  string(REPLACE "::" ";" parts ${name})
  list(LENGTH parts count)
  if(count GREATER 1)
    set(symbol _ZN)
    foreach(part IN LISTS parts)
      string(LENGTH ${part} length)
      string(APPEND symbol ${length}${part})
    endforeach()
    string(APPEND symbol E)
  else()
    set(symbol ${name})
  endif()
  set(${variable} ${symbol} PARENT_SCOPE)
endfunction()

# Compiles the sources as one variant, and sets <variable> to the object file that comes out.
function(_attar_add_variant variable target maker variant sources)
  string(MAKE_C_IDENTIFIER "${target}_${maker}_${variant}" id)
  add_library(${id} OBJECT ${sources})
  foreach(property CXX_STANDARD CXX_STANDARD_REQUIRED CXX_EXTENSIONS POSITION_INDEPENDENT_CODE)
    get_target_property(value ${target} ${property})
    if(NOT value MATCHES "-NOTFOUND$")
      set_target_properties(${id} PROPERTIES ${property} ${value})
    endif()
  endforeach()
  set_target_properties(${id} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
  target_link_libraries(${id} PRIVATE $<TARGET_PROPERTY:${target},LINK_LIBRARIES>)
  target_include_directories(${id} PRIVATE $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
  target_compile_definitions(${id} PRIVATE $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>)
  target_compile_features(${id} PRIVATE $<TARGET_PROPERTY:${target},COMPILE_FEATURES>)
  # The variant's own options come last: of several -march compilers take the last one. Objects that hold code for the
  # linker to compile cannot be isolated, nor GNU's unique symbols. How vectors are passed is nobody else's business.
  _attar_variant_options(own ${variant})
  target_compile_options(${id} PRIVATE $<TARGET_PROPERTY:${target},COMPILE_OPTIONS> ${own} -fno-lto -UATTAR_COMPILED -Wno-psabi
                                       $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # It warns of its own AVX-512 intrinsics (GCC bug 105593).
    target_compile_options(${id} PRIVATE -Wno-uninitialized -Wno-maybe-uninitialized)
  endif()

  _attar_symbol(symbol ${maker})
  _attar_symbol(renamed ${maker}_${variant})
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${id}${CMAKE_CXX_OUTPUT_EXTENSION})
  set(script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/isolate_variant.cmake)
  set(linker ${CMAKE_CXX_COMPILER} ${CMAKE_CXX_COMPILER_ARG1})
  if(CMAKE_CXX_COMPILER_TARGET)
    list(APPEND linker ${CMAKE_CXX_COMPILE_OPTIONS_TARGET}${CMAKE_CXX_COMPILER_TARGET})
  endif()
  add_custom_command(OUTPUT ${object}
                     COMMAND ${CMAKE_COMMAND} "-DLINKER=${linker}" -DOBJCOPY=${CMAKE_OBJCOPY} -DOBJDUMP=${CMAKE_OBJDUMP}
                             -DNM=${CMAKE_NM} -DMAKER=${maker} -DVARIANT=${variant} -DSYMBOL=${symbol}
                             -DRENAMED=${renamed} -DOUTPUT=${object} -P ${script} $<TARGET_OBJECTS:${id}>
                     DEPENDS $<TARGET_OBJECTS:${id}> ${script}
                     COMMENT "Isolating the variant ${variant} of ${maker}" COMMAND_EXPAND_LISTS VERBATIM)
  add_dependencies(${target} ${id}) # Makefiles do not see it by themselves.
  set(${variable} ${object} PARENT_SCOPE)
endfunction()

# Writes the source file that defines the engine maker as the choice among its variants.
function(_attar_write_choice file maker header variants)
  string(REGEX MATCH "^(.*)::" _ ${maker})
  set(namespace "${CMAKE_MATCH_1}")
  string(REGEX REPLACE "^.*::" "" name ${maker})
  set(declarations "")
  set(rows "")
  foreach(variant IN LISTS variants)
    string(APPEND declarations "extern decltype(${name}) ${name}_${variant};\n")
    string(APPEND rows "\n    {\"${variant}\", &${name}_${variant}},")
  endforeach()
  set(text "// Written by attar_add_variants.\n#include \"${header}\"\n\n")
  if(namespace)
    string(APPEND text "namespace ${namespace} {\n\n")
  endif()
  string(APPEND text "${declarations}\nstatic constexpr decltype(${name})::Variant ${name}_variants[]{${rows}\n};\n"
                     "decltype(${name}) ${name}{${name}_variants};\n")
  if(namespace)
    string(APPEND text "\n}  // namespace ${namespace}\n")
  endif()
  file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
endfunction()

function(attar_add_variants target maker)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "HEADER" "SOURCES;VARIANTS")
  _attar_all_variants(all)
  set(variants ${arg_VARIANTS})
  if(NOT variants)
    set(variants ${all})
  endif()
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_HEADER OR NOT arg_SOURCES)
    message(FATAL_ERROR "attar_add_variants(<target> <engine maker> HEADER <file> SOURCES <files...> [VARIANTS <names...>])")
  endif()
  get_target_property(folder ${target} SOURCE_DIR)
  if(NOT folder STREQUAL CMAKE_CURRENT_SOURCE_DIR)
    message(FATAL_ERROR "attar_add_variants: ${target} is of ${folder}; call it there")
  endif()
  if(NOT CMAKE_EXECUTABLE_FORMAT STREQUAL "ELF")
    message(FATAL_ERROR "attar_add_variants isolates variants in object files of ELF's format, and ${CMAKE_SYSTEM_NAME} "
                        "has others. Add ${arg_SOURCES} to ${target} as it is: the engine maker then has one form.")
  endif()
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(multi_config)
    message(FATAL_ERROR "attar_add_variants is for generators of one configuration, and not for ${CMAKE_GENERATOR}")
  endif()
  foreach(variant IN LISTS variants)
    if(NOT variant IN_LIST all)
      message(FATAL_ERROR "attar_add_variants: there is no variant \"${variant}\" for ${CMAKE_SYSTEM_PROCESSOR}, only: ${all}")
    endif()
  endforeach()
  foreach(tool OBJCOPY OBJDUMP NM)
    if(NOT CMAKE_${tool})
      message(FATAL_ERROR "attar_add_variants needs ${tool} of the compiler's binutils: set CMAKE_${tool}")
    endif()
  endforeach()

  foreach(variant IN LISTS variants)
    _attar_add_variant(object ${target} ${maker} ${variant} "${arg_SOURCES}")
    target_sources(${target} PRIVATE ${object})
    set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  endforeach()
  string(MAKE_C_IDENTIFIER "${target}_${maker}_variants" id)
  set(choice ${CMAKE_CURRENT_BINARY_DIR}/${id}.cpp)
  cmake_path(ABSOLUTE_PATH arg_HEADER NORMALIZE)
  _attar_write_choice(${choice} ${maker} ${arg_HEADER} "${variants}")
  target_sources(${target} PRIVATE ${choice})
endfunction()
