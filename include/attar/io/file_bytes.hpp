// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <sys/mman.h>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>
#include <attar/io/file.hpp>

namespace attar {

/// The bytes of a file, however they are held: mapped into memory, read into a buffer, or owned by the caller. Copies
/// share them.
class FileBytes {
 public:
  FileBytes() = default;
  /// Bytes in memory, which must outlive this.
  explicit FileBytes(std::span<const std::byte> borrowed) : view_{borrowed} {}

  /// A regular file, mapped: nothing is read before it is looked at. A file system that cannot do that has it read.
  /// Whoever writes into a mapped file changes what is seen here, and whoever shortens it ends this program; a file
  /// that is replaced in one step, as by `write_file_atomically`, stays as it was. Throws `Error` with
  /// `file_not_found`, `file_access` or `out_of_memory`.
  [[nodiscard]] static FileBytes open(const std::string& path) {
    detail::InputFile file{path};
    if (file.size() > std::numeric_limits<std::size_t>::max())
      raise(Error{ErrorCode::out_of_memory, path, "a file that fits into memory",
                  std::to_string(file.size()) + " bytes"});
    const auto size = static_cast<std::size_t>(file.size());
    if (size == 0) return {};
    void* const address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
    if (address == MAP_FAILED) return read(file, size);
    const auto* const bytes = static_cast<const std::byte*>(address);
    return {std::shared_ptr<const std::byte>{bytes, Unmap{size}}, {bytes, size}};
  }

  [[nodiscard]] std::span<const std::byte> span() const noexcept { return view_; }

 private:
  struct Unmap {
    std::size_t size;
    void operator()(const std::byte* bytes) const noexcept { ::munmap(const_cast<std::byte*>(bytes), size); }
  };

  FileBytes(std::shared_ptr<const std::byte> owner, std::span<const std::byte> view)
      : owner_{std::move(owner)}, view_{view} {}

  static FileBytes read(detail::InputFile& file, std::size_t size) {
    const auto content = std::make_shared<AlignedBuffer<std::byte>>(size);
    file.read(content->span());
    return {std::shared_ptr<const std::byte>{content, content->data()}, content->span()};
  }

  std::shared_ptr<const std::byte> owner_;  // Empty where the caller owns the bytes.
  std::span<const std::byte> view_;
};

}  // namespace attar
