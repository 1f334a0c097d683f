# SPDX-License-Identifier: MIT
"""Writes calibrators.hpp: where calibrators clip.

    python make_calibrators.py > calibrators.hpp        (made with PyTorch 2.13.0)

The moving average and the zero points are those of PyTorch's observers, one image at a time. PyTorch has the others not, or (HistogramObserver) searches
otherwise; they are written down here from their definitions, by brute force on the numbers themselves.
"""

import torch
from torch.ao.quantization.observer import MinMaxObserver, MovingAverageMinMaxObserver

torch.manual_seed(5)
images = torch.distributions.Laplace(0.1, 0.5).sample((12, 40)).float()


def floats(tensor):
    return "{" + ", ".join(float(x).hex() + "F" for x in tensor.flatten()) + "}"


def moving_average(constant):
    observer = MovingAverageMinMaxObserver(
        averaging_constant=constant, dtype=torch.qint8, qscheme=torch.per_tensor_symmetric, quant_min=-127, quant_max=127,
        eps=0.0)
    for image in images:
        observer(image.reshape(1, -1))
    return float(observer.calculate_qparams()[0]) * 127


def affine(observer, **options):
    observer = observer(dtype=torch.quint8, qscheme=torch.per_tensor_affine, eps=0.0, **options)
    for image in images:
        observer(image.reshape(1, -1))
    scale, zero_point = observer.calculate_qparams()
    numbers = torch.quantize_per_tensor(images.flatten(), float(scale), int(zero_point), torch.quint8).int_repr()
    return f"{{{float(scale)!r}F, {int(zero_point)}, {{{', '.join(str(int(q)) for q in numbers)}}}}}"


def percentile(share):
    return float(torch.quantile(images.flatten().double().abs(), share))


def squared_error(levels):
    numbers = images.flatten().double().abs()
    limits = torch.linspace(0, float(numbers.max()), 4001).double()[1:]
    errors = [float(((torch.clamp((numbers * levels / t).round(), max=levels) * t / levels - numbers) ** 2).sum())
              for t in limits]
    return min(errors)


def analytic(levels, clipping):
    limits = torch.arange(1, 40000).double() / 2000
    errors = clipping(limits) + limits**2 / (12 * levels**2)
    return float(limits[errors.argmin()])


def laplace(t):
    return 2 * torch.exp(-t)


def normal(t):
    density = torch.exp(-t * t / 2) / (2 * torch.pi) ** 0.5
    return (1 + t * t) * torch.erfc(t / 2**0.5) - 2 * t * density


print("// SPDX-License-Identifier: MIT")
print("// Made by make_calibrators.py. Do not edit.")
print("// clang-format off")
print("#pragma once\n\n#include <cstddef>\n#include <vector>\n\nnamespace golden {\n")
print(f"inline constexpr std::size_t image_size = {images.shape[1]};")
print(f"inline const std::vector<float> images{floats(images)};\n")
print("/// Limits of a moving average that moves by 1/100 and by 1/4.")
print(f"inline constexpr float moving_by_a_hundredth = {moving_average(0.01)!r}F;")
print(f"inline constexpr float moving_by_a_quarter = {moving_average(0.25)!r}F;\n")
print("/// What observers make of the images in unsigned bytes with a zero point: by the range of all, and by one that moves")
print("/// by 1/4.")
print("struct Affine {\n  float scale;\n  int zero_point;\n  std::vector<int> numbers;\n};")
print(f"inline const Affine affine_min_max{affine(MinMaxObserver)};")
print(f"inline const Affine affine_by_a_quarter{affine(MovingAverageMinMaxObserver, averaging_constant=0.25)};\n")
print("/// Magnitudes below which 90 % and 99 % lie.")
print(f"inline constexpr float ninety_percent = {percentile(0.9)!r}F;")
print(f"inline constexpr float ninety_nine_percent = {percentile(0.99)!r}F;\n")
print("/// The least squared error, summed up, that any limit gives.")
print("struct LeastError {\n  int levels;\n  double error;\n};")
print("inline const std::vector<LeastError> least_errors{"
      + ", ".join(f"{{{levels}, {squared_error(levels)!r}}}" for levels in (3, 7, 127)) + "};\n")
print("/// Analytic limits, to 1/2000, for a mean magnitude and for a deviation of 1.")
print("struct AnalyticLimits {\n  int levels;\n  double laplace;\n  double normal;\n};")
print("inline const std::vector<AnalyticLimits> analytic_limits{"
      + ", ".join(f"{{{n}, {analytic(n, laplace)!r}, {analytic(n, normal)!r}}}" for n in (2, 4, 8, 127, 255)) + "};")
print("\n}  // namespace golden")
