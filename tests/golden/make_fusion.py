# SPDX-License-Identifier: MIT
"""Writes fusion.hpp: weights of several teachers and fused logits, made with PyTorch in double precision.

    python make_fusion.py > fusion.hpp        (made with PyTorch 2.13.0)
"""

import itertools

import torch
import torch.nn.functional as F

torch.manual_seed(3)


def numbers(tensor):
    return "{" + ", ".join(f"{x:.17g}" for x in tensor.flatten().tolist()) + "}"


def in_float(tensor):
    """Numbers that a float holds exactly, short ones."""
    return (tensor * 256).round() / 256


def entropy_weights(teachers):
    p = F.softmax(teachers, dim=2)
    entropy = -torch.xlogy(p, p).sum(2)
    return (1 - entropy / entropy.sum(0)) / (len(teachers) - 1)


def confidence_weights(teachers, labels):
    losses = torch.stack([F.cross_entropy(t, labels, reduction="none") for t in teachers])
    return (1 - F.softmax(losses, dim=0)) / (len(teachers) - 1)


def gradient_weights(teachers, student, most):
    """The quadratic program by brute force: all ways to hold weights at 0 or at most, the best one that is allowed."""
    leaf = student.clone().requires_grad_()
    gradients = []
    for teacher in teachers:
        loss = F.kl_div(F.log_softmax(leaf / 4, 1), F.softmax(teacher / 4, 1), reduction="batchmean")
        gradients.append(torch.autograd.grad(loss, leaf)[0].flatten())
    g = torch.stack(gradients)
    gram = g @ g.T
    count = len(teachers)
    best, weights = None, None
    for held in itertools.product((None, 0.0, most), repeat=count):
        free = [i for i in range(count) if held[i] is None]
        w = torch.tensor([0.0 if h is None else h for h in held], dtype=torch.float64)
        if free:
            n = len(free)
            system = torch.zeros(n + 1, n + 1, dtype=torch.float64)
            system[:n, :n] = gram[free][:, free]
            system[n, :n] = system[:n, n] = 1
            right = torch.cat([-(gram @ w)[free], (1 - w.sum())[None]])
            w[free] = torch.linalg.solve(system, right)[:n]
        if abs(w.sum() - 1) > 1e-9 or w.min() < -1e-9 or w.max() > most + 1e-9:
            continue
        norm = (w @ gram @ w).item()
        if best is None or norm < best - 1e-15:
            best, weights = norm, w
    return weights


def gate(teachers, labels, parameters):
    """The weights, teachers x batch, and the gradient of the gate's own loss."""
    count, batch, classes = teachers.shape
    leaf = parameters.clone().requires_grad_()
    p = F.softmax(teachers, dim=2)
    said = p.permute(1, 0, 2).reshape(batch, -1)
    weights = F.softmax(F.linear(said, leaf[: -count].reshape(count, -1), leaf[-count:]), dim=1)
    mixture = torch.einsum("bk,kbc->bc", weights, p)
    loss = F.nll_loss(mixture.log(), labels)
    return weights.detach().T, torch.autograd.grad(loss, leaf)[0]


def case(count, batch, classes, size):
    def normal(*shape):
        return torch.randn(*shape, dtype=torch.float64)

    teachers = in_float(size * (normal(batch, classes) + normal(count, batch, classes)))
    student = in_float(size * normal(batch, classes))
    labels = torch.randint(classes, (batch,))
    parameters = in_float(normal(count * (count * classes + 1)))
    weights = F.softmax(normal(count, batch), dim=0)
    gate_weights, gate_gradient = gate(teachers, labels, parameters)

    def mixture(t):
        return t * torch.einsum("kb,kbc->bc", weights, F.softmax(teachers / t, dim=2)).log()

    parts = [
        f"{count}, {batch}, {classes}",
        numbers(teachers),
        numbers(student),
        numbers(labels),
        numbers(entropy_weights(teachers)),
        numbers(confidence_weights(teachers, labels)),
        numbers(gradient_weights(teachers, student, 0.6)),
        numbers(gradient_weights(teachers, student, 1.0)),
        numbers(parameters),
        numbers(gate_weights),
        numbers(gate_gradient),
        numbers(weights),
        numbers(torch.einsum("kb,kbc->bc", weights, teachers)),
        "{" + ",\n      ".join(numbers(mixture(t)) for t in (1.0, 4.0, 20.0)) + "}",
    ]
    return "    {" + ",\n     ".join(parts) + "},"


print(
    """// SPDX-License-Identifier: MIT
// Made by make_fusion.py. Do not edit.
// clang-format off
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace golden {

struct Fusion {
  std::size_t teachers;
  std::size_t batch;
  std::size_t classes;
  std::vector<float> teacher_logits;  ///< Teachers x batch x classes.
  std::vector<float> student_logits;  ///< Batch x classes.
  std::vector<std::int32_t> labels;
  std::vector<double> by_entropy;         ///< Teachers x batch.
  std::vector<double> by_confidence;      ///< Teachers x batch.
  std::vector<double> by_gradients;       ///< One per teacher, at most 0.6.
  std::vector<double> by_gradients_free;  ///< One per teacher, at most 1.
  std::vector<float> gate_parameters;
  std::vector<double> by_gate;  ///< Teachers x batch.
  std::vector<double> gate_gradients;
  std::vector<double> weights;  ///< Teachers x batch; those of the fused logits below.
  std::vector<double> mean_logits;
  std::vector<std::vector<double>> log_mean_probabilities;  ///< At temperature 1, 4 and 20.
};

inline const std::vector<Fusion> fusions{"""
)
print(case(2, 3, 2, 1.0))
print(case(3, 4, 10, 3.0))
print(case(5, 2, 4, 2.0))
print(case(4, 1, 12, 30.0))
print("};\n\n}  // namespace golden")
