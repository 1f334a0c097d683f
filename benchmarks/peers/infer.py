# SPDX-License-Identifier: MIT
"""Microseconds per call of PyTorch, ONNX Runtime and OpenVINO on the models of models.py.

    python infer.py [--threads N] [--batches N ...] [--models NAME ...] [--runs N] [--seconds S]

Prints one JSON line per model, batch, precision and peer. Batch norms are folded everywhere. int8 means weights per
output channel and u8 activations: ONNX Runtime and OpenVINO run one QDQ model, PyTorch quantizes its own (x86 engine).
PyTorch's figure is that of the better of its two memory formats. Each figure is the median of some runs. The model
`identity` shows what a call through Python costs: quote a peer's figure with it and without it.
"""
import argparse
import copy
import functools
import json
import statistics
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import onnxruntime as ort
import openvino as ov
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch.ao.quantization import get_default_qconfig_mapping
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

from models import MODELS

FORMATS = (torch.contiguous_format, torch.channels_last)


def microseconds(call, runs, seconds):
    for _ in range(20):
        call()
    start = time.perf_counter()
    call()
    calls = max(5, int(seconds / max(time.perf_counter() - start, 1e-6)))
    timings = []
    for _ in range(runs):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        timings.append((time.perf_counter() - start) / calls)
    return statistics.median(timings) * 1e6


def calibration_images(shape):
    return np.random.default_rng(1).random((4, 16, *shape), np.float32)


class CalibrationImages(CalibrationDataReader):
    def __init__(self, shape):
        self.batches = iter(calibration_images(shape))

    def get_next(self):
        images = next(self.batches, None)
        return None if images is None else {"x": images}


def export(model, shape, folder, precisions):
    files = {precision: str(folder / f"{precision}.onnx") for precision in precisions}
    torch.onnx.export(model, torch.rand(1, *shape), files["fp32"], input_names=["x"], output_names=["y"], dynamo=False,
                      opset_version=17, dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
    if "int8" in files:
        prepared = str(folder / "prepared.onnx")  # Without this step some convolutions keep float biases, and run slower.
        quant_pre_process(files["fp32"], prepared, skip_symbolic_shape=True)
        quantize_static(prepared, files["int8"], CalibrationImages(shape), quant_format=QuantFormat.QDQ,
                        per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    return files


def quantized_pytorch(model, shape):
    torch.backends.quantized.engine = "x86"
    example = torch.rand(1, *shape)
    prepared = prepare_fx(copy.deepcopy(model), get_default_qconfig_mapping("x86"), (example,))
    for images in calibration_images(shape):
        prepared(torch.from_numpy(images))
    return convert_fx(prepared)


@torch.inference_mode()
def pytorch(model, images, clock):
    times = []
    for memory_format in FORMATS:
        x = torch.from_numpy(images).contiguous(memory_format=memory_format)
        candidate = torch.jit.trace(copy.deepcopy(model).to(memory_format=memory_format), x, check_trace=False)
        frozen = torch.jit.freeze(candidate.eval())  # Folds the norms.
        times.append(clock(lambda: frozen(x)))
    return min(times)


def onnxruntime(file, images, threads, clock):
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    return clock(lambda: session.run(None, {"x": images}))


def openvino(file, images, threads, clock):
    core = ov.Core()
    network = core.read_model(file)
    network.reshape(images.shape)
    request = core.compile_model(network, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32",
    }).create_infer_request()
    request.set_input_tensor(ov.Tensor(images))
    return clock(request.infer)


def measure(name, arguments, folder):
    make, shape = MODELS[name]
    torch.manual_seed(1)
    model = make().eval()
    precisions = ("fp32",) if name == "identity" else ("fp32", "int8")
    files = export(model, shape, folder, precisions)
    models = {"fp32": model} | ({"int8": quantized_pytorch(model, shape)} if "int8" in precisions else {})
    clock = functools.partial(microseconds, runs=arguments.runs, seconds=arguments.seconds)
    for batch in arguments.batches:
        images = np.random.default_rng(2).random((batch, *shape), np.float32)
        for precision in precisions:
            row = {"model": name, "batch": batch, "precision": precision, "threads": arguments.threads}
            yield row | {"peer": "pytorch", "us": pytorch(models[precision], images, clock)}
            yield row | {"peer": "onnxruntime", "us": onnxruntime(files[precision], images, arguments.threads, clock)}
            yield row | {"peer": "openvino", "us": openvino(files[precision], images, arguments.threads, clock)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.15, help="about so long per run")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # The peers' notes on their own future.
    torch.set_num_threads(options.threads)
    for one in options.models:
        with tempfile.TemporaryDirectory() as temporary:
            for figure in measure(one, options, Path(temporary)):
                print(json.dumps(figure), flush=True)
