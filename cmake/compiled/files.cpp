// SPDX-License-Identifier: MIT
#include <attar/distill/knowledge_file_impl.hpp>
#include <attar/io/few_bits_impl.hpp>
#include <attar/io/model_file_impl.hpp>
#include <attar/io/safetensors_header_impl.hpp>
#include <attar/io/safetensors_reader_impl.hpp>
#include <attar/io/safetensors_writer_impl.hpp>
