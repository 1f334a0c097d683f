# SPDX-License-Identifier: MIT
add_library(attar_warnings INTERFACE)
target_compile_options(attar_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
