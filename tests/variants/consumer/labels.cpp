// SPDX-License-Identifier: MIT
#include "labels.hpp"

#include <vector>

namespace {

/// With a type whose name the linker gets from one file.
struct Base {
  virtual ~Base();
  [[nodiscard]] virtual int below(int label) const { return label; }
};
Base::~Base() = default;

}  // namespace

struct Labels : Base {
  ~Labels() override;
  [[nodiscard]] int below(int label) const override { return label > 0 ? label - 1 : 0; }
};
Labels::~Labels() = default;

int labels_below(int label) {
  static const std::vector<int> first_use(1, 0);  // Made when it is first asked for, not before main.
  const Labels labels;
  const Base& base = labels;
  return base.below(label) + first_use.front();
}
