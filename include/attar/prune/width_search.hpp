// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/fold_batch_norm.hpp>
#include <attar/model/narrowed_network.hpp>
#include <attar/model/network.hpp>
#include <attar/prune/budget.hpp>
#include <attar/prune/criteria/norms.hpp>
#include <attar/prune/criterion.hpp>
#include <attar/prune/evidence.hpp>
#include <attar/prune/narrow.hpp>
#include <attar/prune/options.hpp>
#include <attar/prune/width_cells.hpp>
#include <attar/prune/width_path.hpp>

namespace attar {

/// How `search_widths` searches.
struct WidthSearchOptions {
  double min_share = 0.125;  ///< The share of channels that stays in each layer at least, in (0, 1].
  /// What the scores of each layer are multiplied by, as `Widths` lists them: how much a layer matters. Empty: all the
  /// same. `layer_weights` takes them from a sensitivity analysis.
  std::vector<double> layer_weights = {};
};

/// What a search has found.
template <Architecture A, class Scalar = float>
struct FoundWidths {
  NarrowedNetwork<A, Scalar> network;
  double before = 0;  ///< What the network cost, in the budget's unit.
  double after = 0;   ///< What it costs now.
};

namespace detail {

[[noreturn]] inline void refuse_budget(std::string_view unit, double limit, double smallest) {
  raise(Error{ErrorCode::invalid_argument, "budget",
              "at least " + std::to_string(smallest) + ' ' + std::string{unit} +
                  ", which is what the smallest widths that are allowed cost",
              std::to_string(limit)});
}

inline void check_search(std::string_view unit, double limit, const WidthSearchOptions& options, std::size_t layers) {
  if (!std::isfinite(limit) || limit <= 0) {
    raise(Error{ErrorCode::invalid_argument, "budget", "a finite number of " + std::string{unit} + " above 0",
                std::to_string(limit)});
  }
  if (!(options.min_share > 0 && options.min_share <= 1)) {
    raise(Error{ErrorCode::invalid_argument, "smallest share of channels", "more than 0 and at most 1",
                std::to_string(options.min_share)});
  }
  const bool sound = detail::all_of(options.layer_weights, [](double x) { return std::isfinite(x) && x >= 0; });
  if (!options.layer_weights.empty() && (options.layer_weights.size() != layers || !sound)) {
    raise(Error{ErrorCode::invalid_argument, "weights of layers",
                std::to_string(layers) + " finite numbers of at least 0",
                std::to_string(options.layer_weights.size()) + (sound ? " numbers" : " with others among them")});
  }
}

/// A measured number that is one.
inline double checked_measure(std::string_view unit, double measured) {
  if (std::isfinite(measured)) return measured;
  raise(Error{ErrorCode::not_finite, "measured " + std::string{unit}, "a finite number", std::to_string(measured)});
}

/// The first of `candidates`, which get cheaper, that meets the limit, and what it costs. Measuring is noisy, so what
/// bisection found is measured again, and the next is taken where it does not hold. Throws where not even the last
/// does.
template <class Measure>
std::pair<std::size_t, double> first_within(std::size_t candidates, double limit, std::string_view unit,
                                            const Measure& measure) {
  std::size_t low = 0;
  std::size_t high = candidates - 1;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (measure(middle) <= limit) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  for (;; ++low) {
    const double measured = measure(low);
    if (measured <= limit) return {low, measured};
    if (low + 1 == candidates) refuse_budget(unit, limit, measured);
  }
}

}  // namespace detail

/// Finds how many channels each layer can do without, so that the network costs at most `budget`: all groups of
/// channels of the network are ranked against each other by `Criterion`, per unit of what they cost, and the worst go
/// first. Scores are taken relative to what is left in their layer. Widths stay multiples of `Rounding`. Linear layers
/// are narrowed, too, but not the network's output. A latency is measured at some points of the same ranking (by
/// multiply-adds).
///
///     auto found = search_widths<L1Norm>(student, budget::Microseconds{80});
///     const auto found = search_widths<Taylor, RoundTo<16>>(student, budget::MultiplyAdds{2e6}, {}, evidence);
///     trainer.fit(found.network, data.train, HardLabels<>{});
///     write_architecture(found.network, "slim.hpp", {.name = "Slim"});
///
/// Where the network is within the budget as it is, nothing is removed. Throws `invalid_argument` for a budget that
/// cannot be met (it says what can) or that is no number above 0, `not_finite` where a measured cost is none, and what
/// `narrow` throws.
template <FilterCriterion Criterion = L1Norm, class Rounding = RoundTo<8>, Architecture A, class Scalar, Budget B>
[[nodiscard]] FoundWidths<A, Scalar> search_widths(const Network<A, Scalar>& network, const B& budget,
                                                   const WidthSearchOptions& options = {},
                                                   const Evidence<Scalar>& evidence = {}) {
  static_assert(detail::is_round_to<Rounding>, "attar[E116]: search_widths takes a criterion and a RoundTo<8>");
  const std::vector<std::size_t> sized = detail::sized_ops<A>();
  detail::check_search(B::unit, budget.limit, options, sized.size());
  const std::vector<std::vector<double>> scores =
      detail::filter_scores<Criterion>(A::program, network.buffer(), evidence);
  const auto path = [&](detail::WidthPath::Maker make, detail::WidthPath::Spending spending) {
    return detail::WidthPath{detail::WidthCells{A::program, sized, scores},
                             options.layer_weights,
                             make,
                             std::move(spending),
                             {.multiple = Rounding::multiple, .min_share = options.min_share}};
  };
  const auto narrowed = [&](const Widths& widths) { return detail::narrow_by(network, widths, scores); };

  if constexpr (MeasuredBudget<B>) {
    detail::WidthPath by_work =
        path(&detail::find_program<A>, [](const Program& program) { return budget::MultiplyAdds{}.spent(program); });
    std::vector<Widths> candidates{by_work.widths()};
    while (by_work.advance()) candidates.push_back(by_work.widths());
    const auto measure = [&](std::size_t candidate) {
      const auto folded = fold_batch_norm(narrowed(candidates[candidate]));
      return detail::checked_measure(B::unit, budget.measure(folded.program, folded.buffer()));
    };
    const double before = measure(0);
    const auto [found, after] = detail::first_within(candidates.size(), budget.limit, B::unit, measure);
    return {narrowed(candidates[found]), before, after};
  } else {
    using Counted = std::conditional_t<B::folded, fold_batch_norm_t<A>, A>;
    detail::WidthPath at = path(&detail::find_program<Counted>,
                                [&](const Program& program) { return static_cast<double>(budget.spent(program)); });
    const double before = at.spent();
    while (at.spent() > budget.limit) {
      if (!at.advance()) detail::refuse_budget(B::unit, budget.limit, at.spent());
    }
    return {narrowed(at.widths()), before, at.spent()};
  }
}

}  // namespace attar
