# SPDX-License-Identifier: MIT
"""Writes adaround.hpp: the formulas of AdaRound (Nagel et al. 2020) and a small layer's gradient, by autograd in float64.

    python make_adaround.py > adaround.hpp        (made with PyTorch 2.13.0)
"""
import math

import torch

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)


def h(v):
    """Equation 23."""
    return torch.clamp(1.2 * torch.sigmoid(v) - 0.1, 0, 1)


def penalty(share, beta):
    """A term of equation 24."""
    return 1 - (2 * share - 1).abs().pow(beta)


def numbers(tensor):
    return "{" + ", ".join(repr(float(x)) for x in tensor.flatten()) + "}"


def floats(tensor):
    return "{" + ", ".join(f"{float(x)!r}F" for x in tensor.flatten()) + "}"


def slopes(function, at):
    at = at.clone().requires_grad_()
    value = function(at)
    (slope,) = torch.autograd.grad(value.sum(), at)
    return value.detach(), slope


print("""// SPDX-License-Identifier: MIT
// Made by make_adaround.py. Do not edit.
// clang-format off
#pragma once

#include <vector>

namespace golden {
""")
v = torch.tensor([-6.0, -2.5, -2.3, -1.0, -0.1, 0.0, 0.7, 2.0, 2.39, 2.41, 8.0])
share, slope = slopes(h, v)
print("/// h(v) and its derivative.")
print(f"inline const std::vector<double> soft_v{numbers(v)};")
print(f"inline const std::vector<double> soft_share{numbers(share)};")
print(f"inline const std::vector<double> soft_slope{numbers(slope)};")
print("""
/// The regularizer by h.
struct Penalty {
  double beta;
  std::vector<double> value;
  std::vector<double> slope;
};""")
at = torch.tensor([0.0, 0.02, 0.25, 0.49, 0.6, 0.93, 1.0])
print(f"inline const std::vector<double> penalty_shares{numbers(at)};")
rows = []
for beta in (20.0, 7.5, 2.0):
    value, slope = slopes(lambda x: penalty(x, beta), at)
    rows.append(f"{{{beta}, {numbers(value)}, {numbers(slope)}}}")
print(f"inline const std::vector<Penalty> penalties{{{', '.join(rows)}}};")

print("\n/// beta of some steps of 1000.")
steps = [0, 199, 200, 300, 600, 850, 999]
betas = [2 + 9 * (1 + math.cos(math.pi * max((t - 200) / 800, 0))) for t in steps]
print(f"inline const std::vector<int> beta_steps{{{', '.join(map(str, steps))}}};")
print(f"inline const std::vector<double> betas{numbers(torch.tensor(betas))};")

# Ten steps of Adam on a grouped convolution with ReLU behind it.
groups, outputs, inputs, rows, limit = 2, 3, 6, 5, 7
windows = torch.randn(groups, rows, inputs)
weights = torch.randn(groups, outputs, inputs)
scales = weights.abs().amax(dim=2, keepdim=True) / 4.8
scales[0, 0] = weights[0, 0].abs().max() / 7.5  # Its largest weight is clipped.
bias = 0.1 * torch.randn(groups, outputs)
targets = torch.relu(torch.einsum("grk,gok->gro", windows, weights) + bias[:, None] + 0.3 * torch.randn(groups, rows, outputs))
floor = torch.floor(weights / scales)
v = -torch.log(1.2 / (weights / scales - floor + 0.1) - 1)
v.requires_grad_()
adam = torch.optim.Adam([v], lr=0.05)
losses = []
total = 10
for step in range(total):
    adam.zero_grad()
    soft = torch.clamp(floor + h(v), -limit, limit) * scales
    found = torch.relu(torch.einsum("grk,gok->gro", windows, soft) + bias[:, None])
    way = max((step - 0.2 * total) / (0.8 * total), 0)
    beta = 2 + 9 * (1 + math.cos(math.pi * way))
    strength = 0.0 if step < 0.2 * total else 0.02
    loss = ((found - targets) ** 2).sum() / rows + strength * penalty(h(v), beta).sum()
    loss.backward()
    adam.step()
    losses.append(loss.detach())
print("\n/// A grouped convolution: the losses of ten steps of Adam at rate 0.05 with lambda 0.02.")
print(f"inline constexpr int layer_groups = {groups}, layer_outputs = {outputs}, layer_inputs = {inputs}, layer_rows = {rows};")
print(f"inline const std::vector<float> layer_windows{floats(windows)};")
print(f"inline const std::vector<float> layer_weights{floats(weights)};")
print(f"inline const std::vector<float> layer_scales{floats(scales)};")
print(f"inline const std::vector<float> layer_bias{floats(bias)};")
print(f"inline const std::vector<float> layer_targets{floats(targets)};")
print(f"inline const std::vector<double> layer_losses{numbers(torch.stack(losses))};")
print("\n}  // namespace golden")
