// SPDX-License-Identifier: MIT
#pragma once

#include <attar/infer/engine.hpp>
#include <attar/layers/layers.hpp>
#include <attar/model/network.hpp>
#include <attar/model/sequential.hpp>

using Net = attar::Sequential<attar::Input<1, 4, 4>, attar::GlobalAvgPool, attar::Linear<2>>;
