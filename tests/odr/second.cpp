// SPDX-License-Identifier: MIT
#include <attar/attar.hpp>
#include <attar/infer.hpp>

int second() {
  return ATTAR_VERSION_MAJOR + attar::thread_count();
}
