// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include <attar/backend/default_backend.hpp>
#include <attar/backend/inference_session.hpp>
#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/core/shape.hpp>
#include <attar/data/dataset.hpp>
#include <attar/data/loader.hpp>
#include <attar/detail/whole_range.hpp>
#include <attar/model/program.hpp>
#include <attar/train/metrics.hpp>

namespace attar {

namespace detail {

/// The accuracy of a session of `program`, of any precision, in percent; its batch is best `accuracy_batch`. Throws as
/// `accuracy` does.
template <class Session>
[[nodiscard]] double session_accuracy(const Session& session, const Program& program, const Dataset& data) {
  if (data.shape() != program.input_shape()) {
    raise(Error{ErrorCode::architecture_mismatch, "images", to_string(program.input_shape()), to_string(data.shape())});
  }
  const std::size_t classes = program.output_shape().size();
  if (static_cast<std::size_t>(data.classes()) > classes) {
    raise(Error{ErrorCode::architecture_mismatch, "classes", "at most " + std::to_string(classes),
                std::to_string(data.classes())});
  }
  Loader loader{data, {.batch_size = static_cast<std::size_t>(session.batch())}};
  auto context = session.make_context();
  AlignedBuffer<float> images{session.input_size()};
  AlignedBuffer<float> logits{session.output_size()};
  Metrics metrics{classes};
  for (const Batch& batch : loader.epoch(0)) {
    detail::copy(batch.images(), images.begin());  // The last batch may have fewer.
    session.run(images.data(), logits.data(), context);
    metrics.add(LogitsView<float>{logits.data(), batch.size(), classes}, batch.labels());
  }
  return 100 * metrics.accuracy();
}

/// The batch that images are run in to count hits.
[[nodiscard]] inline int accuracy_batch(const Dataset& data) {
  return static_cast<int>(std::clamp<std::size_t>(data.size(), 1, 100));
}

}  // namespace detail

/// The accuracy of a program with these parameters on labelled images, in percent, in inference form. For passes that
/// try many programs; `evaluate` does it for an `Engine`. Throws `architecture_mismatch` where images or classes do not
/// fit, `invalid_argument` without images, `not_finite` for logits that are no numbers.
template <class Backend = DefaultBackend>
[[nodiscard]] double accuracy(const Program& program, std::span<const float> parameters, const Dataset& data) {
  const InferenceSession<Backend> session{program, parameters, detail::accuracy_batch(data)};
  return detail::session_accuracy(session, program, data);
}

}  // namespace attar
