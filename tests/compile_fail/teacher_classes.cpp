// attar[E051]
// SPDX-License-Identifier: MIT
#include <attar/distill/distill.hpp>
#include <attar/loss/soft_targets.hpp>
#include <attar/optim/sgd.hpp>

using namespace attar;

using Student = Sequential<Input<3, 8, 8>, GlobalAvgPool, Linear<10>>;
#if ATTAR_ACCEPT
using Teacher = Sequential<Input<3, 8, 8>, GlobalAvgPool, Linear<20>, ReLU, Linear<10>>;
#else
using Teacher = Sequential<Input<3, 8, 8>, GlobalAvgPool, Linear<20>>;
#endif

using Objective = Distill<SoftTargets<Temperature<4>>>;

auto teach(Network<Student>& student, const Network<Teacher>& teacher, const Dataset& data) {
  return distill(student, teachers(teacher), data, Objective{}, Trainer{Sgd{}, OneCycle{}, Epochs{1}});
}
