// SPDX-License-Identifier: MIT
#include "models.hpp"
#include <attar/infer/pixel_engine.hpp>

const attar::EngineMaker<const attar::Network<app::Net>&, const attar::Normalization&> float_model{
    [](const attar::Network<app::Net>& network, const attar::Normalization& normalization) {
      return attar::PixelEngine{network, normalization};
    }};
