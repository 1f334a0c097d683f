# SPDX-License-Identifier: MIT
"""Writes feature_maps.hpp: values and gradients of the terms that compare maps, made with PyTorch in double precision.

    python make_feature_maps.py > feature_maps.hpp        (made with PyTorch 2.13.0)
"""

import torch
import torch.nn.functional as F

torch.manual_seed(2)


def numbers(tensor):
    return "{" + ", ".join(repr(x) for x in tensor.flatten().tolist()) + "}"


def nhwc(maps):
    return numbers(maps.permute(0, 2, 3, 1))


def shape(maps):
    return "{" + ", ".join(map(str, maps.shape[1:])) + "}"


def attention(maps, size):
    energy = F.adaptive_avg_pool2d(maps.pow(2), size).mean(1).flatten(1)
    return F.normalize(energy)


def attention_transfer(student, teacher):
    size = min(student.shape[2:], teacher.shape[2:])
    return (attention(student, size) - attention(teacher, size)).pow(2).mean()


def adapted(student, parameters, channels):
    """A 1x1 convolution with bias; its weight and bias are the first of the parameters."""
    width = student.shape[1]
    weight, bias = parameters[: width * channels], parameters[width * channels : (width + 1) * channels]
    return F.conv2d(student, weight.reshape(channels, width, 1, 1), bias)


def fit_net(student, teacher, parameters):
    return F.mse_loss(adapted(student, parameters, teacher.shape[1]) if len(parameters) else student, teacher)


def similarity(student, teacher):
    def gram(maps):
        rows = maps.flatten(1)
        return F.normalize(rows @ rows.T)

    return (gram(student) - gram(teacher)).pow(2).sum() / len(student) ** 2


def selectivity(student, teacher):
    s, t = (F.normalize(maps.flatten(2), dim=2) for maps in (student, teacher))

    def kernel(a, b):
        return torch.einsum("ncp,ndp->ncd", a, b).pow(2).mean((1, 2))

    return (kernel(s, s) + kernel(t, t) - 2 * kernel(s, t)).mean()


def variational(student, teacher, parameters):
    channels = teacher.shape[1]
    variance = (F.softplus(parameters[-channels:]) + 1e-5).reshape(1, channels, 1, 1).expand_as(teacher)
    # The function clamps the variance at 1e-6, which is below the floor.
    return F.gaussian_nll_loss(adapted(student, parameters, channels), teacher, variance, eps=1e-6)


def case(term, batch, student, teacher, parameter_count=0):
    s = torch.randn(batch, *student, dtype=torch.float64).requires_grad_()
    t = torch.randn(batch, *teacher, dtype=torch.float64)
    p = torch.randn(parameter_count, dtype=torch.float64).requires_grad_()
    loss = term(s, t, p) if term in (fit_net, variational) else term(s, t)
    gradient, of_parameters = torch.autograd.grad(loss, (s, p), allow_unused=True)
    of_parameters = torch.zeros(0) if of_parameters is None else of_parameters
    return (f'    {{"{term.__name__}", {batch}, {shape(s)}, {shape(t)},\n     {nhwc(s)},\n     {nhwc(t)},\n'
            f"     {numbers(p)},\n     {loss.item()!r}, {nhwc(gradient)},\n     {numbers(of_parameters)}}},")


print("""// SPDX-License-Identifier: MIT
// Made by make_feature_maps.py. Do not edit.
// clang-format off
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <attar/core/shape.hpp>

namespace golden {

struct FeatureMaps {
  std::string_view term;
  std::size_t batch;
  attar::Shape student_shape, teacher_shape;
  std::vector<double> student, teacher;  ///< NHWC.
  std::vector<double> parameters;        ///< Of the term: adapter (weight, bias) and what else it learns.
  double loss;
  std::vector<double> gradient, parameter_gradient;
};

inline const std::vector<FeatureMaps> feature_maps{""")
print(case(attention_transfer, 3, (4, 4, 4), (6, 4, 4)))
print(case(attention_transfer, 2, (3, 4, 4), (2, 2, 2)))
print(case(attention_transfer, 2, (3, 2, 2), (2, 4, 4)))
print(case(fit_net, 3, (3, 4, 2), (3, 4, 2)))
print(case(fit_net, 3, (3, 4, 2), (5, 4, 2), 4 * 5))
print(case(fit_net, 2, (4, 1, 1), (2, 1, 1), 5 * 2))
print(case(similarity, 4, (3, 2, 2), (2, 3, 3)))
print(case(similarity, 5, (7, 1, 1), (3, 2, 1)))
print(case(selectivity, 3, (7, 2, 2), (5, 2, 2)))  # Few pixels.
print(case(selectivity, 2, (2, 5, 4), (3, 5, 4)))  # Few channels.
print(case(variational, 3, (3, 4, 2), (5, 4, 2), 4 * 5 + 5))
print(case(variational, 2, (4, 2, 1), (4, 2, 1), 5 * 4 + 4))
print("};\n\n}  // namespace golden")
