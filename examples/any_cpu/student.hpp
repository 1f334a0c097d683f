// SPDX-License-Identifier: MIT
#pragma once

#include "student_int8.hpp"
#include <attar/infer/engine_maker.hpp>

/// Makes engines of the int8 student for the CPU that the program runs on. The network is an argument, so that the
/// program holds its weights once, and only the kernels in each variant.
extern const attar::EngineMaker<decltype(student_int8::network)&> student;
