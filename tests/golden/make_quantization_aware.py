# SPDX-License-Identifier: MIT
"""Writes quantization_aware.hpp: logits and gradients of quantization-aware networks by autograd in float64.

    python make_quantization_aware.py > quantization_aware.hpp        (made with PyTorch 2.13.0)

Rounding passes gradients on: x + (round(x) - x).detach(). What is learned of a limit is then what autograd finds for
the formula of each paper, and LSQ's factor, written down as Esser et al. 2020, 2.2 do. With zero points ("affine") the
offset is what byte 0 stands for; the ends of the range are learned as offset and offset + limit, whatever the rounding of
the zero point makes of them: Bhalgat et al. 2020 (LSQ+), equations 6 and 7.
"""

import math

import torch
from torch.nn.functional import avg_pool2d, conv2d, hardsigmoid, hardswish, linear, relu, relu6

torch.set_default_dtype(torch.float64)
MARGIN = 2e-4  # To where rounding goes the other way: single precision must not.
SHORT_MARGIN = 2e-3  # The same where the engine's factors have 16 bits: sums, concatenations, norms.


class TooClose(Exception):
    """A number that is near the edge of rounding, or a value that is always zero: another network is drawn."""


def through(rounded, x):
    return x + (rounded - x).detach()


def nearest(y, margin):
    if ((y - y.floor() - 0.5).abs() < margin).any():
        raise TooClose
    return y.round()


class Quantizer:
    """One value's or weight tensor's."""

    def __init__(self, rule, limit, levels, low, high, numbers, margin=MARGIN):
        self.rule, self.levels, self.low, self.high, self.margin = rule, levels, low, high, margin
        self.limit = limit.clone().requires_grad_()
        self.factor = levels**2 / math.sqrt(numbers * levels) if rule == "learn" else 1.0

    def __call__(self, x, shape=()):
        limit = self.limit.reshape(shape)
        if self.rule == "learn":  # Esser et al. 2020, eq. 1 and 2
            step = limit / self.levels
            y = (x / step).clamp(self.low, self.high)
            return through(nearest(y, self.margin), y) * step
        step = (limit / self.levels).detach()
        if self.rule == "learn_clip":  # Choi et al. 2018, eq. 2 and 3
            clipped = torch.maximum(torch.minimum(x, limit * (self.high / self.levels)), limit * (self.low / self.levels))
        elif self.rule == "keep":
            clipped = x.clamp(self.low * step, self.high * step)
        else:
            clipped = x
        return through((nearest(clipped / step, self.margin) * step), clipped)

    def gradient(self):
        return self.limit.grad * self.factor


class AffineQuantizer(Quantizer):
    """One value's with a zero point: u8."""

    def __init__(self, rule, limit, offset, numbers, margin=MARGIN):
        super().__init__(rule, limit, 255, 0, 255, numbers, margin)
        self.offset = offset.clone().requires_grad_()

    def __call__(self, x):
        step = self.limit / 255
        zero = nearest((-self.offset / step).detach(), self.margin)  # The engine's
        fixed = step.detach()
        low, high = (0 - zero) * fixed, (255 - zero) * fixed
        if self.rule != "keep":  # "learn_clip": as Choi et al. 2018, at both ends
            low, high = through(low, self.offset), through(high, self.offset + self.limit)
        if self.rule == "learn":
            y = x / step + zero
            inside = (through(nearest(y, self.margin), y) - zero) * step
            return torch.where(y < 0, low, torch.where(y > 255, high, inside))
        step = fixed
        clipped = torch.maximum(torch.minimum(x, high), low)
        return through((nearest(clipped / step + zero, self.margin) - zero) * step, clipped)

    def offset_gradient(self):
        return self.offset.grad


def rounded(numbers):
    return numbers.float().double()


def normal(*shape, scale=1.0):
    return rounded(torch.randn(*shape) * scale)


