// SPDX-License-Identifier: MIT
#pragma once

/// All that a program needs to run a compressed model: architectures, files, engines. No training, no distillation, no
/// pruning; no measurements: attar/infer/evaluate.hpp measures the accuracy of an engine, attar/infer/latency.hpp its
/// speed; and nothing of what few programs need and all would compile: attar/io/compressed_file.hpp reads the files of
/// `save_compressed`.

// IWYU pragma: begin_exports
#include <attar/backend/embedded.hpp>
#include <attar/core/error.hpp>
#include <attar/core/parallel.hpp>
#include <attar/core/version.hpp>
#include <attar/infer/any_engine.hpp>
#include <attar/infer/engine.hpp>
#include <attar/infer/engine_maker.hpp>
#include <attar/infer/pixel_engine.hpp>
#include <attar/infer/probabilities.hpp>
#include <attar/infer/top.hpp>
#include <attar/io/mixed_file.hpp>
#include <attar/io/model_file.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/cost.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/layer_precision.hpp>
#include <attar/model/mixed_network.hpp>
#include <attar/model/network.hpp>
#include <attar/model/network_constants.hpp>
#include <attar/model/quantized_constants.hpp>
#include <attar/model/quantized_network.hpp>
#include <attar/model/sequential.hpp>
// IWYU pragma: end_exports
