// SPDX-License-Identifier: MIT
// The program that the README shows: a teacher, a student, pruning and int8 in one page.
#include <iostream>

#include <attar/attar.hpp>

using namespace attar;

template <int Width, class... More>
using Block = Stack<Conv2d<Width, Kernel<3>, More...>, BatchNorm2d, ReLU>;

template <int Width>
using Net = Sequential<Input<1, 28, 28>, Block<Width>, MaxPool2d<2>, Block<2 * Width>, MaxPool2d<2>,  //
                       Block<3 * Width>, GlobalAvgPool, Linear<10>>;
using Teacher = Net<96>;
using Student = Net<32>;
static_assert(cost<Student>.parameters < 100'000);

using Objective = Distill<SoftTargets<Temperature<4>, Weight<9, 10>>, HardLabels<Weight<1, 10>>>;

int main() {
  const auto data = datasets::fashion_mnist();
  const Trainer trainer{Sgd{.rate = 0.1, .momentum = 0.9}, OneCycle{}, Epochs{8}};

  Network<Teacher> teacher{Seed{1}};
  trainer.fit(teacher, data.train, HardLabels<>{});

  Network<Student> student{Seed{1}};
  distill(student, teachers(teacher), data.train, Objective{}, trainer);
  auto slim = prune<Channels<L1Norm, Keep<3, 4>, RoundTo<16>>>(student);  // another, smaller type
  distill(slim, teachers(teacher), data.train, Objective{}, trainer);
  const auto int8 = quantize<Int8<PerChannel, MinMax>>(slim, data.train.take(1024));
  save(int8, "student.safetensors");

  const Engine engine{load<decltype(int8)>("student.safetensors")};
  std::cout << evaluate(engine, data.test) << '\n';
}
