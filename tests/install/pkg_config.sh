# SPDX-License-Identifier: MIT
# Builds and runs a program with what pkg-config says alone: pkg_config.sh <compiler> <source> <program>
set -eu
flags=$(pkg-config --cflags --libs attar)
# shellcheck disable=SC2086 # the flags are several words
"$1" -std=c++20 "$2" $flags -o "$3"
"$3"
