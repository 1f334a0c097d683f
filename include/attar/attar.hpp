// SPDX-License-Identifier: MIT
#pragma once

/// All of the library. With oneDNN where the program links `attar::onednn`.

// IWYU pragma: begin_exports
#include <attar/backend/eigen.hpp>
#include <attar/backend/reference.hpp>
#include <attar/core/interrupt.hpp>
#include <attar/data/loader.hpp>
#include <attar/distill/by_confidence.hpp>
#include <attar/distill/by_entropy.hpp>
#include <attar/distill/by_gate.hpp>
#include <attar/distill/by_gradients.hpp>
#include <attar/distill/distill.hpp>
#include <attar/distill/distill_known.hpp>
#include <attar/distill/knowledge_file.hpp>
#include <attar/distill/remember.hpp>
#include <attar/infer.hpp>
#include <attar/io/architecture_file.hpp>
#include <attar/loss/angles.hpp>
#include <attar/loss/attention_transfer.hpp>
#include <attar/loss/contrastive.hpp>
#include <attar/loss/correlation.hpp>
#include <attar/loss/decoupled_targets.hpp>
#include <attar/loss/distances.hpp>
#include <attar/loss/fit_net.hpp>
#include <attar/loss/hard_labels.hpp>
#include <attar/loss/logit_error.hpp>
#include <attar/loss/probabilistic.hpp>
#include <attar/loss/relations.hpp>
#include <attar/loss/selectivity.hpp>
#include <attar/loss/similarity.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/loss/variational.hpp>
#include <attar/model/zoo.hpp>
#include <attar/optim/adam.hpp>
#include <attar/optim/sgd.hpp>
#include <attar/prune/cluster.hpp>
#include <attar/prune/criteria/activations.hpp>
#include <attar/prune/criteria/geometric_median.hpp>
#include <attar/prune/criteria/gradients.hpp>
#include <attar/prune/criteria/lamp.hpp>
#include <attar/prune/criteria/movement.hpp>
#include <attar/prune/criteria/norm_scale.hpp>
#include <attar/prune/criteria/norms.hpp>
#include <attar/prune/criteria/random.hpp>
#include <attar/prune/drop_blocks.hpp>
#include <attar/prune/gather_evidence.hpp>
#include <attar/prune/gradual.hpp>
#include <attar/prune/prune.hpp>
#include <attar/prune/rewind.hpp>
#include <attar/prune/sensitivity.hpp>
#include <attar/prune/sparse.hpp>
#include <attar/prune/width_search.hpp>
#include <attar/quantize/quantize.hpp>
#include <attar/report/compression.hpp>
#include <attar/report/layers.hpp>
#include <attar/report/machine.hpp>
#include <attar/report/seeds.hpp>
#include <attar/report/sensitivity.hpp>
#include <attar/report/sparsity.hpp>
#include <attar/report/summary.hpp>
#include <attar/report/table.hpp>
#include <attar/train/reestimate_norms.hpp>
#include <attar/train/trainer.hpp>
// IWYU pragma: end_exports
