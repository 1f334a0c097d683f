#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs tests of the kernels that compilers make for a CPU (-march) on that CPU, as run.sh emulates it.
#   tests/avx512/kernels.sh CPU MARCH [TEST...]
# For example sapphire_rapids sapphirerapids, corei7_icelake_u icelake-server, arrow_lake alderlake. Tests are files that
# need neither oneDNN nor the tests' support.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '/^# Runs/,/^[^#]/{/^#/s/^# //p}' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
backend=$here/../backend
cpu=$1
march=$2
shift 2
tests=("$@")
if [ $# = 0 ]; then
  for name in dot narrow_dot product int8_product float_product int8_output depthwise; do
    tests+=("$backend/embedded/$name.test.cpp")
  done
  for name in vector int8_vector int8_pairs byte_pairs int8_tile micro_product convert_step; do
    tests+=("$backend/kernels/$name.test.cpp")
  done
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
g++ -std=c++20 -O2 -march="$march" -w -I"$here/../../include" -isystem /usr/include/eigen3 "${tests[@]}" \
  -o "$out/kernels" -lgtest_main -lgtest
"$here/run.sh" "$cpu" "$out/kernels"
