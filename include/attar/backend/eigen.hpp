// SPDX-License-Identifier: MIT
#pragma once

/// The portable backend (`EigenBackend`), with its kernels, or, in programs that link `attar::compiled`, with the
/// promise that they are found there.

// IWYU pragma: begin_exports
#include <attar/backend/eigen/backend.hpp>
#include <attar/backend/mixed_session.hpp>
#ifdef ATTAR_COMPILED
#include <attar/backend/eigen/compiled.hpp>
#else
#include <attar/backend/eigen/prepare.hpp>
#endif
// IWYU pragma: end_exports
