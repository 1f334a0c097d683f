// SPDX-License-Identifier: MIT
#pragma once

#include <attar/model/mask.hpp>
#include <attar/model/sparse.hpp>
