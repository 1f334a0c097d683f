# SPDX-License-Identifier: MIT
"""Writes layers.hpp: outputs and gradients of layers and of a small network, made with PyTorch in double precision.

    python make_layers.py > layers.hpp        (made with PyTorch 2.13.0)
"""

import torch
from torch import nn

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)


def random_tensor(*shape):
    """Multiples of 1/8, which are short in decimals and exact in binary."""
    return torch.randint(-20, 21, shape) / 8


def nhwc(tensor):
    return tensor.permute(0, 2, 3, 1) if tensor.dim() == 4 else tensor


def numbers(tensor):
    return "{" + ", ".join(f"{x:.12g}" for x in nhwc(tensor).flatten().tolist()) + "}"


def weights(tensors):
    """Parameters keep PyTorch's order."""
    return "{" + ", ".join(numbers(tensor.detach().flatten()) for tensor in tensors) + "}"


def randomize(module):
    for name, tensor in module.state_dict().items():
        if name.endswith("running_var"):
            tensor.copy_(random_tensor(*tensor.shape).abs() + 0.25)
        elif not name.endswith("num_batches_tracked"):
            tensor.copy_(random_tensor(*tensor.shape))


def state(module):
    return [tensor for name, tensor in module.state_dict().items() if not name.endswith("num_batches_tracked")]


def case(name, module, images):
    """A C++ object with everything before and after a step in training mode, and the result of inference before it."""
    randomize(module)
    before = [tensor.clone() for tensor in state(module)]
    module.eval()
    inference = module(images)
    module.train()
    images = images.clone().requires_grad_()
    output = module(images)
    output_gradient = random_tensor(*output.shape)
    output.backward(output_gradient)
    gradients = [parameter.grad for parameter in module.parameters()]
    print(f"inline const Layer {name}{{")
    print(f"    {images.shape[0]},\n    {numbers(images.detach())},\n    {weights(before)},\n    {numbers(output_gradient)},")
    has_statistics = any(True for _ in module.buffers())
    print(f"    {numbers(inference.detach()) if has_statistics else '{}'},")
    print(f"    {numbers(output.detach())},\n    {numbers(images.grad)},\n    {weights(gradients)},")
    print(f"    {weights(state(module)) if has_statistics else '{}'}}};\n")


class Residual(nn.Module):
    def __init__(self, main, shortcut):
        super().__init__()
        self.main, self.shortcut = main, shortcut

    def forward(self, x):
        return self.main(x) + self.shortcut(x)


class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        self.fc1 = nn.Linear(channels, channels // reduction)
        self.fc2 = nn.Linear(channels // reduction, channels)

    def forward(self, x):
        gate = self.fc2(self.fc1(x.mean((2, 3))).relu())
        gate = nn.functional.relu6(gate + 3) / 6  # The gradient of hardsigmoid is rounded to float.
        return x * gate[:, :, None, None]


print(
    """// SPDX-License-Identifier: MIT
// Made by make_layers.py. Do not edit.
// clang-format off
#pragma once

#include <vector>

namespace golden {

using Numbers = std::vector<double>;

/// A layer or network in PyTorch. Feature maps are NHWC, tensors in the order of its parameter table.
struct Layer {
  int batch;
  Numbers input;
  std::vector<Numbers> parameters;  ///< Running statistics included.
  Numbers output_gradient;
  Numbers inference;  ///< The output in inference mode; empty if that is the same.
  Numbers output;     ///< The output in training mode.
  Numbers input_gradient;
  std::vector<Numbers> gradients;         ///< Of the trainable parameters.
  std::vector<Numbers> parameters_after;  ///< With the running statistics moved; empty if there are none.
};
"""
)

image = random_tensor(2, 4, 4, 5)
case("conv2d", nn.Conv2d(4, 3, 3, padding=1, bias=False), image)
case("conv2d_strided", nn.Conv2d(4, 3, (3, 2), stride=(2, 3), padding=(1, 0)), image)
case("conv2d_dilated", nn.Conv2d(4, 2, 3, dilation=(2, 1), padding=(2, 1)), image)
case("conv2d_grouped", nn.Conv2d(4, 6, 3, padding=1, groups=2), image)
case("conv2d_depthwise", nn.Conv2d(4, 4, 3, stride=2, padding=1, groups=4), image)
case("linear", nn.Linear(7, 3), random_tensor(3, 7))
case("batch_norm", nn.BatchNorm2d(4), image)
case("batch_norm_options", nn.BatchNorm2d(4, eps=0.125, momentum=0.25), image)
ties = image.round()
case("max_pool", nn.MaxPool2d(2), ties)
case("max_pool_padded", nn.MaxPool2d(3, stride=2, padding=1), ties)
case("avg_pool", nn.AvgPool2d(2), image)
case("avg_pool_padded", nn.AvgPool2d(3, stride=2, padding=1), image)
case("global_avg_pool", nn.AdaptiveAvgPool2d(1), image)
case("flatten", nn.Flatten(), image)
points = torch.arange(-32, 33).reshape(1, 65, 1, 1) / 4
case("relu", nn.ReLU(), points)
case("relu6", nn.ReLU6(), points)
case("hard_swish", nn.Hardswish(), points)
case("squeeze_excite", SqueezeExcite(4, 2), image / 8)
case(
    "network",
    nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        Residual(
            nn.Sequential(
                nn.Conv2d(4, 4, 3, stride=2, padding=1, groups=4, bias=False), nn.BatchNorm2d(4), nn.ReLU6(),
                nn.Conv2d(4, 6, 1, bias=False), nn.BatchNorm2d(6)),
            nn.Sequential(nn.Conv2d(4, 6, 1, stride=2, bias=False), nn.BatchNorm2d(6))),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(12, 3)),
    random_tensor(3, 2, 4, 8))
print("}  // namespace golden")
