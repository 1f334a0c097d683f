// SPDX-License-Identifier: MIT
#pragma once

/// All that a program needs to run a compressed model: no training, no distillation, no pruning.
#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/version.hpp>