class Net:
    def __init__(self, rules, weight_limit, per_channel, affine, values):
        self.rules, self.weight_limit, self.per_channel, self.affine = rules, weight_limit, per_channel, affine
        self.parameters, self.weights = {}, {}
        self.activation_limits = torch.ones(values)
        self.signs = torch.ones(values)
        self.offsets = torch.zeros(values)
        self.activations = {}

    def add(self, name, tensor):
        self.parameters[name] = tensor.clone().requires_grad_()
        if tensor.dim() < 2:
            return
        magnitude = tensor.abs().amax(dim=tuple(range(1, tensor.dim())))
        magnitude = magnitude if self.per_channel else magnitude.max().reshape(1)
        if self.rules[0] == "learn":  # Some clip, some waste.
            magnitude = rounded(magnitude * torch.empty_like(magnitude).uniform_(0.6, 1.2))
        numbers = tensor.numel() // len(magnitude)
        limit = self.weight_limit
        self.weights[name] = Quantizer(self.rules[0], magnitude, limit, -limit, limit, numbers)

    def weight(self, name):
        tensor = self.parameters[name]
        return self.weights[name](tensor, (-1,) + (1,) * (tensor.dim() - 1))

    def activation(self, value, x, signed, margin=MARGIN):
        """The quantizer of a value, which clips a little where calibration on this very data would not."""
        if self.affine and signed:
            return self.affine_activation(value, x, margin)
        levels, low = (127, -128) if signed else (255, 0)
        limit = rounded(x.detach().abs().max() * 0.8).reshape(())
        if limit == 0:
            raise TooClose
        self.activation_limits[value] = limit
        self.signs[value] = float(signed)
        rule = self.rules[1] if value else "keep"
        quantizer = Quantizer(rule, limit, levels, low, 127 if signed else 255, x[0].numel(), margin)
        self.activations[value] = quantizer
        return quantizer(x)

    def affine_activation(self, value, x, margin):
        low, high = x.detach().min() * 0.8, x.detach().max() * 0.8
        if low >= 0 or high <= 0:
            raise TooClose
        limit, offset = rounded(high - low), rounded(low)
        self.activation_limits[value], self.offsets[value] = limit, offset
        rule = self.rules[1] if value else "keep"
        quantizer = AffineQuantizer(rule, limit, offset, x[0].numel(), margin)
        self.activations[value] = quantizer
        return quantizer(x)

    def conv(self, x, name, padding):
        return conv2d(x, self.weight(name + ".weight"), self.parameters[name + ".bias"], padding=padding)

    def linear(self, x, name):
        return linear(x, self.weight(name + ".weight"), self.parameters[name + ".bias"])


class ResidualNet(Net):
    shape, values = (2, 5, 5), 8

    def __init__(self, *options):
        super().__init__(*options, self.values)
        for name, shape in (("0", (4, 2, 3, 3)), ("2.main", (4, 4, 3, 3)), ("5", (3, 4))):
            self.add(name + ".weight", normal(*shape, scale=0.4))
            self.add(name + ".bias", normal(shape[0], scale=0.2))

    def __call__(self, x):
        x = self.activation(0, x, True)
        x = self.activation(2, relu(self.conv(x, "0", 1)), False)
        x = self.activation(5, relu(self.conv(x, "2.main", 1) + x), False, SHORT_MARGIN)
        x = self.activation(6, x.mean(dim=(2, 3)), False)
        return self.linear(x, "5")


