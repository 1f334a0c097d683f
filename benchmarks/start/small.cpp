// SPDX-License-Identifier: MIT
#include "start.hpp"

int main(int count, char** arguments) {
  return start<models::Small>(count, arguments);
}
