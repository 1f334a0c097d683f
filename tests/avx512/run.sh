#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs a program for Linux, a test above all, on a CPU that this machine does not have: the emulator Bochs boots
# Debian's kernel and starts it. Not part of ctest.
#   tests/avx512/run.sh CPU PROGRAM [ARGUMENT...]
# Wants cpio, and bochs and bochs-term of version 3.0 (Debian 13), which knows the CPUs sapphire_rapids (AVX-512 VNNI and
# BF16; its AMX is switched off here), corei7_icelake_u (AVX-512 VNNI) and arrow_lake (AVX-VNNI). They run some 25 million
# instructions a second.
# The program sees its shared libraries, the variables OMP_*, ONEDNN_* and GTEST_*, and of files those that FILES names,
# by paths from the current folder. Other variables: KERNEL, a kernel's file in the place of Debian's for clouds (which
# apt fetches and build/ keeps); BOCHS, the command of another Bochs, and BXSHARE, its files; MEMORY in MiB; LIMIT in
# seconds.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '/^# Runs/,/^[^#]/{/^#/s/^# //p}' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
cpu=$1
program=$(realpath "$2")
shift 2
out=$(mktemp -d)
chmod 755 "$out"  # apt reads as another user.
trap 'rm -rf "$out"' EXIT

bochs=${BOCHS:-}
if [ -z "$bochs" ]; then
  installed=$(command -v bochs-bin) || { echo "no bochs: install bochs, bochs-term and cpio" >&2; exit 2; }
  bochs=$out/bochs
  python3 "$here/mend_bochs.py" "$installed" "$bochs"
fi

# The kernel of Debian's package for virtual machines.
fetch_kernel() {
  local name
  name=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image-/ {print $2; exit}')
  (cd "$out" && apt-get -qq download "$name" && dpkg-deb -x "$name"_*.deb "$name")
  mkdir -p "$(dirname "$1")"
  cp "$out/$name"/boot/vmlinuz-* "$1"
}
kernel=${KERNEL:-$here/../../build/vmlinuz}
[ -e "$kernel" ] || fetch_kernel "$kernel"

# The initial file system: the first process, the program, its libraries and files.
root=$out/root
mkdir -p "$root"/{proc,sys,dev,tmp,work}
g++ -std=c++20 -O1 -Wall -Wextra -static -s "$here/init.cpp" -o "$root/init"
{ ldd "$program" 2> /dev/null || true; } | { grep -o '/[^ ]*' || true; } | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
cp "$program" "$root/run"
[ -z "${FILES:-}" ] || cp -r --parents $FILES "$root/work"
{ env | grep -E '^(OMP|ONEDNN|GTEST)_' || true; echo; printf '%s\n' /run "$@"; } > "$root/program"
(cd "$root" && find . | cpio --quiet -o -H newc) > "$out/initramfs"

# Clocks that agree with the emulator's: it counts instructions, of which 50 million make a second. Strings: Bochs has
# "fast short rep mov" without the older promise that Linux believes to come with it.
memory=${MEMORY:-2048}
options="console=ttyS0,115200 loglevel=1 nokaslr mitigations=off cryptomgr.notests reboot=t panic=-1"
options+=" tsc=reliable tsc_early_khz=50000 nohz=off highres=off clearcpuid=fsrm"
python3 "$here/make_disk.py" "$kernel" "$out/initramfs" "$memory" "$options" "$out/disk"
g++ -c "$here/boot.S" -o "$out/boot.o"
objcopy -O binary -j .text "$out/boot.o" "$out/boot.rom"

# Linux does not start on a CPU whose AMX registers it could not switch off.
case $cpu in sapphire_rapids) without=', exclude_features="amx,amx_int8,amx_bf16"' ;; *) without='' ;; esac
cat > "$out/bochsrc" <<END
cpu: model=$cpu, ips=50000000, reset_on_triple_fault=0$without
megs: $memory
romimage: file=$out/boot.rom
vgaromimage: file=${BXSHARE:-/usr/share/bochs}/VGABIOS-lgpl-latest
ata0-master: type=disk, mode=flat, path=$out/disk
com1: enabled=1, mode=file, dev=$out/serial
display_library: term
speaker: enabled=0
clock: sync=none
log: $out/log
panic: action=fatal
END
echo c > "$out/continue"  # Debian's build begins in its debugger.
terminal='import pty, sys; pty.spawn(sys.argv[1:])'  # Bochs wants one.
TERM=xterm timeout -k 5 "${LIMIT:-600}" python3 -c "$terminal" \
  "$bochs" -q -f "$out/bochsrc" -rc "$out/continue" < /dev/null > "$out/screen" 2>&1 || true
cat "$out/serial" || tail -40 "$out/log"
grep -aq '^exit status 0' "$out/serial"
