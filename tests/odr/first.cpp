// SPDX-License-Identifier: MIT
#include <attar/attar.hpp>

int first() {
  return ATTAR_VERSION_MAJOR + attar::thread_count();
}
