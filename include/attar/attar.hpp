// SPDX-License-Identifier: MIT
#pragma once

/// All of the library. With oneDNN where the program links `attar::onednn`.

// IWYU pragma: begin_exports
#include <attar/backend/eigen.hpp>
#include <attar/backend/reference.hpp>
#include <attar/core/interrupt.hpp>
#include <attar/data/loader.hpp>
#include <attar/distill/distill.hpp>
#include <attar/infer.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/model/zoo.hpp>
#include <attar/optim/adam.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/prune/prune.hpp>
#include <attar/quantize/quantize.hpp>
#include <attar/report/machine.hpp>
#include <attar/report/summary.hpp>
#include <attar/report/table.hpp>
#include <attar/train/trainer.hpp>
// IWYU pragma: end_exports
