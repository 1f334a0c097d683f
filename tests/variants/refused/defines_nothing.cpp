// SPDX-License-Identifier: MIT
// The header was forgotten, without which a constant is the file's own.
#include "network.hpp"
#include <attar/infer/engine_maker.hpp>

const attar::EngineMaker<> model{[] { return attar::Engine{attar::Network<Net>{}}; }};
