# SPDX-License-Identifier: MIT
# Every dependency, once, with the oldest version that will do.
set(ATTAR_EIGEN_VERSION 3.4)
set(ATTAR_ONEDNN_VERSION 3.1)
set(ATTAR_RAPIDJSON_VERSION 1.1)

set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON) # so that a parent project can link what attar::attar links
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
set(THREADS_PREFER_PTHREAD_FLAG ON)

find_package(Eigen3 ${ATTAR_EIGEN_VERSION} REQUIRED CONFIG)
find_package(RapidJSON ${ATTAR_RAPIDJSON_VERSION} REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(xxHash REQUIRED)
find_package(OpenMP COMPONENTS CXX)
if(NOT OpenMP_CXX_FOUND)
  message(STATUS "attar: no OpenMP for ${CMAKE_CXX_COMPILER}: parallel loops run on one thread")
endif()

include(${CMAKE_CURRENT_LIST_DIR}/onednn.cmake)

if(ATTAR_BUILD_TESTS)
  find_package(GTest 1.12 REQUIRED)
  find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
endif()
if(ATTAR_BUILD_EXAMPLES OR ATTAR_BUILD_BENCHMARKS)
  find_package(CLI11 2.1 REQUIRED CONFIG)
  find_package(nlohmann_json 3.11 REQUIRED CONFIG) # for the results that they write
endif()
if(ATTAR_BUILD_BENCHMARKS)
  find_package(benchmark 1.7 REQUIRED CONFIG)
endif()
