// SPDX-License-Identifier: MIT
#pragma once

#ifdef ATTAR_WITH_ONEDNN
#include <attar/backend/onednn.hpp>
#else
#ifdef ATTAR_EMBEDDED
#include <attar/backend/embedded.hpp>
#else
#include <attar/backend/eigen.hpp>
#endif
#endif

namespace attar {

/// The backend where none is named: `OneDnn` for programs that link `attar::onednn`, `Embedded` for those that link
/// `attar::embedded`, else `EigenBackend`. Every file of a program must be compiled with the same of the three targets.
#if defined(ATTAR_WITH_ONEDNN)
using DefaultBackend = OneDnn;
#elif defined(ATTAR_EMBEDDED)
using DefaultBackend = Embedded;
#else
using DefaultBackend = EigenBackend;
#endif

}  // namespace attar
