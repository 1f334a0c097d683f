// attar[E053]
// SPDX-License-Identifier: MIT
#include <attar/distill/distill.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/optim/sgd.hpp>

using namespace attar;

using Student = Sequential<Input<3, 8, 8>, GlobalAvgPool, Linear<10>>;
using Objective = Distill<SoftTargets<Temperature<4>>>;

#if ATTAR_ACCEPT

auto teach(Network<Student>& student, const Network<Student>& teacher, const Dataset& data) {
  return distill(student, teachers(teacher), data, Objective{}, Trainer{Sgd{}, OneCycle{}, Epochs{1}});
}
#else

auto teach(Network<Student>& student, const Network<Student>& teacher, const Dataset& data) {
  return distill(student, teachers(teacher, teacher), data, Objective{}, Trainer{Sgd{}, OneCycle{}, Epochs{1}});
}
#endif
