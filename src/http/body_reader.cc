#include "http/body_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/limits.h"

namespace sekisho::http {

Result<std::size_t> BodyReader::read(std::span<char> into) {
  CHECK(!into.empty());
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return read_offset_ < buffer_.size() || finished_ || error_; });
  if (error_) return fail(*error_);
  const std::size_t bytes = std::min(into.size(), buffer_.size() - read_offset_);
  std::memcpy(into.data(), buffer_.data() + read_offset_, bytes);
  read_offset_ += bytes;
  if (read_offset_ == buffer_.size()) {
    buffer_.clear();
    read_offset_ = 0;
    if (connection_waits_ && wake_) {
      connection_waits_ = false;
      wake_();
    }
  }
  return bytes;
}

void BodyReader::attach(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void BodyReader::detach() {
  const std::lock_guard lock(mutex_);
  wake_ = nullptr;
}

bool BodyReader::has_room() {
  const std::lock_guard lock(mutex_);
  const bool room = buffer_.size() < limits::kHttpUploadBufferBytes;
  connection_waits_ = !room;
  return room;
}

void BodyReader::push(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  buffer_.append(bytes);
  changed_.notify_one();
}

void BodyReader::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_one();
}

void BodyReader::break_off(Error error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  changed_.notify_one();
}

}  // namespace sekisho::http
