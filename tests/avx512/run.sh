#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs tests of the embedded kernels as a processor with AVX-512 VNNI would, in the emulator Bochs (Debian: bochs
# bochs-term), without an operating system: machine.cpp is all there is of one. Not part of ctest.
#   tests/avx512/run.sh [CPU MARCH [TEST...]]
# Bochs 2.7 knows corei7_icelake_u (icelake-server), 3.1 also sapphire_rapids (sapphirerapids) and arrow_lake
# (alderlake: AVX-VNNI). Tests are files that need no support library; threads and files are not there.
set -euo pipefail
command -v "${BOCHS:-bochs}" > /dev/null || { echo "no ${BOCHS:-bochs}: install bochs and bochs-term" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
cpu=${1:-corei7_icelake_u}
march=${2:-icelake-server}
shift $(($# < 2 ? $# : 2))
tests=("$@")
if [ $# = 0 ]; then
  for name in dot product int8_product float_product int8_output depthwise; do
    tests+=("$root/tests/backend/embedded/$name.test.cpp")
  done
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

g++ -std=c++20 -Os -ffreestanding -fno-exceptions -fno-rtti -mgeneral-regs-only -mno-red-zone -fno-stack-protector \
  -fno-pic -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -Wall -Wextra -no-pie -nostdlib -static \
  -Wl,-T,"$here/machine.ld" -Wl,--build-id=none -Wl,-n "$here/start.S" "$here/machine.cpp" -o "$out/machine"
objcopy -O binary "$out/machine" "$out/machine.rom"
g++ -std=c++20 -O2 -march="$march" -w -I"$root/include" -isystem /usr/include/eigen3 -static -s "${tests[@]}" \
  -o "$out/disk" -lgtest_main -lgtest -lpthread
truncate -s +516096 "$out/disk"  # Whole cylinders, and one more.
truncate -s %516096 "$out/disk"

share=${BXSHARE:-/usr/share/bochs}
cat > "$out/bochsrc" <<END
cpu: model=$cpu, ips=50000000, reset_on_triple_fault=0
megs: 1024
romimage: file=$out/machine.rom
vgaromimage: file=$share/VGABIOS-lgpl-latest
ata0-master: type=disk, mode=flat, path=$out/disk
com1: enabled=1, mode=file, dev=$out/serial
display_library: term
speaker: enabled=0
clock: sync=none
log: $out/log
panic: action=fatal
END
echo c > "$out/continue"  # Debian's build begins in its debugger.
TERM=xterm timeout -k 5 "${LIMIT:-120}" \
  script -qec "${BOCHS:-bochs} -q -f $out/bochsrc -rc $out/continue" /dev/null < /dev/null > "$out/screen" 2>&1 || true
cat "$out/serial" || tail -40 "$out/log"
grep -q '^exit status 0' "$out/serial"
