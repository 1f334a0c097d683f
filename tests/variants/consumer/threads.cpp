// SPDX-License-Identifier: MIT
#include "models.hpp"

int app::threads_at_most(int wanted) {
  return wanted > 1 ? 1 : wanted;
}
