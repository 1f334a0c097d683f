// SPDX-License-Identifier: MIT
#pragma once

#include <attar/infer/engine_maker.hpp>

extern const attar::EngineMaker<> model;
