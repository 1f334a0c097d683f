# SPDX-License-Identifier: MIT
"""Latency of the library's engine, of bare oneDNN convolutions, of ONNX Runtime and of OpenVINO, in one run.

    python3 benchmarks/peers [--out docs/results/inference.json]

Prints the table of ratios that the README quotes. Needs the release preset built (cmake --preset release && cmake
--build --preset release --target bench_models start_programs) and the peers (benchmarks/peers/setup.sh). Library and
peers take turns; each figure is the median of the rounds. Ratios are without what a call of a peer through Python costs
when there is nothing to do (the model `identity`). Start-up: of the library, from the start of the process to the first
label, the model read from a file; of a peer, from the file to the first result, its import not counted. Settings of
OpenMP, OpenBLAS, oneDNN and the like in the environment are left out.
"""
import argparse
import json
import os
import shlex
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

from common import MODELS, ROOT, attar_version, machine, run

PEERS = ("onnxruntime", "openvino")
PRECISIONS = ("fp32", "int8")
# Of the library alone: rows of these stand beside the figures of int8 of all others.
NARROW = ("int8_7bit", "int8_6bit")
BATCHES = (1, 32)


def attar(arguments, model, threads):
    """Google Benchmark's rows as ((who, model, precision, batch), microseconds, multiply-adds a second), its context."""
    output = json.loads(run([arguments.programs / "bench_models",
                             f"--benchmark_filter=^(attar|onednn)/{model}/.*/threads:{threads}/",
                             "--benchmark_format=json", f"--benchmark_min_time={arguments.seconds}",
                             f"--benchmark_repetitions={arguments.runs}", "--benchmark_report_aggregates_only=true"]))
    rows = []
    for row in output["benchmarks"]:
        if row["aggregate_name"] == "median":
            who, model, precision, batch = row["run_name"].split("/")[:4]
            rows.append(((who, model, precision, int(batch.removeprefix("batch:"))), row["real_time"], row["MAC/s"]))
    return rows, output["context"]


def peers(arguments, model, threads):
    output = run([arguments.python, ROOT / "benchmarks/peers/infer.py", arguments.onnx, "--threads", str(threads), "--runs",
                  str(arguments.runs), "--seconds", str(arguments.seconds), "--batches", *map(str, BATCHES), "--models", model])
    for row in map(json.loads, output.splitlines()):
        yield (row["peer"], row["model"], row["precision"], row["batch"]), row["us"]


def without_bits(precision):
    return precision.split("_")[0]


class Figures:
    """What was measured on one number of threads, round by round."""

    def __init__(self):
        self.times, self.speeds, self.peaks = defaultdict(list), defaultdict(list), defaultdict(list)
        self.context = {}

    def measure(self, arguments, threads):
        for model in (*arguments.models, "identity"):
            if model != "identity":
                rows, self.context = attar(arguments, model, threads)
                for key, time_us, speed in rows:
                    self.times[key].append(time_us)
                    self.speeds[key].append(speed)
                for precision in PRECISIONS:
                    self.peaks[precision].append(float(self.context[f"peak_{precision}_per_ns"]))
            for key, time_us in peers(arguments, model, threads):
                self.times[key].append(time_us)

    def time(self, *key):
        return statistics.median(self.times[key])

    def peak_share(self, model, precision, batch, threads):
        speed = statistics.median(self.speeds["attar", model, precision, batch])
        return speed / 1e9 / (threads * max(self.peaks[without_bits(precision)]))


def make_rows(figures, models, threads):
    for model in models:
        for batch in BATCHES:
            for precision in PRECISIONS + NARROW:
                row = {"model": model, "batch": batch, "threads": threads, "precision": precision}
                row["attar_us"] = round(figures.time("attar", model, precision, batch), 2)
                for who in ("onednn", *PEERS):
                    row[f"{who}_us"] = round(figures.time(who, model, without_bits(precision), batch), 2)
                yield row | {"peak_share": round(figures.peak_share(model, precision, batch, threads), 3)}


def first_line_ms(command):
    """Milliseconds from before the process exists to the first thing that it prints."""
    read, write = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, write, 1), (os.POSIX_SPAWN_CLOSE, read)]
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    os.close(write)
    printed = os.read(read, 1)
    milliseconds = (time.perf_counter() - start) * 1e3
    os.close(read)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if status != 0 or not printed:
        raise SystemExit(f"{shlex.join(command)}: failed, exit code {status}")
    return milliseconds


