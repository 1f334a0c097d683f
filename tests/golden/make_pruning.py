# SPDX-License-Identifier: MIT
"""Writes pruning.hpp: gradients, activations, scores of criteria and masks, made with PyTorch in double precision.

    python make_pruning.py > pruning.hpp        (made with PyTorch 2.13.0)
"""

import torch
import torch.nn.functional as F

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)

BATCH = 3
MEAN, DEVIATION = [0.5, 0.4], [0.25, 0.5]

net = torch.nn.Sequential(
    torch.nn.Conv2d(2, 4, 3, padding=1, bias=False),
    torch.nn.BatchNorm2d(4),
    torch.nn.ReLU(),
    torch.nn.Conv2d(4, 8, 3, stride=2, padding=1),
    torch.nn.ReLU(),
    torch.nn.AdaptiveAvgPool2d(1),
    torch.nn.Flatten(),
    torch.nn.Linear(8, 3),
)
LAYERS = [net[0], net[3], net[7]]
NAMES = {"0": "0", "1": "1", "3": "3", "7": "6"}  # Flatten is no layer of its own there.
with torch.no_grad():
    net[1].weight.copy_(torch.tensor([1.2, -0.3, 0.7, 0.1]))
    net[1].bias.copy_(torch.tensor([0.1, -0.2, 0.0, 0.4]))
    net[1].running_mean.copy_(torch.tensor([0.1, 0.2, -0.1, 0.0]))
    net[1].running_var.copy_(torch.tensor([0.5, 1.0, 1.5, 0.8]))
    net[3].bias[2] = -3.0  # A channel that a ReLU nearly always cuts off.
    for parameter in net.parameters():
        parameter.copy_(parameter.float())
state = {f"{NAMES[name.split('.')[0]]}.{name.split('.')[1]}": value.clone()
         for name, value in net.state_dict().items() if "num_batches" not in name}

images = torch.randint(256, (2 * BATCH, 2, 6, 6))
labels = torch.randint(3, (2 * BATCH,))
channel = (1, 2, 1, 1)
pixels = (images / 255.0 - torch.tensor(MEAN).reshape(channel)) / torch.tensor(DEVIATION).reshape(channel)

weights = [layer.weight.detach().clone() for layer in LAYERS]
gradients = [torch.zeros_like(w) for w in weights]
curvature = [torch.zeros_like(w) for w in weights]
net.train()
for part, target in zip(pixels.split(BATCH), labels.split(BATCH)):
    loss = F.cross_entropy(net(part), target)
    for i, g in enumerate(torch.autograd.grad(loss, [layer.weight for layer in LAYERS])):
        gradients[i] += g / 2
        curvature[i] += g * g / 2

net.load_state_dict({**net.state_dict(), "1.running_mean": state["1.running_mean"],
                     "1.running_var": state["1.running_var"]})
net.eval()
with torch.no_grad():
    first = net[:3](pixels)
    second = net[3:5](first)
    flat = [x.transpose(0, 1).flatten(1) for x in (first, second, net[5:](second))]  # A row per channel.


def lamp(w):
    squares = w.flatten() ** 2
    order = torch.argsort(squares)
    ascending = squares[order]
    not_smaller = torch.flip(torch.cumsum(torch.flip(ascending, [0]), 0), [0])
    scores = torch.empty_like(squares)
    scores[order] = ascending / not_smaller
    return scores.reshape(w.shape)


def rows(x):
    return x.flatten(1)


