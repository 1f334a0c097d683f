// SPDX-License-Identifier: MIT
#include "model.hpp"

int main() {
  return model.make().batch() - 1;
}
