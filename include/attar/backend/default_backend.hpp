// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#ifdef ATTAR_WITH_ONEDNN
#include <attar/backend/onednn.hpp>
#else
#include <attar/backend/eigen.hpp>
#endif

namespace attar {

/// The backend of what trains, prunes and quantizes where none is named: `OneDnn` for programs that link
/// `attar::onednn`, else `EigenBackend`. Every file of a program must be compiled with the same of the two targets.
/// (Engines run by `Embedded` where none is named.)
#if defined(ATTAR_WITH_ONEDNN)
using DefaultBackend = OneDnn;
#else
using DefaultBackend = EigenBackend;
#endif

struct Embedded;

namespace detail {

/// What runs programs that are known at run time only: the backend itself, or for `Embedded`, which cannot, another
/// with the same int8 bits.
template <class Backend>
using RunTimeBackend = std::conditional_t<std::is_same_v<Backend, Embedded>, DefaultBackend, Backend>;

}  // namespace detail
}  // namespace attar
