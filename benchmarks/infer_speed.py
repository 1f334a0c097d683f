#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Latency of the library's engine, of bare oneDNN convolutions, of PyTorch, ONNX Runtime and OpenVINO, in one run.

    python3 benchmarks/infer_speed.py [--out docs/results/infer_speed.json]

Needs bench_models built (cmake --preset release && cmake --build --preset release --target bench_models) and the peers
(benchmarks/peers/setup.sh). Library and peers take turns; each figure is the median of the rounds. "net" is a peer's
time without what a call through Python costs it when there is nothing to do (the model `identity`).
"""
import argparse
import json
import os
import platform
import shlex
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from train_speed import MODELS, ROOT, cpu_name, run

PEERS = ("pytorch", "onnxruntime", "openvino")
PRECISIONS = ("fp32", "int8")
BATCHES = (1, 32)


def attar(arguments, model, threads):
    """Google Benchmark's rows as ((who, model, precision, batch), microseconds), and its context."""
    output = json.loads(run([arguments.benchmark, f"--benchmark_filter=/{model}/.*/threads:{threads}/",
                             "--benchmark_format=json", f"--benchmark_min_time={arguments.seconds}",
                             f"--benchmark_repetitions={arguments.runs}", "--benchmark_report_aggregates_only=true"]))
    rows = []
    for row in output["benchmarks"]:
        if row["aggregate_name"] == "median":
            who, model, precision, batch = row["run_name"].split("/")[:4]
            rows.append(((who, model, precision, int(batch.removeprefix("batch:"))), row["real_time"]))
    return rows, output["context"]


def peers(arguments, models, threads):
    output = run([arguments.python, ROOT / "benchmarks/peers/infer.py", "--threads", str(threads), "--runs",
                  str(arguments.runs), "--seconds", str(arguments.seconds), "--batches", *map(str, BATCHES), "--models", *models])
    for row in map(json.loads, output.splitlines()):
        yield (row["peer"], row["model"], row["precision"], row["batch"]), row["us"]


def measure(arguments, threads):
    """The median microseconds by (who, model, precision, batch), and the context of Google Benchmark."""
    times, context = defaultdict(list), {}
    for round_number in range(arguments.rounds):
        for model in (*arguments.models, "identity"):
            print(f"{threads} threads, round {round_number + 1} of {arguments.rounds}: {model}", file=sys.stderr)
            ours = []
            if model != "identity":
                ours, context = attar(arguments, model, threads)
            for key, time in [*ours, *peers(arguments, [model], threads)]:
                times[key].append(time)
    return {key: statistics.median(values) for key, values in times.items()}, context


def make_rows(times, models, threads):
    for model in models:
        for batch in BATCHES:
            for precision in PRECISIONS:
                row = {"model": model, "precision": precision, "threads": threads, "batch": batch}
                row["attar_us"] = times["attar", model, precision, batch]
                row["bare_convolutions_us"] = times["onednn", model, precision, batch]
                for peer in PEERS:
                    row[f"{peer}_us"] = times[peer, model, precision, batch]
                    row[f"{peer}_overhead_us"] = times[peer, "identity", "fp32", batch]
                yield {name: round(value, 2) if isinstance(value, float) else value for name, value in row.items()}


def print_table(rows):
    """A Markdown table; a ratio says how many times longer than the library."""
    peer_heads = "".join(f" {peer} us | net us | ratio | net ratio |" for peer in PEERS)
    print("| model | batch | precision | threads | attar us | bare convolutions us |" + peer_heads)
    print("|---|---:|---|---:|---:|---:|" + "---:|" * 4 * len(PEERS))
    for row in rows:
        line = (f"| {row['model']} | {row['batch']} | {row['precision']} | {row['threads']} "
                f"| {row['attar_us']:.1f} | {row['bare_convolutions_us']:.1f} |")
        for peer in PEERS:
            gross = row[f"{peer}_us"]
            net = gross - row[f"{peer}_overhead_us"]
            line += f" {gross:.1f} | {net:.1f} | {gross / row['attar_us']:.2f} | {net / row['attar_us']:.2f} |"
        print(line)


def versions(arguments, context):
    names = ("torch", "onnxruntime", "openvino")
    command = f"import importlib.metadata as m; print(*map(m.version, {names}))"
    peer_versions = run([arguments.python, "-c", command]).split()
    return {"attar": run(["git", "-C", ROOT, "describe", "--always", "--dirty"]).strip(), "compiler": context["compiler"],
            "onednn": context["onednn"]} | dict(zip(PEERS, peer_versions))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], choices=[1, 2])
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=7, help="per round; their median counts")
    parser.add_argument("--seconds", type=float, default=0.15, help="about so long per run")
    parser.add_argument("--benchmark", type=Path, default=ROOT / "build/release/benchmarks/bench_models")
    parser.add_argument("--python", type=Path, default=ROOT / "build/peers/bin/python", help="that of the peers")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    for program in (options.benchmark, options.python):
        if not program.exists():
            parser.error(f"{program} is missing: see benchmarks/README.md")
    result = {"rows": []}
    for count in options.threads:
        measured, benchmark_context = measure(options, count)
        result["rows"] += make_rows(measured, options.models, count)
    print_table(result["rows"])
    if options.out:
        result |= {"command": shlex.join(["python3", *sys.argv]),
                   "machine": {"cpu": cpu_name(), "cores": os.cpu_count(), "system": platform.platform()},
                   "versions": versions(options, benchmark_context)}
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=2) + "\n")
