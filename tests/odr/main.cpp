// SPDX-License-Identifier: MIT
// Links two translation units that both hold the whole library: a definition that is not inline fails here.
int first();
int second();

int main() {
  return first() == second() ? 0 : 1;
}
