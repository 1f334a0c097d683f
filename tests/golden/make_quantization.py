# SPDX-License-Identifier: MIT
"""Writes quantization.hpp: what PyTorch's observers and quantizers make of weights and activations.

    python make_quantization.py > quantization.hpp        (made with PyTorch 2.13.0)
"""

import torch
from torch.ao.quantization.observer import MinMaxObserver, PerChannelMinMaxObserver

torch.manual_seed(3)


def numbers(tensor, suffix=""):
    return "{" + ", ".join(f"{x!r}{suffix}" for x in tensor.flatten().tolist()) + "}"


def floats(tensor):
    return "{" + ", ".join(float(x).hex() + "F" for x in tensor.flatten()) + "}"


def quantize(values, scales, axis=None):
    if axis is None:
        return torch.quantize_per_tensor(values, float(scales), 0, torch.qint8).int_repr()
    zeros = torch.zeros(len(scales), dtype=torch.long)
    return torch.quantize_per_channel(values, scales.double(), zeros, axis, torch.qint8).int_repr()


def case(shape, limit):
    weights = torch.randn(shape) * torch.logspace(-2, 1, shape[0]).reshape(-1, *[1] * (len(shape) - 1))
    options = {"dtype": torch.qint8, "quant_min": -limit, "quant_max": limit, "eps": 0.0}
    channels = PerChannelMinMaxObserver(ch_axis=0, qscheme=torch.per_channel_symmetric, **options)
    tensor = MinMaxObserver(qscheme=torch.per_tensor_symmetric, **options)
    channels(weights)
    tensor(weights)
    channel_scales, _ = channels.calculate_qparams()
    tensor_scale, _ = tensor.calculate_qparams()
    return (
        f"    {{{shape[0]}, {limit},\n     {floats(weights)},\n     {floats(channel_scales)},\n"
        f"     {numbers(quantize(weights, channel_scales, 0))},\n     {floats(tensor_scale)},\n"
        f"     {numbers(quantize(weights, tensor_scale))}}},"
    )


def activation(values, dtype, qscheme, low, high):
    observer = MinMaxObserver(dtype=dtype, qscheme=qscheme, quant_min=low, quant_max=high, eps=0.0)
    for part in values.split(7):
        observer(part)
    scale, _ = observer.calculate_qparams()
    return f"    {{{floats(values)}, {floats(scale)}[0]}},"


print("// SPDX-License-Identifier: MIT")
print("// Made by make_quantization.py. Do not edit.")
print("// clang-format off")
print("#pragma once\n\n#include <cstddef>\n#include <cstdint>\n#include <vector>\n\nnamespace golden {\n")
print("struct QuantizedWeights {\n  std::size_t channels;\n  int limit;\n  std::vector<float> weights;")
print("  std::vector<float> channel_scales;\n  std::vector<int> by_channel;")
print("  std::vector<float> tensor_scale;\n  std::vector<int> by_tensor;\n};\n")
print("inline const std::vector<QuantizedWeights> quantized_weights{")
for shape, limit in (((4, 3, 3, 3), 127), ((7, 10), 127), ((4, 3, 3, 3), 63)):
    print(case(shape, limit))
print("};\n")
print("/// Numbers seen in several batches, and the scale of the observer of the smallest and largest.")
print("struct ObservedActivations {\n  std::vector<float> numbers;\n  std::vector<float> scale;\n};\n")
print("/// Behind a ReLU, u8.")
relu = torch.relu(torch.randn(50))
print("inline const ObservedActivations observed_relu" + activation(relu, torch.quint8, torch.per_tensor_affine, 0, 255)
      .replace("[0]},", "};").strip())
print("/// Of both signs, s8 in [-127, 127].")
print("inline const ObservedActivations observed_signed"
      + activation(torch.randn(50), torch.qint8, torch.per_tensor_symmetric, -127, 127).replace("[0]},", "};").strip())
print("\n}  // namespace golden")
