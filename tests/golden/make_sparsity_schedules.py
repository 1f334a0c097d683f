# SPDX-License-Identifier: MIT
"""Sparsities by the papers' own formulas, s_i = 0.1 and s_f = 0.9, at tenths of a run, written to
sparsity_schedules.hpp.

    python make_sparsity_schedules.py
"""
import math
from pathlib import Path

INITIAL, FINAL = 0.1, 0.9


def way(t, begin, end):
    return min(max((t - begin) / (end - begin), 0.0), 1.0)


def iterative(t, steps, begin, end):
    """Equal steps, the first just after the beginning."""
    return INITIAL + (FINAL - INITIAL) / steps * math.ceil(way(t, begin, end) * steps)


def cubic(t, begin, end):
    """Zhu and Gupta 2017, equation 1."""
    return FINAL + (INITIAL - FINAL) * (1 - way(t, begin, end)) ** 3


def one_cycle(t, alpha, beta):
    """Hubens et al. 2021, equation 1."""
    return INITIAL + (FINAL - INITIAL) * (1 + math.exp(-alpha + beta)) / (1 + math.exp(-alpha * t + beta))


CURVES = {
    "iterative": lambda t: iterative(t, 4, 0.1, 0.75),
    "cubic": lambda t: cubic(t, 0.1, 0.75),
    "one_cycle": lambda t: one_cycle(t, 14, 5),
    "one_cycle_slow": lambda t: one_cycle(t, 6, 3),
}

text = """// SPDX-License-Identifier: MIT
// Made by make_sparsity_schedules.py. Do not edit.
// clang-format off
#pragma once

#include <array>

namespace golden {

"""
for name, curve in CURVES.items():
    numbers = ", ".join(repr(curve(i / 10)) for i in range(11))
    text += f"inline constexpr std::array {name}{{{numbers}}};\n"
text += "\n}  // namespace golden\n"
(Path(__file__).parent / "sparsity_schedules.hpp").write_text(text)
