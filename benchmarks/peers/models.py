# SPDX-License-Identifier: MIT
"""The models on which Attar and its peers are compared, in PyTorch. Shapes are C, H, W.

small     1x28x28, 3 convolutions, 1.5 M multiply-adds: where a runtime's overhead shows
resnet20  3x32x32, the CIFAR ResNet-20 of He et al. 2015, 41 M multiply-adds: the field's standard student
mobile    3x32x32, depthwise-separable, 16 M multiply-adds: the shape of networks for phones
identity  1x1x1, one multiplication: what one call costs when there is nothing to do
"""
import torch
from torch import nn


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


def resnet(blocks, width, channels=3, classes=10):
    layers = [nn.Conv2d(channels, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    inputs = width
    for stage in range(3):
        for block in range(blocks):
            outputs = width << stage
            layers.append(BasicBlock(inputs, outputs, 2 if stage and not block else 1))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))


def conv(inputs, outputs, kernel=3, stride=1, groups=1):
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs), nn.ReLU()]


def small():
    return nn.Sequential(*conv(1, 16), nn.MaxPool2d(2), *conv(16, 32), nn.MaxPool2d(2), *conv(32, 32),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))


def separable(inputs, outputs, stride):
    return conv(inputs, inputs, 3, stride, inputs) + conv(inputs, outputs, 1)


def mobile():
    stages = [(32, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1)]
    body = [layer for stage in stages for layer in separable(*stage)]
    return nn.Sequential(*conv(3, 32), *body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, 10))


class Identity(nn.Module):
    def forward(self, x):
        return x * 2.0


MODELS = {
    "small": (small, (1, 28, 28)),
    "resnet20": (lambda: resnet(3, 16), (3, 32, 32)),
    "mobile": (mobile, (3, 32, 32)),
    "identity": (Identity, (1, 1, 1)),
}
