// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <attar/model/cost.hpp>
#include <attar/prune/criteria/random.hpp>
#include <attar/prune/width_search.hpp>

namespace attar::width_search_test {
namespace {

template <int A, int B, int C>
using Net = Sequential<Input<3, 8, 8>, Conv2d<A, Kernel<3>>, BatchNorm2d, ReLU,
                       Residual<Stack<Conv2d<B, Kernel<3>>, BatchNorm2d, ReLU, Conv2d<A, Kernel<3>>, BatchNorm2d>>,
                       ReLU, Conv2d<C, Kernel<3>, Stride<2>>, BatchNorm2d, ReLU, GlobalAvgPool, Linear<10>>;
using Wide = Net<32, 32, 64>;

const Network<Wide>& wide() {
  static const Network<Wide> network{Seed{5}};
  return network;
}

bool all_multiples_of(const Widths& widths, int multiple) {
  return std::ranges::all_of(std::span{widths}.first(widths.size() - 1), [&](int w) { return w % multiple == 0; });
}

TEST(WidthSearch, MeetsWhatCanBeCountedClosely) {
  for (const double share : {0.8, 0.5, 0.3}) {
    const auto work = static_cast<double>(cost<Wide>.multiply_adds);
    const auto found = search_widths(wide(), budget::MultiplyAdds{share * work});
    const Cost after = detail::cost_of(found.network.program);
    EXPECT_EQ(found.before, work);
    EXPECT_EQ(found.after, static_cast<double>(after.multiply_adds));
    EXPECT_LE(found.after, share * work);
    EXPECT_GT(found.after, (share - 0.2) * work);
    EXPECT_TRUE(all_multiples_of(found.network.widths(), 8));
    EXPECT_EQ(found.network.widths().back(), 10);
  }
}

TEST(WidthSearch, TakesBudgetsOfSize) {
  const Network<Wide>& network = wide();
  const auto parameters = search_widths<L2Norm, RoundTo<4>>(network, budget::Parameters{12'000});
  EXPECT_LE(detail::cost_of(parameters.network.program).parameters, 12'000U);
  EXPECT_TRUE(all_multiples_of(parameters.network.widths(), 4));
  const auto bytes = search_widths<Random<3>>(network, budget::Bytes{60'000});
  EXPECT_LE(detail::cost_of(bytes.network.program).bytes, 60'000U);
  const auto int8 = search_widths(network, budget::Int8Bytes{20'000});
  EXPECT_LE(budget::Int8Bytes{}.spent(fold_batch_norm(int8.network).program), 20'000);
  EXPECT_EQ(int8.after, budget::Int8Bytes{}.spent(fold_batch_norm(int8.network).program));
}

TEST(WidthSearch, GivesTheNetworkThatItsWidthsGive) {
  const auto found = search_widths(wide(), budget::MultiplyAdds{600'000});
  EXPECT_TRUE(std::ranges::equal(found.network.buffer(), narrow(wide(), found.network.widths()).buffer()));
}

TEST(WidthSearch, SparesTheLayersThatMatter) {
  Network<Wide> network = wide();
  // Half of the last convolution's filters are worth nearly nothing, so these go first.
  const auto filters = network.tensor("5.weight");
  for (float& weight : filters.first(filters.size() / 2)) weight *= 1e-4F;
  const auto found = search_widths(network, budget::MultiplyAdds{0.92 * static_cast<double>(cost<Wide>.multiply_adds)});
  EXPECT_EQ(found.network.widths()[0], 32);
  EXPECT_EQ(found.network.widths()[1], 32);
  EXPECT_LT(found.network.widths()[3], 64);
  const auto weighed =
      search_widths(network, budget::MultiplyAdds{0.92 * static_cast<double>(cost<Wide>.multiply_adds)},
                    {.layer_weights = {1, 1e-9, 1, 1, 1}});
  EXPECT_LT(weighed.network.widths()[1], 32);
  EXPECT_EQ(weighed.network.widths()[3], 64);
}

TEST(WidthSearch, RemovesNothingWhereTheBudgetIsMet) {
  const auto found = search_widths(wide(), budget::MultiplyAdds{1e9});
  EXPECT_EQ(found.network.widths(), widths_of<Wide>());
  EXPECT_TRUE(std::ranges::equal(found.network.buffer(), wide().buffer()));
}

/// A latency that can be foreseen, as far as `noise` lets it.
struct Clock {
  static constexpr std::string_view unit = "ticks";
  double limit = 0;
  int* calls = nullptr;
  double noise = 0;

  [[nodiscard]] double measure(const Program& folded, std::span<const float> parameters) const {
    EXPECT_EQ(parameters.size(), folded.buffer_size);
    EXPECT_TRUE(std::ranges::none_of(folded.ops, [](const Op& op) { return op.kind == OpKind::batch_norm; }));
    ++*calls;
    return budget::MultiplyAdds{}.spent(folded) / 1000 * (1 + noise * std::sin(*calls));
  }
};
static_assert(MeasuredBudget<Clock>);

TEST(WidthSearch, MeetsAMeasuredBudgetWithFewMeasurements) {
  int calls = 0;
  const auto found = search_widths(wide(), Clock{.limit = 600, .calls = &calls});
  EXPECT_LE(found.after, 600);
  EXPECT_GT(found.after, 400);
  EXPECT_EQ(found.before, static_cast<double>(cost<Wide>.multiply_adds) / 1000);
  EXPECT_LE(calls, 8);
  const auto noisy = search_widths(wide(), Clock{.limit = 600, .calls = &calls, .noise = 0.3});
  EXPECT_LE(noisy.after, 600);
}

template <class B>
Error error_of(const B& budget, const WidthSearchOptions& options = {}) {
  try {
    static_cast<void>(search_widths(wide(), budget, options));
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error{ErrorCode::interrupted, "", "", ""};
}

TEST(WidthSearch, SaysWhatCanBeReached) {
  const Error error = error_of(budget::Parameters{100});
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  EXPECT_EQ(error.subject(), "budget");
  const auto least = static_cast<double>(cost<Net<8, 8, 8>>.parameters);
  EXPECT_NE(error.expected().find("at least " + std::to_string(least) + " parameters"), std::string::npos);
  EXPECT_EQ(search_widths(wide(), budget::Parameters{least}).network.widths(), (Widths{8, 8, 8, 8, 10}));
  int calls = 0;
  EXPECT_EQ(error_of(Clock{.limit = 1, .calls = &calls}).code(), ErrorCode::invalid_argument);
}

TEST(WidthSearch, RefusesWhatMakesNoSense) {
  int calls = 0;
  for (const double limit : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_EQ(error_of(budget::MultiplyAdds{limit}).code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error_of(Clock{.limit = limit, .calls = &calls}).code(), ErrorCode::invalid_argument);
  }
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(error_of(Clock{.limit = 500, .calls = &calls, .noise = std::nan("")}).code(), ErrorCode::not_finite);
  for (const double share : {0.0, -0.5, 1.5, std::nan("")}) {
    EXPECT_EQ(error_of(budget::Parameters{5000}, {.min_share = share}).code(), ErrorCode::invalid_argument);
  }
  for (const std::vector<double>& weights : {std::vector<double>{1, 1}, std::vector<double>{1, 1, 1, 1, -1},
                                             std::vector<double>{1, 1, 1, 1, std::nan("")}}) {
    EXPECT_EQ(error_of(budget::Parameters{5000}, {.layer_weights = weights}).code(), ErrorCode::invalid_argument);
  }
}

TEST(WidthSearch, KeepsAShareOfEachLayer) {
  const Error error = error_of(budget::Parameters{100}, {.min_share = 0.5});
  EXPECT_NE(error.expected().find(std::to_string(static_cast<double>(cost<Net<16, 16, 32>>.parameters))),
            std::string::npos);
}

}  // namespace
}  // namespace attar::width_search_test
