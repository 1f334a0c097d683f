// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <attar/core/aligned_buffer.hpp>
#include <attar/core/error.hpp>

namespace attar {
namespace detail {

/// Text of unknown origin made fit for a message: control characters and bytes above ASCII become '?', and what is
/// longer than `most` characters is cut.
[[nodiscard, gnu::cold]] inline std::string printable(std::string_view text, std::size_t most = 160) {
  std::string result{text.substr(0, most)};
  for (char& c : result) {
    if (c < ' ' || c > '~') c = '?';
  }
  if (text.size() > most) result += "...";
  return result;
}

/// The error for a system call that has just failed: what `errno` says becomes the "found".
[[nodiscard, gnu::cold]] inline Error file_error(const std::string& path, std::string expected) {
  const int number = errno;
  const bool missing = number == ENOENT || number == ENOTDIR;
  return Error{missing ? ErrorCode::file_not_found : ErrorCode::file_access, path, std::move(expected),
               std::generic_category().message(number)};
}

/// The name of what a path leads to, for messages.
[[nodiscard, gnu::cold]] inline std::string kind_of_file(mode_t mode) {
  if (S_ISREG(mode)) return "a regular file";
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

/// Whether anything has this name, as far as one may look.
[[nodiscard]] inline bool exists(const std::string& path) noexcept {
  return ::access(path.c_str(), F_OK) == 0;
}

/// Repeats a system call for as long as a signal interrupts it.
template <class Call>
auto retry_if_interrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// Owns a POSIX file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  Descriptor(const std::string& path, int flags, mode_t mode = 0)
      : number_{retry_if_interrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); })} {}
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
  [[nodiscard]] int number() const noexcept { return number_; }
  /// False if the system reports that something written did not arrive.
  bool close() noexcept { return !is_open() || ::close(std::exchange(number_, -1)) == 0; }
  /// Waits until what was written is on the disk; true also where the file system has no such thing.
  bool sync() noexcept {
    return retry_if_interrupted([&] { return ::fsync(number_); }) == 0 || errno == EINVAL;
  }

 private:
  int number_ = -1;
};

/// The most that one call may read or write: some systems refuse 2 GiB and more.
inline constexpr std::size_t largest_transfer = std::size_t{1} << 30;

/// A regular file open for reading from its begin to its end. Anything else (a directory, a FIFO, a device) is
/// refused without waiting for it.
class InputFile {
 public:
  explicit InputFile(std::string path) : path_{std::move(path)}, file_{path_, O_RDONLY | O_NONBLOCK} {
    struct stat status{};
    if (!file_.is_open() || ::fstat(file_.number(), &status) != 0) raise(file_error(path_, "a readable file"));
    if (!S_ISREG(status.st_mode))
      raise(Error{ErrorCode::file_access, path_, "a regular file", kind_of_file(status.st_mode)});
    size_ = static_cast<std::uint64_t>(status.st_size);
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The length in bytes when the file was opened.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// The open file, for system calls.
  [[nodiscard]] int descriptor() const noexcept { return file_.number(); }

  /// Fills all of `destination` with the bytes that follow.
  void read(std::span<std::byte> destination) {
    while (!destination.empty()) {
      const auto count = retry_if_interrupted(
          [&] { return ::read(file_.number(), destination.data(), std::min(destination.size(), largest_transfer)); });
      if (count < 0) raise(file_error(path_, "to read the file"));
      if (count == 0)
        raise(Error{ErrorCode::file_access, path_, std::to_string(size_) + " bytes",
                    "an end of file before them: another program changes it"});
      destination = destination.subspan(static_cast<std::size_t>(count));
    }
  }

 private:
  std::string path_;
  Descriptor file_;
  std::uint64_t size_ = 0;
};

/// A new file beside the one that it will replace. It disappears with this object unless `commit` succeeded.
class Replacement {
 public:
  explicit Replacement(const std::string& target) : target_{target} {
    struct stat status{};
    if (::stat(target_.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
      raise(Error{ErrorCode::file_access, target_, "a regular file or a new name", kind_of_file(status.st_mode)});
    static std::atomic<unsigned> number{0};
    do {
      path_ = target_ + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(number++);
      file_ = Descriptor{path_, O_WRONLY | O_CREAT | O_EXCL, 0666};
    } while (!file_.is_open() && errno == EEXIST);
    if (!file_.is_open()) raise(file_error(target_, "to create a new file in its directory"));
  }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  ~Replacement() {
    if (!committed_) ::unlink(path_.c_str());
  }

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto count = retry_if_interrupted(
          [&] { return ::write(file_.number(), bytes.data(), std::min(bytes.size(), largest_transfer)); });
      if (count < 0) raise(file_error(target_, "to write the file"));
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }

  void commit() {
    if (!file_.sync() || !file_.close()) raise(file_error(target_, "to store the file"));
    const std::size_t slash = target_.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : target_.substr(0, std::max<std::size_t>(slash, 1));
    Descriptor directory{folder, O_RDONLY | O_DIRECTORY};
    if (!directory.is_open()) raise(file_error(folder, "a readable directory"));
    if (::rename(path_.c_str(), target_.c_str()) != 0) raise(file_error(target_, "to put the new file in its place"));
    committed_ = true;
    if (!directory.sync()) raise(file_error(folder, "to store the directory"));
  }

 private:
  std::string target_;
  std::string path_;
  Descriptor file_;
  bool committed_ = false;
};

}  // namespace detail

/// The whole content of a regular file. Throws `Error` with `file_not_found`, `file_access` or `out_of_memory`.
[[nodiscard]] inline AlignedBuffer<std::byte> read_file(const std::string& path) {
  detail::InputFile file{path};
  if (file.size() > std::numeric_limits<std::size_t>::max())
    raise(
        Error{ErrorCode::out_of_memory, path, "a file that fits into memory", std::to_string(file.size()) + " bytes"});
  AlignedBuffer<std::byte> content{static_cast<std::size_t>(file.size())};
  file.read(content.span());
  return content;
}

/// Writes the parts, one after the other, so that under `path` there is always either the old file or the whole new
/// one, whatever fails and whenever the power goes: temporary file beside it, write, fsync, rename, fsync of the
/// directory (Pillai et al., OSDI 2014). A symbolic link is replaced, not followed. Throws `Error` with
/// `file_not_found` (no such directory) or `file_access`; the temporary file is then gone.
inline void write_file_atomically(const std::string& path, std::span<const std::span<const std::byte>> parts) {
  detail::Replacement file{path};
  for (const auto part : parts) file.write(part);
  file.commit();
}

/// The same for a text.
inline void write_file_atomically(const std::string& path, std::string_view text) {
  const std::array parts{std::as_bytes(std::span{text})};
  write_file_atomically(path, parts);
}

}  // namespace attar
