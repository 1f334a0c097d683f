# SPDX-License-Identifier: MIT
"""Parameters and multiply-adds of the zoo's networks, built a second time in PyTorch from the papers and the public
reference code (torchvision, RepDistiller, timm). The figures stand in tests/model/zoo.

    python count_zoo.py        (run with PyTorch 2.13.0)
"""
import math

import torch
from torch import nn


def cb(i, o, k, s=1, g=1, bias=False, act=None):
    layers = [nn.Conv2d(i, o, k, s, k // 2, groups=g, bias=bias), nn.BatchNorm2d(o)]
    return nn.Sequential(*layers, *([act()] if act else []))


class Sum(nn.Module):
    def __init__(self, main, shortcut=None):
        super().__init__()
        self.main, self.shortcut = main, shortcut or nn.Identity()

    def forward(self, x):
        return self.main(x) + self.shortcut(x)


class Cat(nn.Module):
    def __init__(self, branch):
        super().__init__()
        self.branch = branch

    def forward(self, x):
        return torch.cat([x, self.branch(x)], 1)


def head(width, classes):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes)]


def resnet(depth, classes):
    layers, width = [cb(3, 16, 3, act=nn.ReLU)], 16
    for stage, out in enumerate([16, 32, 64]):
        for block in range((depth - 2) // 6):
            stride = 2 if stage > 0 and block == 0 else 1
            main = nn.Sequential(cb(width, out, 3, stride, act=nn.ReLU), cb(out, out, 3))
            layers += [Sum(main, cb(width, out, 1, stride) if width != out else None), nn.ReLU()]
            width = out
    return nn.Sequential(*layers, *head(width, classes))


def wide_resnet(depth, k, classes):
    def conv(i, o, size, s=1):
        return nn.Conv2d(i, o, size, s, size // 2, bias=False)

    layers, width = [conv(3, 16, 3)], 16
    for stage, out in enumerate([16 * k, 32 * k, 64 * k]):
        for block in range((depth - 4) // 6):
            stride = 2 if stage > 0 and block == 0 else 1
            before = [nn.BatchNorm2d(width), nn.ReLU()]
            main = [conv(width, out, 3, stride), nn.BatchNorm2d(out), nn.ReLU(), conv(out, out, 3)]
            if width == out:
                layers.append(Sum(nn.Sequential(*before, *main)))
            else:
                layers += [*before, Sum(nn.Sequential(*main), conv(width, out, 1, stride))]
            width = out
    return nn.Sequential(*layers, nn.BatchNorm2d(width), nn.ReLU(), *head(width, classes))


def vgg(per_stage, classes):
    layers, width = [], 3
    for stage, out in enumerate([64, 128, 256, 512, 512]):
        for _ in range(per_stage):
            layers.append(cb(width, out, 3, bias=True, act=nn.ReLU))
            width = out
        if stage < 3:
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, *head(width, classes))


def divisible(v):
    new = max(8, int(v + 4) // 8 * 8)
    return new + 8 if new < 0.9 * v else new


def inverted(layers, width, t, c, n, s, k):
    for i in range(n):
        stride, hidden = (s if i == 0 else 1), width * t
        main = [cb(width, hidden, 1, act=nn.ReLU6)] if t > 1 else []
        main += [cb(hidden, hidden, k, stride, hidden, act=nn.ReLU6), cb(hidden, c, 1)]
        main = nn.Sequential(*main)
        layers.append(Sum(main) if stride == 1 and width == c else main)
        width = c
    return width


def mobilenet_v2(m):
    width = divisible(32 * m)
    layers = [cb(3, width, 3, 2, act=nn.ReLU6)]
    for t, c, n, s in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
                       (6, 320, 1, 1)]:
        width = inverted(layers, width, t, divisible(c * m), n, s, 3)
    last = divisible(1280 * max(1.0, m))
    return nn.Sequential(*layers, cb(width, last, 1, act=nn.ReLU6), *head(last, 1000))


def efficientnet_lite0():
    width = 32
    layers = [cb(3, width, 3, 2, act=nn.ReLU6)]
    for t, c, n, s, k in [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5),
                          (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]:
        width = inverted(layers, width, t, c, n, s, k)
    return nn.Sequential(*layers, cb(width, 1280, 1, act=nn.ReLU6), *head(1280, 1000))


def densenet_bc(depth, growth, classes):
    width = 2 * growth
    layers = [nn.Conv2d(3, width, 3, padding=1, bias=False)]
    for block in range(3):
        for _ in range((depth - 4) // 6):
            layers.append(Cat(nn.Sequential(
                nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, 4 * growth, 1, bias=False),
                nn.BatchNorm2d(4 * growth), nn.ReLU(), nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False))))
            width += growth
        layers += [nn.BatchNorm2d(width), nn.ReLU()]
        if block < 2:
            layers += [nn.Conv2d(width, math.floor(width / 2), 1, bias=False), nn.AvgPool2d(2)]
            width = math.floor(width / 2)
    return nn.Sequential(*layers, *head(width, classes))


def count(name, model, size):
    total = 0

    def hook(module, _, output):
        nonlocal total
        total += output.numel() * module.weight[0].numel()

    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.register_forward_hook(hook)
    model.eval()(torch.zeros(1, 3, size, size))
    print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {total} multiply-adds")


with torch.no_grad():
    for depth in (20, 56):
        for classes in (10, 100):
            count(f"resnet{depth} {classes}", resnet(depth, classes), 32)
    count("wrn-28-10 10", wide_resnet(28, 10, 10), 32)
    for depth, k in ((40, 2), (40, 1), (16, 2)):
        count(f"wrn-{depth}-{k} 100", wide_resnet(depth, k, 100), 32)
    count("vgg8 100", vgg(1, 100), 32)
    count("vgg13 100", vgg(2, 100), 32)
    for multiplier in (1.0, 0.75, 0.5, 1.4):
        count(f"mobilenet_v2 x{multiplier}", mobilenet_v2(multiplier), 224)
    count("efficientnet_lite0", efficientnet_lite0(), 224)
    count("densenet-bc-100-12 10", densenet_bc(100, 12, 10), 32)
