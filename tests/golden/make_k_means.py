# SPDX-License-Identifier: MIT
"""Writes k_means.hpp: Lloyd's algorithm in one dimension from evenly spaced centroids, every distance computed.

    python make_k_means.py        (made with NumPy 2.4)
"""

from pathlib import Path

import numpy as np


def lloyd(values, count):
    centroids = np.linspace(values.min(), values.max(), count)
    labels = None
    while True:
        found = np.abs(values[:, None] - centroids[None, :]).argmin(axis=1)
        if labels is not None and (found == labels).all():
            break
        labels = found
        for i in range(count):
            if (labels == i).any():
                centroids[i] = values[labels == i].mean()
    used = np.unique(labels)
    return centroids[used], np.searchsorted(used, labels)


def case(values, count):
    values = values.astype(np.float32).astype(np.float64)
    centroids, labels = lloyd(values, count)

    def numbers(array):
        return "{" + ", ".join(float(x).hex() for x in array) + "}"

    return f"    {{{count},\n     {numbers(values)},\n     {numbers(centroids)},\n     {{{', '.join(map(str, labels))}}}}},"


rng = np.random.default_rng(3)
normal = rng.normal(size=120)
pruned = rng.normal(size=1200)
pruned = pruned[np.abs(pruned) > 1.6]
cases = [
    case(np.array([1.0, 2.0, 3.0, 10.0, 11.0, 12.0]), 2),
    case(np.array([4.0, 4.0, 4.0]), 3),
    case(np.array([-1.0, 5.0, -1.0, 2.0]), 8),
    case(normal, 1),
    case(normal, 5),
    case(normal, 16),
    case(pruned, 32),
    case(np.exp(2 * rng.normal(size=100)), 12),
]
text = "\n".join(
    [
        "// SPDX-License-Identifier: MIT",
        "// Made by make_k_means.py. Do not edit.",
        "// clang-format off",
        "#pragma once\n\n#include <cstddef>\n#include <vector>\n\nnamespace golden {\n",
        "struct Clustering {\n  std::size_t clusters;\n  std::vector<double> numbers;",
        "  std::vector<double> centroids;\n  std::vector<std::size_t> labels;\n};\n",
        "inline const std::vector<Clustering> clusterings{",
        *cases,
        "};\n\n}  // namespace golden\n",
    ]
)
Path(__file__).with_name("k_means.hpp").write_text(text, encoding="utf-8")
