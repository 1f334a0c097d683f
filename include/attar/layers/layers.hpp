// SPDX-License-Identifier: MIT
#pragma once

// IWYU pragma: begin_exports
#include <attar/layers/avg_pool2d.hpp>
#include <attar/layers/batch_norm2d.hpp>
#include <attar/layers/concat.hpp>
#include <attar/layers/conv2d.hpp>
#include <attar/layers/depthwise_conv2d.hpp>
#include <attar/layers/dropout.hpp>
#include <attar/layers/flatten.hpp>
#include <attar/layers/global_avg_pool.hpp>
#include <attar/layers/hard_swish.hpp>
#include <attar/layers/linear.hpp>
#include <attar/layers/max_pool2d.hpp>
#include <attar/layers/relu.hpp>
#include <attar/layers/relu6.hpp>
#include <attar/layers/residual.hpp>
#include <attar/layers/squeeze_excite.hpp>
#include <attar/layers/stack.hpp>
#include <attar/layers/tag.hpp>
// IWYU pragma: end_exports