each = list(zip(weights, gradients, curvature))
weight_scores = {
    "l1": [w.abs() for w in weights],
    "l2": [w**2 for w in weights],
    "taylor": [(g * w) ** 2 for w, g, _ in each],
    "snip": [(g * w).abs() for w, g, _ in each],
    "lamp": [lamp(w) for w in weights],
    "brain_damage": [h * w**2 / 2 for w, _, h in each],
}
filter_scores = {
    "l1": [rows(w).norm(p=1, dim=1) for w in weights],
    "l2": [rows(w).norm(dim=1) for w in weights],
    "taylor": [rows(g * w).sum(1) ** 2 for w, g, _ in each],
    "snip": [rows(g * w).abs().sum(1) for w, g, _ in each],
    "brain_damage": [rows(h * w**2 / 2).sum(1) for w, _, h in each],
    "geometric_median": [torch.cdist(rows(w), rows(w), compute_mode="donot_use_mm_for_euclid_dist").sum(1)
                         for w in weights],
    "norm_scale": [net[1].weight.detach().abs(), torch.zeros(8), torch.zeros(3)],
    "zero_share": [1 - (x == 0).double().mean(1) for x in flat],
    "mean_activation": [x.abs().mean(1) for x in flat],
}


def smallest_go(scores, share):
    """The mask (1 stays) over a list of tensors taken together."""
    joined = torch.cat([s.flatten() for s in scores])
    mask = torch.ones_like(joined)
    mask[torch.argsort(joined)[: int(share * len(joined) + 0.5)]] = 0
    return [part.reshape(s.shape) for part, s in zip(mask.split([s.numel() for s in scores]), scores)]


def n_of_m(score, n, m):
    if score.shape[1] < m:
        return torch.ones_like(score)
    groups = score.movedim(1, -1).reshape(-1, m)
    mask = torch.zeros_like(groups).scatter(1, groups.topk(n, dim=1).indices, 1.0)
    moved = score.movedim(1, -1).shape
    return mask.reshape(moved).movedim(-1, 1)


def blocks(score, size, share):
    sums = score.reshape(score.shape[0] // size, size, *score.shape[1:]).sum(1)
    return smallest_go([sums], share)[0].repeat_interleave(size, dim=0)


l1 = weight_scores["l1"]
masks = {
    "l1_per_layer": [smallest_go([s], 0.6)[0] for s in l1],
    "l1_global": smallest_go(l1, 0.7),
    "snip_global": smallest_go(weight_scores["snip"], 0.7),
    "lamp_global": smallest_go(weight_scores["lamp"], 0.7),
    "l1_2_of_4": [n_of_m(s, 2, 4) for s in l1],
    "l1_1_of_4": [n_of_m(s, 1, 4) for s in l1],
    "l1_blocks_of_4": [blocks(l1[0], 4, 0.5), blocks(l1[1], 4, 0.5), torch.ones_like(l1[2])],
}


def numbers(tensor, suffix=""):
    return "{" + ", ".join(f"{x!r}{suffix}" for x in tensor.flatten().tolist()) + "}"


def layers(tensors):
    return "{" + ",\n     ".join(numbers(t) for t in tensors) + "}"


print("""// SPDX-License-Identifier: MIT
// Made by make_pruning.py. Do not edit.
// clang-format off
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace golden {

using PerLayer = std::vector<std::vector<double>>;  ///< Of the three layers with weights.
""")
print(f"inline const std::vector<float> pruning_mean{numbers(torch.tensor(MEAN), 'F')};")
print(f"inline const std::vector<float> pruning_deviation{numbers(torch.tensor(DEVIATION), 'F')};")
print(f"inline constexpr int pruning_batch = {BATCH};")
print("/// NHWC.")
print(f"inline const std::vector<std::uint8_t> pruning_images{numbers(images.permute(0, 2, 3, 1))};")
print(f"inline const std::vector<int> pruning_labels{numbers(labels)};")
print("inline const std::map<std::string, std::vector<double>> pruning_parameters{")
for name, value in state.items():
    print(f'    {{"{name}", {numbers(value)}}},')
print("};")
print(f"inline const PerLayer pruning_gradients{layers(gradients)};")
print(f"inline const PerLayer pruning_curvature{layers(curvature)};")
for title, table in (("weight_scores", weight_scores), ("filter_scores", filter_scores), ("masks", masks)):
    if title == "masks":
        print("/// 1 where a weight stays.")
    print(f"inline const std::map<std::string, PerLayer> pruning_{title}{{")
    for name, tensors in table.items():
        print(f'    {{"{name}",\n    {layers(tensors)}}},')
    print("};")
print("\n}  // namespace golden")
