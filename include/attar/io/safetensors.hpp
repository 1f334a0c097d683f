// SPDX-License-Identifier: MIT
#pragma once

/// The container of Attar's model files: safetensors (github.com/huggingface/safetensors), so that every Python tool
/// opens them. A file is
///
///     8 bytes: length of the header, little endian
///     header:  JSON, padded by spaces: {"NAME": {"dtype": "F32", "shape": [8, 3], "data_offsets": [0, 96]}, ...,
///              "__metadata__": {"KEY": "TEXT", ...}}
///     data:    the tensors, one after the other without a gap
///
/// `write_safetensors` adds checksums to the metadata; `SafetensorsFile::open` trusts nothing that it reads.
#include <attar/io/safetensors_format.hpp>
#include <attar/io/safetensors_header.hpp>
#include <attar/io/safetensors_reader.hpp>
#include <attar/io/safetensors_writer.hpp>
