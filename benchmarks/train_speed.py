#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Training speed of the library and of PyTorch in one run, taking turns, as JSON.

    python3 benchmarks/train_speed.py [--output docs/results/train_speed.json]

Needs bench_training built (cmake --workflow --preset demo, or cmake --build --preset release --target bench_training)
and the peers (benchmarks/peers/setup.sh). Each figure is the median of the rounds.
"""
import argparse
import json
import shlex
import statistics
import sys
from pathlib import Path

from peers.common import MODELS, ROOT, attar_version, machine, run

PRECISIONS = ("fp32", "bf16")


def attar(arguments, model, precision):
    command = [arguments.benchmark, f"--benchmark_filter=^{model}/{precision}/", "--benchmark_format=json",
               f"--benchmark_min_time={arguments.seconds}"]
    output = json.loads(run(command, OMP_NUM_THREADS=str(arguments.threads), ATTAR_BATCH=str(arguments.batch)))
    return output["benchmarks"][0]["items_per_second"], output["context"]


def pytorch(arguments, model, precision):
    output = run([arguments.python, ROOT / "benchmarks/peers/train.py", "--threads", str(arguments.threads), "--batch",
                  str(arguments.batch), "--seconds", str(arguments.seconds), "--models", model, "--precisions", precision])
    return json.loads(output)["images_per_s"]


def compare(arguments):
    rows, context = [], {}
    for model in MODELS:
        for precision in PRECISIONS:
            ours, theirs = [], []
            for _ in range(arguments.rounds):
                speed, context = attar(arguments, model, precision)
                ours.append(speed)
                theirs.append(pytorch(arguments, model, precision))
            row = {"model": model, "precision": precision, "threads": arguments.threads, "batch": arguments.batch,
                   "attar_images_per_s": round(statistics.median(ours), 1),
                   "pytorch_images_per_s": round(statistics.median(theirs), 1)}
            ratio = row["attar_images_per_s"] / row["pytorch_images_per_s"]
            print(f"{model:9} {precision}  attar {row['attar_images_per_s']:8.0f}  PyTorch "
                  f"{row['pytorch_images_per_s']:8.0f} images/s  {ratio:5.2f}x", file=sys.stderr, flush=True)
            rows.append(row)
    torch = run([arguments.python, "-c", "import torch; print(torch.__version__)"]).strip()
    return {"rows": rows,
            "command": shlex.join(["python3", *sys.argv]),
            "machine": machine(),
            "versions": {"attar": attar_version(), "compiler": context["compiler"], "onednn": context["onednn"],
                         "pytorch": torch}}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="at least this long per figure")
    parser.add_argument("--benchmark", type=Path, default=ROOT / "build/release/benchmarks/bench_training")
    parser.add_argument("--python", type=Path, default=ROOT / "build/peers/bin/python", help="that of the peers")
    parser.add_argument("--output", type=Path, default=ROOT / "docs/results/train_speed.json")
    arguments = parser.parse_args()
    result = compare(arguments)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(result, indent=2) + "\n")
