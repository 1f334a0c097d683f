// SPDX-License-Identifier: MIT
// Stands in for the library's header in programs that have the single header only.
#pragma once

#include <attar_infer.hpp>
