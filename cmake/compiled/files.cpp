// SPDX-License-Identifier: MIT
#include <attar/distill/knowledge_file_impl.hpp>
#include <attar/io/safetensors_header_impl.hpp>
#include <attar/io/safetensors_writer_impl.hpp>
