# SPDX-License-Identifier: MIT
"""Writes output_terms.hpp: values and gradients of the terms on outputs, made with PyTorch in double precision.

    python make_output_terms.py > output_terms.hpp        (made with PyTorch 2.13.0)
"""

import torch
import torch.nn.functional as F

torch.manual_seed(3)


def numbers(tensor):
    return "{" + ", ".join(repr(x) for x in tensor.flatten().tolist()) + "}"


def kl(student, teacher):
    """From the logarithms of probabilities; the sum over classes, the mean over the batch."""
    return F.kl_div(student, teacher, reduction="batchmean", log_target=True)


def z_scores(logits):
    return (logits - logits.mean(1, keepdim=True)) / logits.std(1, keepdim=True, unbiased=False)


def hinton(student, teacher, t):
    return t * t * kl(F.log_softmax(student / t, 1), F.log_softmax(teacher / t, 1))


def decoupled(student, teacher, labels, alpha, beta, t):
    is_label = F.one_hot(labels, student.shape[1]).bool()

    def split(logits):
        p = F.log_softmax(logits / t, 1)
        others = p[~is_label].view(len(labels), -1)
        label = torch.stack([p[is_label], others.logsumexp(1)], 1)
        return label, F.log_softmax(others, 1)

    (s_label, s_others), (t_label, t_others) = split(student), split(teacher)
    return t * t * (alpha * kl(s_label, t_label) + beta * kl(s_others, t_others))


def pearson(a, b, dim):
    return F.cosine_similarity(a - a.mean(dim, keepdim=True), b - b.mean(dim, keepdim=True), dim, eps=0.0)


def relations(student, teacher, beta, gamma, t):
    s, r = F.softmax(student / t, 1), F.softmax(teacher / t, 1)
    return beta * (1 - pearson(s, r, 1).mean()) + gamma * (1 - pearson(s, r, 0).mean())


def case(batch, classes, size):
    student = (size * torch.randn(batch, classes, dtype=torch.float64)).requires_grad_()
    teacher = size * torch.randn(batch, classes, dtype=torch.float64)
    labels = torch.randint(classes, (batch,))
    zs, zt = z_scores(student), z_scores(teacher)

    def gradient(loss):
        (result,) = torch.autograd.grad(loss, student, retain_graph=True)
        return f"{{{loss.item()!r}, {numbers(result)}}}"

    def each(losses):
        return "{" + ",\n      ".join(map(gradient, losses)) + "}"

    terms = [
        each(
            [decoupled(student, teacher, labels, 1, 8, t) for t in (1, 4, 20)]
            + [decoupled(student, teacher, labels, 2, 0.5, 4)]
        ),
        each([relations(student, teacher, 1, 1, t) for t in (1, 4, 20)] + [relations(student, teacher, 2, 3, 4)]),
        each(hinton(zs, zt, t) for t in (2, 20)),
        each(decoupled(zs, zt, labels, 1, 8, t) for t in (2, 20)),
        gradient(F.mse_loss(student, teacher)),
    ]
    inputs = ",\n     ".join([f"{batch}, {classes}", numbers(student), numbers(teacher), numbers(labels) + ", {}, {}"])
    return f"    {{{{{inputs}}},\n     " + ",\n     ".join(terms) + "},"


print(
    """// SPDX-License-Identifier: MIT
// Made by make_output_terms.py. Do not edit.
// clang-format off
#pragma once

#include <vector>

#include "losses.hpp"

namespace golden {

struct OutputTerms {
  LossCase inputs;
  std::vector<Loss> decoupled;               ///< Parts 1 and 8 at temperature 1, 4 and 20; parts 2 and 1/2 at 4.
  std::vector<Loss> relations;               ///< Parts 1 and 1 at temperature 1, 4 and 20; parts 2 and 3 at 4.
  std::vector<Loss> standardized;            ///< Soft targets at temperature 2 and 20.
  std::vector<Loss> standardized_decoupled;  ///< Parts 1 and 8 at temperature 2 and 20.
  Loss logit_error;
};

inline const std::vector<OutputTerms> output_terms{"""
)
print(case(3, 2, 2.0))
print(case(4, 10, 3.0))
print(case(3, 10, 10.0))
print(case(3, 100, 4.0))
print("};\n\n}  // namespace golden")
