// SPDX-License-Identifier: MIT
#include <attar/backend/aware/operations.hpp>