def start_up(arguments, folder):
    run([arguments.programs / "write_models", folder])
    for model in arguments.models:
        command = [str(arguments.programs / f"start_{model}"), str(folder / f"{model}.safetensors")]
        times = [first_line_ms(command) for _ in range(1 + arguments.starts)]
        row = {"model": model, "attar_ms": round(statistics.median(times[1:]), 2)}  # The first fills the file cache.
        for peer in PEERS:
            commands = [arguments.python, ROOT / "benchmarks/peers/infer.py", arguments.onnx, "--start", peer, "--models", model]
            peer_times = [json.loads(run(commands))["ms"] for _ in range(arguments.peer_starts)]
            row[f"{peer}_ms"] = round(statistics.median(peer_times), 2)
        yield row


def print_tables(result):
    """Markdown. A ratio says how many times longer than the library's engine it takes, an empty call taken off."""
    overhead = result["call_overhead_us"]
    print("| model | precision | batch | threads | Attar us | of peak | oneDNN convolutions us | ONNX Runtime us | OpenVINO us "
          "| ONNX Runtime to Attar | OpenVINO to Attar |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for row in result["rows"]:
        net = [row[f"{peer}_us"] - overhead[peer] for peer in PEERS]
        print(f"| {row['model']} | {row['precision']} | {row['batch']} | {row['threads']} | {row['attar_us']:.1f} "
              f"| {100 * row['peak_share']:.0f} % | {row['onednn_us']:.1f} | {net[0]:.1f} | {net[1]:.1f} "
              f"| {net[0] / row['attar_us']:.2f}x | {net[1] / row['attar_us']:.2f}x |")
    print("\n| from start to first result, int8, ms | Attar, whole process | ONNX Runtime, imported | OpenVINO, imported |")
    print("|---|---:|---:|---:|")
    for row in result["start_up"]:
        print(f"| {row['model']} | {row['attar_ms']:.1f} | {row['onnxruntime_ms']:.1f} | {row['openvino_ms']:.1f} |")


def versions(arguments, context):
    command = f"import importlib.metadata as m; print(*map(m.version, {PEERS}))"
    return {"attar": attar_version(), "compiler": context["compiler"], "onednn": context["onednn"]} | dict(
        zip(PEERS, run([arguments.python, "-c", command]).split()))


def compare(arguments):
    if not (arguments.onnx / "identity.fp32.onnx").exists():
        run([arguments.python, ROOT / "benchmarks/peers/export.py", arguments.onnx])
    figures = {threads: Figures() for threads in arguments.threads}
    for number in range(arguments.rounds):
        for threads in arguments.threads:
            print(f"round {number + 1} of {arguments.rounds}, {threads} threads", file=sys.stderr)
            figures[threads].measure(arguments, threads)
    some = figures[arguments.threads[0]]
    return {"rows": [row for threads in arguments.threads for row in make_rows(figures[threads], arguments.models, threads)],
            "call_overhead_us": {peer: round(some.time(peer, "identity", "fp32", 1), 2) for peer in PEERS},
            "peak_multiply_adds_per_ns": {precision: max(some.peaks[precision]) for precision in PRECISIONS},
            "start_up": list(start_up(arguments, arguments.onnx.parent / "models")),
            "command": shlex.join(["python3", *sys.argv]),
            "machine": machine(),
            "versions": versions(arguments, some.context)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], choices=[1, 2])
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=5, help="per round; their median counts")
    parser.add_argument("--seconds", type=float, default=0.1, help="about so long per run")
    parser.add_argument("--starts", type=int, default=30, help="of each whole program")
    parser.add_argument("--peer-starts", type=int, default=3, help="of each peer")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/release/benchmarks", help="those of the benchmarks")
    parser.add_argument("--python", type=Path, default=ROOT / "build/peers/bin/python", help="that of the peers")
    parser.add_argument("--onnx", type=Path, default=ROOT / "build/peers/onnx", help="where the peers' models are kept")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    for needed in (options.programs / "bench_models", options.programs / "start_small", options.python):
        if not needed.exists():
            parser.error(f"{needed} is missing: see benchmarks/README.md")
    measured = compare(options)
    print_tables(measured)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(measured, indent=2) + "\n")
