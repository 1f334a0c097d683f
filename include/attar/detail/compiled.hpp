// SPDX-License-Identifier: MIT
#pragma once

/// In front of functions that are no templates and that `attar::compiled` holds: in programs that link it, headers only
/// declare them (see docs/compile_time.md).
#ifdef ATTAR_COMPILED
#define ATTAR_INLINE
#else
#define ATTAR_INLINE inline
#endif
