# SPDX-License-Identifier: MIT
"""Writes the models of models.py as ONNX files, FOLDER/resnet20.fp32.onnx, FOLDER/resnet20.int8.onnx and so on.

    python export.py FOLDER

Batch norms are folded. int8 is a QDQ model made by ONNX Runtime's quantizer: s8 weights per output channel, u8
activations. The batch is free.
"""
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from models import MODELS


class CalibrationImages(CalibrationDataReader):
    def __init__(self, shape):
        self.batches = iter(np.random.default_rng(1).random((4, 16, *shape), np.float32))

    def get_next(self):
        images = next(self.batches, None)
        return None if images is None else {"x": images}


def export(name, folder):
    make, shape = MODELS[name]
    torch.manual_seed(1)
    fp32 = str(folder / f"{name}.fp32.onnx")
    torch.onnx.export(make().eval(), torch.rand(1, *shape), fp32, input_names=["x"], output_names=["y"], dynamo=False,
                      opset_version=17, dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
    if name == "identity":
        return
    with tempfile.TemporaryDirectory() as temporary:
        prepared = str(Path(temporary) / "prepared.onnx")  # Without this step some biases stay floats, and run slower.
        quant_pre_process(fp32, prepared, skip_symbolic_shape=True)
        quantize_static(prepared, str(folder / f"{name}.int8.onnx"), CalibrationImages(shape),
                        quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8,
                        weight_type=QuantType.QInt8)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # The exporter's notes on its own future.
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for model in MODELS:
        export(model, target)
