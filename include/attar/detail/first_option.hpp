// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

namespace attar::detail {

/// The first of `Options` for which `Wanted` holds, or `Default`.
template <template <class> class Wanted, class Default, class... Options>
struct FirstOption {
  using type = Default;
};
template <template <class> class Wanted, class Default, class Option, class... Rest>
struct FirstOption<Wanted, Default, Option, Rest...>
    : std::conditional_t<Wanted<Option>::value, std::type_identity<Option>, FirstOption<Wanted, Default, Rest...>> {};

}  // namespace attar::detail
