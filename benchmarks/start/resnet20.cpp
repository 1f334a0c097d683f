// SPDX-License-Identifier: MIT
#include "start.hpp"

int main(int count, char** arguments) {
  return start<models::ResNet20>(count, arguments);
}
