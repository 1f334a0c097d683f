// SPDX-License-Identifier: MIT
// Compiled once for each set of instructions: see CMakeLists.txt.
#include "student.hpp"

#include <attar/data/normalization.hpp>
#include <attar/infer/pixel_engine.hpp>

const attar::EngineMaker<decltype(student_int8::network)&> student{
    [](const auto& network) { return attar::PixelEngine{network, attar::Normalization{{0.2860F}, {0.3530F}}}; }};
