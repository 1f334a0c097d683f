#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what building attar needs and what is not there yet, on Debian 12 and 13. Needs root or sudo where packages
# are missing. Can be repeated and interrupted at any time. Ends with one line that says how it went.
# Exit codes: 0 all is there, 1 something failed, 2 this system or this call is not supported.
set -euo pipefail

onednn_minimum=3.1
# Debian 12 has oneDNN 2.6; these wheels hold 3.2 for GNU OpenMP: library, headers, CMake package.
onednn_wheels="onednn-cpu-gomp==2023.2.0 --hash=sha256:2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb
onednn-devel-cpu-gomp==2023.2.0 --hash=sha256:9763c69e8c907e119056bd52ad918ca84ac9ba939d130a99dfa95ccca3e5e284"
packages=(ca-certificates g++ cmake ninja-build pkg-config python3 libeigen3-dev rapidjson-dev zlib1g-dev libxxhash-dev
          nlohmann-json3-dev libgtest-dev libbenchmark-dev libcli11-dev dataset-fashion-mnist)
# What tests/phone compiles for other processors with, and runs it by.
phone_packages=(g++-aarch64-linux-gnu g++-arm-linux-gnueabihf g++-riscv64-linux-gnu qemu-user)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=$root/.deps
onednn=$deps/onednn

failure="see above"
work=
stop() { # stop <exit code> <message>
  failure=$2
  exit "$1"
}
at_exit() {
  local code=$?
  rm -rf ${work:+"$work"}
  [ "$code" -eq 0 ] && return
  printf 'attar: set-up failed: %s\n' "$failure" >&2
  [ "$failure" != "see above" ] || exit 1 # whatever number the tool that failed gave
}
trap at_exit EXIT
trap 'stop 130 "interrupted; run it again to go on"' INT TERM HUP

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

fits() { [ -n "$1" ] && dpkg --compare-versions "$1" ge "$onednn_minimum" && dpkg --compare-versions "$1" lt 4; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    stop 2 "packages are missing, and this is neither root nor is there sudo. Missing: ${missing[*]}"
  fi
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@"; }

onednn_there() {
  if [ -n "${dnnl_DIR:-}" ]; then
    onednn_from="yours, $dnnl_DIR"
  elif installed libdnnl-dev && fits "$(dpkg-query -W -f '${Version}' libdnnl-dev)"; then
    onednn_from="libdnnl-dev $(dpkg-query -W -f '${Version}' libdnnl-dev)"
  elif [ -e "$onednn/lib/cmake/dnnl/dnnl-config.cmake" ]; then
    onednn_from="${onednn#"$root"/}"
  else
    return 1
  fi
}

# Downloads the wheels and merges them into one prefix, which appears under its name only when it is whole.
fetch_onednn() {
  printf 'attar: oneDNN 3.2 goes to %s\n' "${onednn#"$root"/}"
  rm -rf "$deps"/unfinished.* # of runs that were killed
  mkdir -p "$deps"
  work=$(mktemp -d "$deps/unfinished.XXXXXX")
  printf '%s\n' "$onednn_wheels" >"$work/requirements.txt"
  python3 -m pip download --no-deps --only-binary :all: --require-hashes --dest "$work" --requirement "$work/requirements.txt"
  mkdir "$work/onednn"
  for wheel in "$work"/*.whl; do
    python3 -m zipfile -e "$wheel" "$work/unpacked"
  done
  cp -r "$work"/unpacked/*.data/data/. "$work/onednn"
  (cd "$work/onednn/lib" && ln -sf libdnnl.so.3.2 libdnnl.so.3 && ln -sf libdnnl.so.3 libdnnl.so) # wheels hold copies
  rm -rf "$onednn"
  mv -T "$work/onednn" "$onednn"
}

if [ $# -gt 0 ]; then
  stop 2 "it takes no arguments, and \"$1\" was given"
fi
system=$(. /etc/os-release 2>/dev/null && echo "${ID:-unknown} ${VERSION_ID:-}" || uname -s)
case $system in
  "debian 12" | "debian 13") ;;
  *)
    stop 2 "this is $system, and only Debian 12 and 13 can be set up automatically. Install by hand: a C++20 compiler
  (g++ 12 or clang 16 or newer, with OpenMP), CMake 3.25, Ninja, Python 3, Eigen 3.4, RapidJSON 1.1, zlib, xxHash,
  GoogleTest 1.12, Google Benchmark 1.7, CLI11 2.1, nlohmann-json 3.11, oneDNN $onednn_minimum or newer of version 3 (conda-forge, Homebrew, vcpkg, Ubuntu 24.04
  and Fedora have it; -Ddnnl_DIR=... names one elsewhere), and Fashion-MNIST's four files; cross
  compilers and qemu-user for tests/phone, if you like. Then run the cmake command alone."
    ;;
esac

if [ "$(dpkg --print-architecture)" = amd64 ]; then
  packages+=("${phone_packages[@]}")
fi
missing=()
for package in "${packages[@]}"; do
  installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ] && onednn_there; then
  result="everything was there already"
else
  result="done"
  if [ ${#missing[@]} -gt 0 ] || [ -z "$(apt-cache policy libdnnl-dev)" ]; then
    apt_get update
  fi
  if ! onednn_there; then
    candidate=$(apt-cache policy libdnnl-dev | sed -n 's/^ *Candidate: *//p')
    if fits "${candidate//(none)/}"; then
      missing+=(libdnnl-dev)
    elif [ "$(dpkg --print-architecture)" != amd64 ]; then
      stop 2 "Debian's oneDNN is too old (${candidate:-none}), and there is no ready-made one for $(dpkg --print-architecture).
  Build oneDNN $onednn_minimum or newer (https://github.com/uxlfoundation/oneDNN) and set dnnl_DIR=<prefix>/lib/cmake/dnnl."
    elif ! python3 -m pip --version >/dev/null 2>&1; then
      missing+=(python3-pip)
    fi
  fi
  if [ ${#missing[@]} -gt 0 ]; then
    apt_get install -y --no-install-recommends "${missing[@]}"
  fi
  if ! onednn_there; then
    fetch_onednn
    onednn_there
  fi
fi

printf 'attar: set-up: %s (g++ %s, CMake %s, oneDNN from %s)\n' "$result" "$(g++ -dumpfullversion)" \
  "$(cmake --version | sed -n '1s/.* //p')" "$onednn_from"
