// SPDX-License-Identifier: MIT
#pragma once

#include <attar/distill/knowledge.hpp>
#include <attar/io/safetensors.hpp>

namespace attar {

namespace detail {

/// What a knowledge belongs to, each value under its name.
[[nodiscard]] Metadata to_metadata(const KnowledgeOrigin& origin);

}  // namespace detail

/// Writes a knowledge as safetensors, in one step or not at all: tensors "teacher.0.logits" (epochs x images x
/// classes), or "teacher.0.top" and "teacher.0.classes", and "teacher.0.maps.0" (epochs x images x height x width x
/// channels); what it belongs to is in the metadata, from "attar.knowledge.data" on. Numbers in 16 bits are pairs of
/// bytes: `tensor.view(torch.float16)` in PyTorch. Throws `Error` with `file_access` or `file_not_found`.
void save(const Knowledge& knowledge, const std::string& path);

/// Reads what `save` wrote; a file is trusted in nothing. Throws `Error` as `SafetensorsFile::open` does, with
/// `unsupported` where it is some other safetensors file, and with `file_damaged` where its parts disagree.
[[nodiscard]] Knowledge load_knowledge(const std::string& path, const SafetensorsLimits& limits = {});

}  // namespace attar

#ifndef ATTAR_COMPILED
#include <attar/distill/knowledge_file_impl.hpp>
#endif
