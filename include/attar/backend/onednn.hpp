// SPDX-License-Identifier: MIT
#pragma once

/// The oneDNN backend (`OneDnn`), with its kernels, or, in programs that link `attar::compiled`, with the promise that
/// they are found there.

// IWYU pragma: begin_exports
#include <attar/backend/mixed_session.hpp>
#include <attar/backend/onednn/backend.hpp>
#ifdef ATTAR_COMPILED
#include <attar/backend/onednn/compiled.hpp>
#else
#include <attar/backend/onednn/prepare.hpp>
#endif
// IWYU pragma: end_exports
