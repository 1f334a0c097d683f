// SPDX-License-Identifier: MIT
#pragma once

/// All of the library.
#include <attar/infer.hpp>