class MixedNet(Net):
    """Everything else: hard swish, squeeze and excite, concatenation, a norm that stays, poolings."""

    shape, values = (2, 4, 4), 16

    def __init__(self, *options):
        super().__init__(*options, self.values)
        shapes = (("0", (8, 2, 3, 3)), ("2.fc1", (4, 8)), ("2.fc2", (8, 4)), ("3.1.2", (4, 8, 1, 1)), ("6", (3, 48)))
        for name, shape in shapes:
            self.add(name + ".weight", normal(*shape, scale=0.5))
            self.add(name + ".bias", normal(shape[0], scale=0.3))
        norm = "3.1.0."
        self.add(norm + "weight", rounded(torch.rand(8) + 0.5))
        self.add(norm + "bias", normal(8, scale=0.5))
        self.add(norm + "running_mean", normal(8, scale=0.3))
        self.add(norm + "running_var", rounded(torch.rand(8) + 0.5))

    def __call__(self, x):
        p = self.parameters
        x = self.activation(0, x, True)
        x = self.activation(2, hardswish(self.conv(x, "0", 1)), True)
        gate = self.activation(3, x.mean(dim=(2, 3)), True)
        gate = self.activation(5, relu(self.linear(gate, "2.fc1")), False)
        gate = self.activation(7, hardsigmoid(self.linear(gate, "2.fc2")), False)
        x = self.activation(8, x * gate[:, :, None, None], True)
        norm = {name: p["3.1.0." + name][:, None, None] for name in ("weight", "bias", "running_mean", "running_var")}
        y = (x - norm["running_mean"]) / (norm["running_var"] + 1e-5).sqrt() * norm["weight"] + norm["bias"]
        y = self.activation(10, relu6(y), False, SHORT_MARGIN)
        y = self.activation(11, self.conv(y, "3.1.2", 0), True)
        x = self.activation(12, torch.cat([x, y], dim=1), True, SHORT_MARGIN)
        x = self.activation(13, avg_pool2d(x, 2), True)
        return self.linear(x.flatten(1), "6")


class SumNet(Net):
    """A sum of signed values, and a hard swish that no other operation takes with it."""

    shape, values = (2, 5, 5), 8

    def __init__(self, *options):
        super().__init__(*options, self.values)
        for name, shape in (("0", (4, 2, 3, 3)), ("1.main.1", (4, 4, 3, 3)), ("4", (3, 4))):
            self.add(name + ".weight", normal(*shape, scale=0.4))
            self.add(name + ".bias", normal(shape[0], scale=0.2))

    def __call__(self, x):
        x = self.activation(0, x, True)
        x = self.activation(1, self.conv(x, "0", 1), True)
        y = self.activation(2, hardswish(x), True)
        x = self.activation(5, hardswish(self.conv(y, "1.main.1", 1) + x), True, SHORT_MARGIN)
        x = self.activation(6, x.mean(dim=(2, 3)), True)
        return self.linear(x, "4")


def check_against_pytorch():
    """LSQ's step gradient must be the one that PyTorch has built in."""
    x, step = torch.randn(500).float(), torch.tensor([0.02]).float()
    x = x[((x / step).abs() - 127.5).abs() > 1]  # PyTorch decides what is clipped after rounding.
    mine = Quantizer("learn", step.double()[0] * 127, 127, -128, 127, x.numel())
    g = torch.randn_like(x)
    mine(x.double()).backward(g.double())
    scale = step.clone().requires_grad_()
    factor = 1 / math.sqrt(x.numel() * 127)
    torch._fake_quantize_learnable_per_tensor_affine(x, scale, torch.zeros(1).float(), -128, 127, factor).backward(g)
    assert torch.allclose(mine.gradient().float(), scale.grad * 127, rtol=1e-3), (mine.gradient(), scale.grad * 127)


def check_affine_against_pytorch():
    """PyTorch learns the scale and the zero point. The offset is -zero point * scale, which the chain rule relates."""
    x = (torch.randn(500) + 0.7).float()
    step, zero = torch.tensor([0.013]).float(), torch.tensor([84.0]).float()
    y = x / step + zero
    x = x[((y + 0.5).abs() > 1) & ((y - 255.5).abs() > 1)]  # PyTorch decides what is clipped after rounding.
    mine = AffineQuantizer("learn", step.double()[0] * 255, -(zero * step).double()[0], x.numel())
    mine.margin = 0
    g = torch.randn_like(x)
    mine(x.double()).backward(g.double())
    step.requires_grad_(), zero.requires_grad_()
    torch._fake_quantize_learnable_per_tensor_affine(x, step, zero, 0, 255, 1.0).backward(g)
    of_step = step.grad - zero.grad * zero.detach() / step.detach()
    of_offset = -zero.grad / step.detach()
    assert torch.allclose(mine.limit.grad.float() * 255, of_step, rtol=1e-3), (mine.limit.grad * 255, of_step)
    assert torch.allclose(mine.offset_gradient().float(), of_offset, rtol=1e-3), (mine.offset_gradient(), of_offset)


