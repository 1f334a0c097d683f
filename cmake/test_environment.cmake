# SPDX-License-Identifier: MIT
# Read by ctest before it runs tests, which all inherit it. Two tests run at once on two cores: waiting threads must sleep,
# not spin, which takes ten times as long. (As a property, gtest_discover_tests keeps the first variable only.)
set(ENV{OMP_NUM_THREADS} 2)
set(ENV{OMP_WAIT_POLICY} PASSIVE)
