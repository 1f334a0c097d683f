// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <vector>

#include <attar/core/error.hpp>
#include <attar/model/description.hpp>
#include <attar/model/narrowed_network.hpp>
#include <attar/prune/criteria/norms.hpp>
#include <attar/prune/criterion.hpp>
#include <attar/prune/evidence.hpp>
#include <attar/prune/prune_to.hpp>

namespace attar {

namespace detail {

/// `network` with other widths; `scores` say which channels stay.
template <Architecture A, class Scalar>
NarrowedNetwork<A, Scalar> narrow_by(const Network<A, Scalar>& network, const Widths& widths,
                                     std::span<const std::vector<double>> scores) {
  NarrowedNetwork<A, Scalar> narrow{widths};
  if (!is_narrower(narrow.program, A::program)) {
    raise(Error{ErrorCode::invalid_argument, "widths", "at most those of " + describe(A::program),
                describe(narrow.program)});
  }
  const ChannelChoice choice{A::program, narrow.program, scores};
  copy_channels<Scalar>(A::program, network.buffer(), narrow.program, narrow.buffer(), choice);
  return narrow;
}

}  // namespace detail

/// Removes channels until the network has the given widths, which need to be known at run time only: `prune_to` without
/// a type. `evidence` is for criteria that need some. Throws what `prune_to` and `program_with` throw, and
/// `invalid_argument` where a layer would become wider.
///
///     Widths widths = widths_of<Student>();
///     widths[2] = 24;
///     const NarrowedNetwork<Student> slim = narrow(student, widths);
template <FilterCriterion Criterion = L1Norm, Architecture A, class Scalar>
[[nodiscard]] NarrowedNetwork<A, Scalar> narrow(const Network<A, Scalar>& network, const Widths& widths,
                                                const Evidence<Scalar>& evidence = {}) {
  return detail::narrow_by<A, Scalar>(network, widths,
                                      detail::filter_scores<Criterion>(A::program, network.buffer(), evidence));
}

}  // namespace attar