def floats(tensor):
    return "{" + ", ".join(float(x).hex() + "F" for x in tensor.detach().float().flatten()) + "}"


def case(kind, rules, limit, per_channel, affine=False):
    while True:
        try:
            net = kind(rules, limit, per_channel, affine)
            images = normal(3, *kind.shape)
            logits = net(images)
            break
        except TooClose:
            continue
    gradient = normal(3, 3)
    logits.backward(gradient)
    given = dict(net.parameters)
    wanted = {name: tensor.grad for name, tensor in net.parameters.items() if "running" not in name}
    for name, quantizer in net.weights.items():
        given[name + "_limit"] = quantizer.limit
        if rules[0] == "learn":
            wanted[name + "_limit"] = quantizer.gradient()
    given["activation_limit"] = net.activation_limits
    given["activation_offset" if affine else "activation_signed"] = net.offsets if affine else net.signs
    if rules[1] != "keep":
        wanted["activation_limit"] = torch.zeros(kind.values)
        for value, quantizer in net.activations.items():
            if value:
                wanted["activation_limit"][value] = quantizer.gradient()
    if affine and rules[1] != "keep":
        wanted["activation_offset"] = torch.zeros(kind.values)
        for value, quantizer in net.activations.items():
            if value and isinstance(quantizer, AffineQuantizer):
                wanted["activation_offset"][value] = quantizer.offset_gradient()
    tensors = lambda named: "{" + ",\n     ".join(f'{{"{name}", {floats(t)}}}' for name, t in named.items()) + "}"
    nhwc = images.permute(0, 2, 3, 1)
    return f"{{{floats(nhwc)},\n    {floats(gradient)},\n    {floats(logits)},\n    {tensors(given)},\n    {tensors(wanted)}}}"


torch.manual_seed(5)
check_against_pytorch()
print("// SPDX-License-Identifier: MIT")
print("// Made by make_quantization_aware.py. Do not edit.")
print("// clang-format off")
print("#pragma once\n\n#include <string>\n#include <utility>\n#include <vector>\n\nnamespace golden {\n")
print("using NamedNumbers = std::vector<std::pair<std::string, std::vector<float>>>;\n")
print("struct AwareCase {\n  std::vector<float> images;  ///< NHWC\n  std::vector<float> logits_gradient;")
print("  std::vector<float> logits;\n  NamedNumbers parameters;\n  NamedNumbers gradients;\n};\n")
RULES = {"straight_through": ("follow", "keep"), "learned_step": ("learn", "learn"), "pact": ("follow", "learn_clip")}
for rule, rules in RULES.items():
    print(f"inline const AwareCase residual_{rule}{case(ResidualNet, rules, 127, True)};\n")
    print(f"inline const AwareCase mixed_{rule}{case(MixedNet, rules, 127, True)};\n")
print(f"inline const AwareCase residual_learned_step_of_7_levels{case(ResidualNet, RULES['learned_step'], 7, False)};\n")
check_affine_against_pytorch()
for rule, rules in RULES.items():
    print(f"inline const AwareCase affine_{rule}{case(MixedNet, rules, 127, True, affine=True)};\n")
print(f"inline const AwareCase affine_sum_learned_step{case(SumNet, RULES['learned_step'], 127, True, affine=True)};\n")
print("}  // namespace golden")
