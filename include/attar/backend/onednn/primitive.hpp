// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

#include <dnnl.hpp>

#include <attar/backend/onednn/engine.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/dtype.hpp>

namespace attar::detail::onednn {

using Dims = dnnl::memory::dims;
using Layout = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;

template <class T>
inline constexpr auto data_type = [] {
  static_assert(sizeof(T) == 0, "attar: oneDNN computes in float and bf16");
  return dnnl::memory::data_type::undef;
}();
template <>
inline constexpr auto data_type<float> = dnnl::memory::data_type::f32;
template <>
inline constexpr auto data_type<bf16> = dnnl::memory::data_type::bf16;

/// Attributes of every primitive. With a scratchpad of oneDNN's own a primitive must not run in two threads; with the
/// caller's it may, and the hot path does not allocate.
inline dnnl::primitive_attr user_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

/// At least `bytes` of memory for the running primitive: one buffer per thread, as large as its largest primitive
/// needs. It is valid until the next call.
inline void* scratchpad(std::size_t bytes) {
  static thread_local AlignedBuffer<std::byte> buffer;
  if (buffer.size() < bytes) buffer = AlignedBuffer<std::byte>{bytes};
  return buffer.data();
}

/// A primitive with its memory objects, built once; only the addresses of the numbers come with each call.
class Primitive {
 public:
  Primitive() = default;

  /// `arguments` are the indices (DNNL_ARG_...) and layouts of what calls pass, in that order.
  template <class Description>
  Primitive(const Description& description, std::initializer_list<std::pair<int, Layout>> arguments)
      : primitive_{description.get()}, scratchpad_bytes_{description.scratchpad_desc().get_size()} {
    for (const auto& [index, layout] : arguments) add(index, layout);
    add(DNNL_ARG_SCRATCHPAD, description.scratchpad_desc());
  }

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(primitive_); }

  /// Executes it on as many pointers as the constructor got arguments; null for those with an empty layout.
  template <class... Pointers>
  void operator()(Pointers*... data) {
    const std::array<const void*, sizeof...(Pointers) + 1> addresses{data..., scratchpad(scratchpad_bytes_)};
    dnnl_status_t status = dnnl_success;
    for (std::size_t i = 0; i < addresses.size() && status == dnnl_success; ++i) {
      status = dnnl_memory_set_data_handle(arguments_[i].memory, const_cast<void*>(addresses[i]));  // NOLINT
    }
    if (status == dnnl_success) {
      status = dnnl_primitive_execute(primitive_.get(), stream().get(), static_cast<int>(arguments_.size()),
                                      arguments_.data());
    }
    guarded("execution", [&] { dnnl::error::wrap_c_api(status, "could not execute a primitive"); });
  }

 private:
  void add(int index, const Layout& layout) {
    memories_.push_back(dnnl::memory{layout, engine(), DNNL_MEMORY_NONE});
    arguments_.push_back({index, memories_.back().get()});
  }

  dnnl::primitive primitive_;
  std::size_t scratchpad_bytes_ = 0;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;
};

}  // namespace attar::detail::onednn
