// SPDX-License-Identifier: MIT
#pragma once

/// Defined in a second file of each variant, with a name that all variants have.
int labels_below(int label);
