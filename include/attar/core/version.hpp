// SPDX-License-Identifier: MIT
#pragma once

#define ATTAR_VERSION_MAJOR 0
#define ATTAR_VERSION_MINOR 1
#define ATTAR_VERSION_PATCH 0
