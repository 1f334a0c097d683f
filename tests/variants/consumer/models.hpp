// SPDX-License-Identifier: MIT
#pragma once

#include <attar/backend/step_session.hpp>
#include <attar/data/normalization.hpp>
#include <attar/infer/engine_maker.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/network.hpp>
#include <attar/model/sequential.hpp>

namespace app {

/// The network that is compiled in, on so many threads.
extern const attar::EngineMaker<attar::Threads> int8;

using Net = attar::Sequential<attar::Input<3, 12, 12>, attar::Conv2d<13, attar::Kernel<3>>, attar::BatchNorm2d,
                              attar::ReLU, attar::GlobalAvgPool, attar::Linear<5>>;

/// Defined in a file that is compiled once.
int threads_at_most(int wanted);

}  // namespace app

/// Any network, with the normalization of its images.
extern const attar::EngineMaker<const attar::Network<app::Net>&, const attar::Normalization&> float_model;
