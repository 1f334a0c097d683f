// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

#include <dnnl.hpp>

#include <attar/backend/onednn/conv2d.hpp>
#include <attar/backend/operation.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/model/program.hpp>

/// The baseline: the convolutions and linear layers of a program as plain oneDNN primitives, one behind the other, in
/// the layouts that oneDNN likes best. Nothing joins them (no sum, no activation, no pooling, no conversion of images),
/// and all read one buffer and write another, so this is less work than the network: what the library must come near
/// to.
class BareConvolutions {
 public:
  /// int8: u8 maps, s8 weights with a scale per output channel; else floats. Uses the number of threads that is set.
  BareConvolutions(const attar::Program& program, int batch, bool int8) {
    for (const attar::Op& op : program.ops) {
      if (op.kind != attar::OpKind::conv2d && op.kind != attar::OpKind::linear) continue;
      add(attar::detail::onednn::ConvolutionSizes{{op, program, batch}}, op.groups > 1, int8);
    }
    source_ = filled(source_bytes_);
    destination_ = filled(destination_bytes_);
    for (Step& step : steps_) {
      step.arguments.at(DNNL_ARG_SRC).set_data_handle(source_.data());
      step.arguments.at(DNNL_ARG_DST).set_data_handle(destination_.data());
    }
  }

  void operator()() {
    for (const Step& step : steps_) step.primitive.execute(stream_, step.arguments);
    stream_.wait();
  }

 private:
  using Type = dnnl::memory::data_type;
  using Tag = dnnl::memory::format_tag;
  using Buffer = attar::AlignedBuffer<std::byte>;

  struct Step {
    dnnl::convolution_forward primitive;
    std::unordered_map<int, dnnl::memory> arguments;
  };

  /// Bytes that are an ordinary number as float, u8 and s8.
  static Buffer filled(std::size_t bytes) {
    Buffer buffer{bytes};
    std::ranges::fill(buffer, std::byte{0x3C});
    return buffer;
  }

  void add(const attar::detail::onednn::ConvolutionSizes& sizes, bool grouped, bool int8) {
    const dnnl::memory::desc per_channel{{sizes.destination[1]}, Type::f32, Tag::x};
    dnnl::primitive_attr attributes;
    if (int8) attributes.set_scales_mask(DNNL_ARG_WEIGHTS, grouped ? 3 : 1);
    const dnnl::convolution_forward::primitive_desc description{
        engine_,
        dnnl::prop_kind::forward_inference,
        dnnl::algorithm::convolution_direct,
        {sizes.source, int8 ? Type::u8 : Type::f32, Tag::any},
        {sizes.weights, int8 ? Type::s8 : Type::f32, Tag::any},
        per_channel,
        {sizes.destination, int8 ? Type::u8 : Type::f32, Tag::any},
        sizes.strides,
        sizes.dilations,
        sizes.padding_begin,
        sizes.padding_end,
        attributes};
    source_bytes_ = std::max(source_bytes_, description.src_desc().get_size());
    destination_bytes_ = std::max(destination_bytes_, description.dst_desc().get_size());
    Step step{dnnl::convolution_forward{description}, {}};
    step.arguments[DNNL_ARG_SRC] = {description.src_desc(), engine_, nullptr};
    step.arguments[DNNL_ARG_DST] = {description.dst_desc(), engine_, nullptr};
    step.arguments[DNNL_ARG_WEIGHTS] = constant(description.weights_desc());
    step.arguments[DNNL_ARG_BIAS] = constant(per_channel);
    if (int8) step.arguments[DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS] = constant(per_channel);
    steps_.push_back(std::move(step));
  }

  dnnl::memory constant(const dnnl::memory::desc& layout) {
    constants_.push_back(filled(layout.get_size()));
    return {layout, engine_, constants_.back().data()};
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::vector<Step> steps_;
  std::vector<Buffer> constants_;
  Buffer source_, destination_;
  std::size_t source_bytes_ = 0;
  std::size_t destination_bytes_ = 0;
};
