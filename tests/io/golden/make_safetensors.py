# SPDX-License-Identifier: MIT
"""Writes python.safetensors, which safetensors.test.cpp reads: `pip install safetensors==0.8.0 numpy`, then run it here.

With the name of a file as argument, prints what Python reads from it instead.
"""
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

if len(sys.argv) > 1:
    with safe_open(sys.argv[1], "np") as file:
        print(file.metadata())
        for name in sorted(file.keys()):
            tensor = file.get_tensor(name)
            print(name, tensor.dtype, tensor.shape, tensor.ravel().tolist())
else:
    save_file(
        {
            "conv.weight": np.arange(-6, 6, dtype=np.float32).reshape(2, 3, 1, 2) / 4,
            "conv.scale": np.array([0.1, 1e300], dtype=np.float64),
            "quantized": np.array([[-128, 127, 0]], dtype=np.int8),
            "image": np.array([0, 255, 7, 8, 9], dtype=np.uint8),
            "bias": np.array([-(2**31), 2**31 - 1], dtype=np.int32),
            "bn.num_batches_tracked": np.array(1234567890123, dtype=np.int64),
            "half": np.array([0.5], dtype=np.float16),
            "empty": np.zeros((0, 3), dtype=np.float32),
            "größe": np.array([1], dtype=np.uint8),
        },
        "python.safetensors",
        {"made by": 'Python, "safetensors"\n', "größe": "1"},
    )
