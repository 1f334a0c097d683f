// SPDX-License-Identifier: MIT
#pragma once

/// Well-known architectures, ready to be instantiated.
// IWYU pragma: begin_exports
#include <attar/model/zoo/densenet.hpp>
#include <attar/model/zoo/efficientnet_lite.hpp>
#include <attar/model/zoo/mobilenet_v2.hpp>
#include <attar/model/zoo/options.hpp>
#include <attar/model/zoo/resnet.hpp>
#include <attar/model/zoo/vgg.hpp>
#include <attar/model/zoo/wide_resnet.hpp>
// IWYU pragma: end_exports
