#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What programs cost to compile: seconds and memory of the umbrella, of engines for ResNets, of stacks by depth.

    python3 benchmarks/compile_time.py [--out docs/results/compile_time.json]

Every program is compiled to an object, with headers only and as attar::compiled has it (docs/compile_time.md), some
times each; "seconds" is the least processor time of the compiler, "peak_mib" the most memory that it held.
"""
import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from peers.common import ROOT, machine

TARGETS = {"attar::onednn": [], "attar::compiled": ["-DATTAR_COMPILED=1"]}
DEPTHS = (10, 20, 40, 80, 160)

ENGINE = """#include <attar/infer.hpp>
{include}
using namespace attar;
{network}
int main(int, char** arguments) {{
  const Engine engine{{load<Model>(arguments[1])}};
  auto context = engine.make_context();
  const std::array<float, Model::ArchitectureType::input_shape.size()> image{{}};
  return engine.classify(image, context);
}}
"""


def resnet(depth):
    return ENGINE.format(include="#include <attar/model/zoo/resnet.hpp>",
                         network=f"using Model = quantize_t<zoo::CifarResNet<{depth}>, Int8<>>;")


def stack(depth):
    """A chain of so many layers, written out: a convolution, a norm, a ReLU, and so on."""
    layers = ", ".join(("Conv2d<16, Kernel<3>>", "BatchNorm2d", "ReLU")[i % 3] for i in range(depth))
    return ENGINE.format(include="", network=f"using Model = Network<Sequential<Input<3, 16, 16>, {layers}, GlobalAvgPool, Linear<10>>>;")


def programs():
    yield "attar.hpp", "#include <attar/attar.hpp>\nint main() {}\n"
    yield "infer.hpp", "#include <attar/infer.hpp>\nint main() {}\n"
    for depth in (20, 56):
        yield f"infer.hpp, int8 engine of ResNet-{depth}", resnet(depth)
    for depth in DEPTHS:
        yield f"infer.hpp, fp32 engine of {depth} layers", stack(depth)


def compiles(compiler, flags, text):
    return subprocess.run([compiler, *flags, "-fsyntax-only", "-x", "c++", "-"], input=text, text=True,
                          capture_output=True).returncode == 0


def flags_of(arguments, compiler):
    flags = ["-std=c++20", "-O2", "-march=native", f"-I{ROOT / 'include'}", "-DATTAR_WITH_ONEDNN=1"]
    packages = subprocess.run(["pkg-config", "--cflags-only-I", "eigen3", "RapidJSON"], check=True, text=True,
                              capture_output=True).stdout
    for folder in [*packages.replace("-I", " ").split(), arguments.onednn / "include"]:
        flags += ["-isystem", str(folder)]
    if compiles(compiler, ["-fopenmp"], "#include <omp.h>\n"):
        flags.append("-fopenmp")
    return flags


def compile_once(command):
    """Processor seconds and the peak of memory in MiB."""
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"does not compile: {shlex.join(map(str, command))}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(arguments):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "program.cpp"
        for program, text in programs():
            if arguments.program not in program:
                continue
            source.write_text(text, encoding="utf-8")
            for compiler in arguments.compilers:
                flags = flags_of(arguments, compiler)
                for target, definitions in TARGETS.items():
                    command = [compiler, *flags, *definitions, "-c", source, "-o", source.with_suffix(".o")]
                    runs = [compile_once(command) for _ in range(arguments.runs)]
                    row = {"program": program, "target": target, "compiler": compiler,
                           "seconds": round(min(seconds for seconds, _ in runs), 2),
                           "peak_mib": round(max(peak for _, peak in runs))}
                    print(f"{row['seconds']:6.2f} s {row['peak_mib']:5} MiB  {compiler:12} {target:15} {program}", file=sys.stderr)
                    yield row


def version(compiler):
    return subprocess.run([compiler, "--version"], check=True, text=True, capture_output=True).stdout.splitlines()[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found = [name for name in ("g++", "clang++-19", "clang++") if shutil.which(name)]
    parser.add_argument("--compilers", nargs="+", default=found[:2], help="default: %(default)s")
    parser.add_argument("--onednn", type=Path, default=ROOT / ".deps/onednn", help="where oneDNN is")
    parser.add_argument("--runs", type=int, default=3, help="of each compilation")
    parser.add_argument("--program", default="", help="only programs whose name contains this")
    parser.add_argument("--out", type=Path, help="JSON file; else it goes to the standard output")
    arguments = parser.parse_args()
    result = {"command": shlex.join(["python3", *sys.argv]),
              "machine": machine(),
              "compilers": {name: version(name) for name in arguments.compilers},
              "rows": list(measure(arguments))}
    text = json.dumps(result, indent=2) + "\n"
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
