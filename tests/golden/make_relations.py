# SPDX-License-Identifier: MIT
"""Writes relations.hpp: values and gradients of the terms that compare images with each other, made with PyTorch in
double precision.

    python make_relations.py > relations.hpp        (made with PyTorch 2.13.0)
"""

import math

import torch
import torch.nn.functional as F

torch.manual_seed(3)


def numbers(tensor):
    return "{" + ", ".join(repr(x) for x in tensor.flatten().tolist()) + "}"


def distances(student, teacher):
    def relative(rows):
        gaps = torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")
        return gaps / gaps[gaps > 0].mean()

    return F.smooth_l1_loss(relative(student), relative(teacher))


def angles(student, teacher):
    def cosines(rows):
        ways = F.normalize(rows.unsqueeze(0) - rows.unsqueeze(1), dim=2)
        return ways @ ways.transpose(1, 2)

    return F.smooth_l1_loss(cosines(student), cosines(teacher))


def probabilistic(student, teacher):
    def probabilities(rows):
        rows = F.normalize(rows)
        alike = (rows @ rows.T + 1) / 2
        return alike / alike.sum(1, keepdim=True)

    p, q = probabilities(teacher), probabilities(student)
    return (p * torch.log((p + 1e-7) / (q + 1e-7))).mean()


def correlation(student, teacher):
    def kernel(rows):
        rows = F.normalize(rows)
        return sum(math.exp(-0.8) * 0.8**p / math.factorial(p) * (rows @ rows.T) ** p for p in range(3))

    return F.mse_loss(kernel(student), kernel(teacher))


TERMS = {f.__name__: f for f in (distances, angles, probabilistic, correlation)}


def case(name, batch, student, teacher, spread=1.0):
    """Features with a common part, as behind a ReLU; the teacher's images have very different norms if `spread`."""
    s = (torch.randn(batch, student, dtype=torch.float64) + 0.5).requires_grad_()
    t = (torch.randn(batch, teacher, dtype=torch.float64) + 0.5) * spread ** torch.arange(batch).unsqueeze(1)
    loss = TERMS[name](s, t)
    (gradient,) = torch.autograd.grad(loss, s)
    return (f'    {{"{name}", {batch}, {{{student}}}, {{{teacher}}},\n     {numbers(s)},\n     {numbers(t)},\n'
            f"     {loss.item()!r}, {numbers(gradient)}}},")


def contrast(batch, samples, features, candidates):
    """Contrastive distillation of unit vectors with given banks: two steps, so that the level is kept."""
    banks = F.normalize(torch.randn(2, samples, features, dtype=torch.float64), dim=2)
    lines = [f"    {{{batch}, {samples}, {features}, {numbers(banks)}, {{\n"]
    level = [None, None]
    for step in range(2):
        drawn = torch.stack([torch.randperm(samples)[:candidates] for _ in range(batch)])
        drawn[:, 0] = torch.arange(batch) * 2 + step
        weights = torch.rand(batch, dtype=torch.float64) / batch
        raw = F.normalize(torch.randn(2, batch, features, dtype=torch.float64), dim=2).requires_grad_()
        loss = 0
        for anchor in range(2):
            likely = torch.exp(torch.einsum("bkf,bf->bk", banks[1 - anchor][drawn], raw[anchor]) / 0.07)
            if level[anchor] is None:
                level[anchor] = likely.mean().item()
            z = level[anchor] * samples
            noise = (candidates - 1) / samples
            joint = likely / z
            each = torch.log(joint[:, 0] / (joint[:, 0] + noise)) + torch.log(noise / (joint[:, 1:] + noise)).sum(1)
            loss = loss - (weights * each).sum()
        (gradient,) = torch.autograd.grad(loss, raw)
        with torch.no_grad():
            for side in range(2):
                banks[side][drawn[:, 0]] = F.normalize(0.5 * banks[side][drawn[:, 0]] + 0.5 * raw[side])
        lines.append(f"      {{{numbers(drawn)}, {numbers(weights)}, {numbers(raw[0])}, {numbers(raw[1])},\n"
                     f"       {loss.item()!r}, {numbers(gradient[0])}, {numbers(gradient[1])}}},\n")
    lines.append(f"    }}, {numbers(banks)}}},")
    return "".join(lines)


print("""// SPDX-License-Identifier: MIT
// Made by make_relations.py. Do not edit.
// clang-format off
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <attar/core/shape.hpp>

namespace golden {

struct Relations {
  std::string_view term;
  std::size_t batch;
  attar::Shape student_shape, teacher_shape;
  std::vector<double> student, teacher;
  double loss;
  std::vector<double> gradient;
};

inline const std::vector<Relations> relations{""")
for term in TERMS:
    print(case(term, 6, 5, 5))
    print(case(term, 5, 3, 8, spread=2.0))
    print(case(term, 9, 12, 4))
print("""};

struct ContrastStep {
  std::vector<std::uint32_t> drawn;
  std::vector<double> weights, student, teacher;
  double loss;
  std::vector<double> student_gradient, teacher_gradient;
};

struct Contrast {
  std::size_t batch, samples, features;
  std::vector<double> banks;  ///< The student's, then the teacher's.
  std::vector<ContrastStep> steps;
  std::vector<double> banks_after;
};

inline const std::vector<Contrast> contrasts{""")
print(contrast(3, 10, 4, 5))
print(contrast(4, 12, 7, 9))
print("};\n\n}  // namespace golden")
