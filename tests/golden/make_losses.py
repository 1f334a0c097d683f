# SPDX-License-Identifier: MIT
"""Writes losses.hpp: values and gradients of the losses, made with PyTorch in double precision.

    python make_losses.py > losses.hpp        (made with PyTorch 2.13.0)
"""

import torch
import torch.nn.functional as F

torch.manual_seed(1)


def numbers(tensor):
    return "{" + ", ".join(repr(x) for x in tensor.flatten().tolist()) + "}"


def gradient(loss, logits):
    (result,) = torch.autograd.grad(loss, logits)
    return f"{{{loss.item()!r}, {numbers(result)}}}"


def case(batch, classes, size):
    student = (size * torch.randn(batch, classes, dtype=torch.float64)).requires_grad_()
    teacher = size * torch.randn(batch, classes, dtype=torch.float64)
    labels = torch.randint(classes, (batch,))

    def hinton(t):
        soft = F.log_softmax(student / t, dim=1)
        target = F.log_softmax(teacher / t, dim=1)
        return t * t * F.kl_div(soft, target, reduction="batchmean", log_target=True)

    hard = [gradient(F.cross_entropy(student, labels, label_smoothing=s), student) for s in (0.0, 0.1)]
    soft = [gradient(hinton(t), student) for t in (1.0, 2.5, 4.0, 20.0)]
    return (
        f"    {{{batch}, {classes},\n     {numbers(student)},\n     {numbers(teacher)},\n     {numbers(labels)},\n     {{"
        + ",\n      ".join(hard)
        + "},\n     {"
        + ",\n      ".join(soft)
        + "}},"
    )


print(
    """// SPDX-License-Identifier: MIT
// Made by make_losses.py. Do not edit.
// clang-format off
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace golden {

struct Loss {
  double value;
  std::vector<double> gradient;
};

struct LossCase {
  std::size_t batch;
  std::size_t classes;
  std::vector<double> student;
  std::vector<double> teacher;
  std::vector<std::int32_t> labels;
  std::vector<Loss> hard_labels;   ///< Label smoothing 0 and 0.1.
  std::vector<Loss> soft_targets;  ///< Temperature 1, 2.5, 4 and 20.
};

inline const std::vector<LossCase> losses{"""
)
print(case(3, 2, 2.0))
print(case(4, 10, 3.0))
print(case(1, 10, 40.0))
print(case(2, 100, 4.0))
print("};\n\n}  // namespace golden")
