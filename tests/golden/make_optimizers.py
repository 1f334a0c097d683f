# SPDX-License-Identifier: MIT
"""Writes optimizers.hpp: parameters after 20 steps, learning rates of schedules, clipped gradients, averaged weights,
made with PyTorch in double precision.

    python make_optimizers.py > optimizers.hpp        (made with PyTorch 2.13.0)
"""

import math
import warnings

import torch
from torch.optim import SGD, Adam, AdamW, lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

warnings.filterwarnings("ignore")  # The schedulers are run without a step of the optimizer.

SIZE, DECAYED, STEPS = 12, (2, 9), 20


def start():
    return torch.tensor([math.cos(i) for i in range(SIZE)], dtype=torch.float64)


def slope(parameters, step):
    return 0.3 * parameters + torch.tensor([math.sin(3 * i + step) for i in range(SIZE)], dtype=torch.float64)


def run(make, spare, rate):
    """`spare`: only the numbers in [2, 9) decay."""
    begin, end = DECAYED
    parts = [(0, begin), (begin, end), (end, SIZE)] if spare else [(0, SIZE)]
    whole = start()
    tensors = [whole[a:b].clone().requires_grad_() for a, b in parts]
    groups = [{"params": [t]} for t in tensors]
    if spare:
        groups[0]["weight_decay"] = groups[2]["weight_decay"] = 0.0
    optimizer = make(groups)
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - step / (2 * STEPS))
        gradient = slope(torch.cat([t.detach() for t in tensors]), step)
        for (a, b), tensor in zip(parts, tensors):
            tensor.grad = gradient[a:b].clone()
        optimizer.step()
    return torch.cat([t.detach() for t in tensors])


def numbers(values):
    return "{" + ", ".join(repr(float(x)) for x in values) + "}"


def rates(make, total):
    optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer, total)
    result = []
    for _ in range(total):
        result.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return numbers(result)


def warm_cosine(optimizer, total):
    rise = round(0.1 * total)
    parts = [
        lr_scheduler.LinearLR(optimizer, start_factor=0.01, total_iters=rise),
        lr_scheduler.CosineAnnealingLR(optimizer, T_max=total - rise),
    ]
    return lr_scheduler.SequentialLR(optimizer, parts, milestones=[rise])


optimizers = {
    "sgd": run(lambda p: SGD(p, lr=0.1), False, 0.1),
    "sgd_decay": run(lambda p: SGD(p, lr=0.1, weight_decay=0.05), False, 0.1),
    "sgd_momentum": run(lambda p: SGD(p, lr=0.1, momentum=0.9, weight_decay=0.05), False, 0.1),
    "sgd_nesterov": run(lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05), False, 0.1),
    "sgd_nesterov_spare": run(lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05), True, 0.1),
    "adam": run(lambda p: Adam(p, lr=0.01), False, 0.01),
    "adam_decay_spare": run(lambda p: Adam(p, lr=0.01, weight_decay=0.05, betas=(0.8, 0.99), eps=1e-6), True, 0.01),
    "adamw": run(lambda p: AdamW(p, lr=0.01), False, 0.01),
    "adamw_spare": run(lambda p: AdamW(p, lr=0.01, weight_decay=0.5), True, 0.01),
}
schedules = {
    "multi_step": rates(lambda o, n: lr_scheduler.MultiStepLR(o, [round(n * 0.625), round(n * 0.75)], 0.2), 40),
    "cosine": rates(lambda o, n: lr_scheduler.CosineAnnealingLR(o, T_max=n, eta_min=0.05), 40),
    "one_cycle": rates(lambda o, n: lr_scheduler.OneCycleLR(o, 1.0, total_steps=n, cycle_momentum=False), 40),
    "one_cycle_early": rates(
        lambda o, n: lr_scheduler.OneCycleLR(
            o, 1.0, total_steps=n, pct_start=0.15, div_factor=10.0, final_div_factor=100.0, cycle_momentum=False
        ),
        33,
    ),
    "warm_cosine": rates(warm_cosine, 40),
}

clipped = torch.zeros(SIZE, dtype=torch.float64, requires_grad=True)
clipped.grad = 3.0 * start()
norm = torch.nn.utils.clip_grad_norm_([clipped], max_norm=2.0)

model = torch.nn.Linear(SIZE, 1, bias=False, dtype=torch.float64)
model.weight.data[0] = start()
average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
average.update_parameters(model)  # The first call copies.
for step in range(STEPS):
    model.weight.data[0] = slope(start(), step)
    average.update_parameters(model)

print(
    """// SPDX-License-Identifier: MIT
// Made by make_optimizers.py. Do not edit.
// clang-format off
#pragma once

#include <vector>

namespace golden {

using Numbers = std::vector<double>;
"""
)
print("// The parameters after 20 steps.")
for name, values in optimizers.items():
    print(f"inline const Numbers {name}{numbers(values)};")
print("\n// The learning rate of each step of a run, of an optimizer with rate 1.")
for name, values in schedules.items():
    print(f"inline const Numbers {name}{values};")
print(f"\ninline const double norm = {norm.item()!r};")
print(f"inline const Numbers clipped{numbers(clipped.grad)};")
print(f"\ninline const Numbers averaged{numbers(average.module.weight.data[0])};")
print("\n}  // namespace golden")
