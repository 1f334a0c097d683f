# SPDX-License-Identifier: MIT
# Finds oneDNN (DNNL::dnnl): the user's own by dnnl_DIR or CMAKE_PREFIX_PATH, then the system's, then the one that
# cmake/setup.sh put into .deps. One that is too old is never taken, and never passed over in silence either.
if(NOT ATTAR_ONEDNN MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "ATTAR_ONEDNN is \"${ATTAR_ONEDNN}\"; it must be AUTO, ON or OFF.")
endif()
if(ATTAR_ONEDNN STREQUAL "OFF")
  message(STATUS "attar: oneDNN backend off (ATTAR_ONEDNN=OFF)")
  return()
endif()

# What the user asked for (or an earlier run found) must not be replaced by another one without a word.
set(onednn_asked_for "${dnnl_DIR}")
if(NOT onednn_asked_for)
  set(onednn_asked_for "$ENV{dnnl_DIR}")
endif()
if(onednn_asked_for AND NOT IS_DIRECTORY "${onednn_asked_for}")
  message(WARNING "attar: dnnl_DIR is ${onednn_asked_for}, which is no folder; looking elsewhere")
endif()

find_package(dnnl ${ATTAR_ONEDNN_VERSION} CONFIG QUIET)
set(onednn_configs ${dnnl_CONSIDERED_CONFIGS})
set(onednn_versions ${dnnl_CONSIDERED_VERSIONS})
if(NOT dnnl_FOUND)
  find_package(dnnl ${ATTAR_ONEDNN_VERSION} CONFIG QUIET PATHS ${PROJECT_SOURCE_DIR}/.deps/onednn NO_DEFAULT_PATH)
endif()
if(dnnl_FOUND AND IS_DIRECTORY "${onednn_asked_for}")
  file(REAL_PATH "${onednn_asked_for}" asked_for)
  file(REAL_PATH "${dnnl_DIR}" found)
  if(NOT found STREQUAL asked_for)
    set(dnnl_FOUND FALSE)
  endif()
endif()

set(onednn_ways "  - cmake/setup.sh            (Debian 12 and 13: gets a fitting one by itself)
  - conda install -c conda-forge onednn        then -DCMAKE_PREFIX_PATH=$CONDA_PREFIX
  - vcpkg install onednn                       then its toolchain file
  - build it from https://github.com/uxlfoundation/oneDNN  then -Ddnnl_DIR=<prefix>/lib/cmake/dnnl
  - -DATTAR_ONEDNN=OFF                         to do without it")
if(dnnl_FOUND)
  message(STATUS "attar: oneDNN ${dnnl_VERSION} (${dnnl_DIR})")
elseif(onednn_configs) # the first one is what was asked for, if anything was
  list(GET onednn_configs 0 onednn_config)
  list(GET onednn_versions 0 onednn_version)
  unset(dnnl_DIR CACHE)
  message(FATAL_ERROR "oneDNN ${onednn_version} (${onednn_config}) is not for attar, which needs ${ATTAR_ONEDNN_VERSION} or "
                      "newer of version 3. Ways to get one:\n${onednn_ways}")
elseif(ATTAR_ONEDNN STREQUAL "ON")
  message(FATAL_ERROR "No oneDNN found, and ATTAR_ONEDNN is ON: attar needs ${ATTAR_ONEDNN_VERSION} or newer of "
                      "version 3. Ways to get one:\n${onednn_ways}")
else()
  message(STATUS "attar: no oneDNN found: no attar::onednn, and nothing that needs it is built. Ways to get one:\n${onednn_ways}")
endif()
