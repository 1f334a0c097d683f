# SPDX-License-Identifier: MIT
"""Microseconds per call of ONNX Runtime and OpenVINO on the files of export.py.

    python infer.py FOLDER [--threads N] [--batches N ...] [--models NAME ...] [--runs N] [--seconds S]
    python infer.py FOLDER --start PEER --models NAME

Prints one JSON line per model, batch, precision and peer; each figure is the median of some runs. The model `identity`
shows what a call through Python costs: it is to be taken off. With --start, in a process that has done nothing yet: how
long it takes from the file to the first result, with the peer imported already.
"""
import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np


def microseconds(call, runs, seconds):
    end = time.perf_counter() + seconds
    call()
    while time.perf_counter() < end:
        call()
    start = time.perf_counter()
    call()
    calls = max(3, int(seconds / max(time.perf_counter() - start, 1e-6)))
    timings = []
    for _ in range(runs):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        timings.append((time.perf_counter() - start) / calls)
    return statistics.median(timings) * 1e6


def onnxruntime(file, images, threads):
    """A call of the model."""
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"x": images})


def openvino(file, images, threads):
    """The same. It would compute in bf16 where the CPU has it: it is told to compute in fp32."""
    import openvino as ov
    core = ov.Core()
    network = core.read_model(str(file))
    network.reshape(images.shape)
    request = core.compile_model(network, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32",
    }).create_infer_request()
    request.set_input_tensor(ov.Tensor(images))
    return request.infer


PEERS = {"onnxruntime": onnxruntime, "openvino": openvino}
SHAPES = {"small": (1, 28, 28), "resnet20": (3, 32, 32), "mobile": (3, 32, 32), "identity": (1, 1, 1)}


def images_for(name, batch):
    return np.random.default_rng(2).random((batch, *SHAPES[name]), np.float32)


def measure(name, arguments):
    for precision in ("fp32",) if name == "identity" else ("fp32", "int8"):
        for batch in arguments.batches:
            for peer, prepare in PEERS.items():
                call = prepare(arguments.folder / f"{name}.{precision}.onnx", images_for(name, batch), arguments.threads)
                yield {"peer": peer, "model": name, "batch": batch, "precision": precision, "threads": arguments.threads,
                       "us": microseconds(call, arguments.runs, arguments.seconds)}


def start(peer, name, folder):
    __import__(peer)
    images = images_for(name, 1)
    before = time.perf_counter()
    PEERS[peer](folder / f"{name}.int8.onnx", images, 1)()
    return {"peer": peer, "model": name, "ms": (time.perf_counter() - before) * 1e3}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--models", nargs="+", default=list(SHAPES), choices=SHAPES)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.1, help="about so long per run")
    parser.add_argument("--start", choices=PEERS)
    options = parser.parse_args()
    for one in options.models:
        if options.start:
            print(json.dumps(start(options.start, one, options.folder)))
            continue
        for figure in measure(one, options):
            print(json.dumps(figure), flush=True)
