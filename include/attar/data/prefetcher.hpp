// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <attar/core/error.hpp>

namespace attar {

/// Makes the items 0, 1, 2, ... of an endless sequence on a thread of its own, a few ahead of the reader, in buffers
/// that are used again and again. The sequence can be entered anywhere.
///
/// `produce(position, item)` fills an item; it is called by one thread at a time, so it may keep state. An exception
/// that it throws reaches the reader in place of the item that it could not make. One reader.
template <class Item>
class Prefetcher {
 public:
  /// Makes up to `buffers.size() - 1` items ahead of the one that the reader holds (at least one buffer is needed; with
  /// a single one nothing is made ahead).
  Prefetcher(std::vector<Item> buffers, std::function<void(std::uint64_t, Item&)> produce)
      : buffers_{std::move(buffers)}, produce_{std::move(produce)}, worker_{[this] { work(); }} {}
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;
  ~Prefetcher() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    wake_worker_.notify_one();
    worker_.join();
  }

  /// Waits for the next item. The reference is good until the next call of `next` or `seek`.
  const Item& next() {
    std::unique_lock lock{mutex_};
    if (std::exchange(held_, false)) {
      ++read_;
      wake_worker_.notify_one();
    }
    wake_reader_.wait(lock, [this] { return read_ < made_ || error_; });
    if (read_ == made_) std::rethrow_exception(error_);
    held_ = true;
    return buffers_[read_ % buffers_.size()];
  }

  /// Makes `position` the next item. Costs nothing where it is so already; otherwise what was made ahead is dropped,
  /// and an error with it.
  void seek(std::uint64_t position) {
    {
      const std::lock_guard lock{mutex_};
      if (!error_ && read_ + (held_ ? 1 : 0) == position) return;
      held_ = false;
      read_ = made_ = position;
      error_ = nullptr;
      ++jumps_;
    }
    wake_worker_.notify_one();
  }

 private:
  void work() {
    std::unique_lock lock{mutex_};
    for (;;) {
      wake_worker_.wait(lock, [this] { return stopping_ || (!error_ && made_ < read_ + buffers_.size()); });
      if (stopping_) return;
      const std::uint64_t position = made_;
      const std::uint64_t jumps = jumps_;
      lock.unlock();
      const std::exception_ptr error =
          detail::exception_of([&] { produce_(position, buffers_[position % buffers_.size()]); });
      lock.lock();
      if (jumps != jumps_) continue;  // The reader has gone elsewhere meanwhile.
      if (error) {
        error_ = error;
      } else {
        ++made_;
      }
      wake_reader_.notify_one();
    }
  }

  std::vector<Item> buffers_;
  std::function<void(std::uint64_t, Item&)> produce_;
  std::mutex mutex_;
  std::condition_variable wake_worker_;
  std::condition_variable wake_reader_;
  std::exception_ptr error_;
  std::uint64_t read_ = 0;   ///< The item that the reader holds, or else the next that it gets.
  std::uint64_t made_ = 0;   ///< Items [read_, made_) are ready.
  std::uint64_t jumps_ = 0;  ///< How often the reader has gone elsewhere.
  bool held_ = false;
  bool stopping_ = false;
  std::thread worker_;  ///< Last, for it uses all the others.
};

}  // namespace attar
