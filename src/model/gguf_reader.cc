#include "model/gguf_reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace sekisho::model {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF is read as it lies in the file");

constexpr std::uint64_t kHeadBytes_max = 512ULL * 1024 * 1024;
constexpr std::uint64_t kEntries_max = 4'096;
constexpr std::uint64_t kTensors_max = 65'536;
constexpr std::uint64_t kElements_max = 8'000'000;
constexpr std::uint64_t kKeyBytes_max = 256;
constexpr std::uint64_t kStringBytes_max = 4ULL * 1024 * 1024;
constexpr std::uint64_t kElementBytes_max = 64ULL * 1024;
constexpr std::uint64_t kTensorNameBytes_max = 63;  ///< ggml's GGML_MAX_NAME less its zero.
constexpr std::uint32_t kDimensions_max = 4;

/// Walks through the file once. After the first error every getter returns zero and `error()` has it.
class Cursor {
 public:
  Cursor(int fd, std::uint64_t file_bytes) : fd_(fd), file_bytes_(file_bytes) {}

  [[nodiscard]] bool failed() const { return error_.has_value(); }
  [[nodiscard]] const Error& error() const { return *error_; }
  [[nodiscard]] std::uint64_t position() const { return start_ + used_; }

  /// What the next errors are about.
  void enter(std::string place) { place_ = std::move(place); }

  void refuse(ErrorCode code, std::string_view why) {
    if (!error_) error_ = Error{code, fmt::format("GGUF: byte {}, {}: {}", position(), place_, why)};
  }

  template <typename T>
  T number() {
    T value{};
    read(reinterpret_cast<char*>(&value), sizeof value);
    return value;
  }

  std::string string(std::uint64_t max_bytes) {
    const auto length = number<std::uint64_t>();
    if (failed()) return {};
    if (length > max_bytes)
      return refuse(ErrorCode::kTooLarge, fmt::format("a string of {} bytes, at most {}", length, max_bytes)), std::string();
    if (length > file_bytes_ - position()) return refuse(ErrorCode::kInvalid, "a string that ends after the file"), std::string();
    std::string text(static_cast<std::size_t>(length), '\0');
    read(text.data(), text.size());
    return text;
  }

 private:
  void read(char* out, std::size_t bytes) {
    while (bytes > 0 && !failed()) {
      if (used_ == filled_) fill();
      const std::size_t part = std::min(bytes, filled_ - used_);
      std::memcpy(out, buffer_.data() + used_, part);
      used_ += part;
      out += part;
      bytes -= part;
    }
  }

  void fill() {
    start_ += used_;
    used_ = filled_ = 0;
    if (start_ > kHeadBytes_max) return refuse(ErrorCode::kTooLarge, fmt::format("the head is longer than {} bytes", kHeadBytes_max));
    ssize_t got = 0;
    do {
      got = ::pread(fd_, buffer_.data(), buffer_.size(), static_cast<off_t>(start_));
    } while (got < 0 && errno == EINTR);
    if (got < 0) return refuse(ErrorCode::kUnavailable, std::strerror(errno));
    if (got == 0) return refuse(ErrorCode::kInvalid, "the file ends here");
    filled_ = static_cast<std::size_t>(got);
  }

  const int fd_;
  const std::uint64_t file_bytes_;
  std::uint64_t start_ = 0;  ///< Of the buffer, in the file.
  std::size_t used_ = 0;
  std::size_t filled_ = 0;
  std::array<char, 64 * 1024> buffer_{};
  std::string place_ = "header";
  std::optional<Error> error_;
};

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

GgufValue read_scalar(Cursor& cursor, GgufType type) {
  switch (type) {
    case GgufType::kU8:
      return std::uint64_t{cursor.number<std::uint8_t>()};
    case GgufType::kU16:
      return std::uint64_t{cursor.number<std::uint16_t>()};
    case GgufType::kU32:
      return std::uint64_t{cursor.number<std::uint32_t>()};
    case GgufType::kU64:
      return std::uint64_t{cursor.number<std::uint64_t>()};
    case GgufType::kI8:
      return std::int64_t{cursor.number<std::int8_t>()};
    case GgufType::kI16:
      return std::int64_t{cursor.number<std::int16_t>()};
    case GgufType::kI32:
      return std::int64_t{cursor.number<std::int32_t>()};
    case GgufType::kI64:
      return std::int64_t{cursor.number<std::int64_t>()};
    case GgufType::kF32:
      return double{cursor.number<float>()};
    case GgufType::kF64:
      return cursor.number<double>();
    case GgufType::kBool: {
      const auto value = cursor.number<std::uint8_t>();
      if (value > 1) cursor.refuse(ErrorCode::kInvalid, "a truth value that is neither 0 nor 1");
      return value == 1;
    }
    case GgufType::kString:
    case GgufType::kArray:
      break;
  }
  cursor.refuse(ErrorCode::kInvalid, fmt::format("unknown value type {}", static_cast<std::uint32_t>(type)));
  return std::uint64_t{0};
}

double as_double(const GgufValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*number);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return static_cast<double>(*number);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  return 0;
}

using Markers = std::set<std::string, std::less<>>;

void read_strings(Cursor& cursor, GgufArray& array, bool tokens, const Markers& markers) {
  for (std::uint64_t i = 0; i < array.count && !cursor.failed(); ++i) {
    std::string text = cursor.string(kElementBytes_max);
    const std::size_t space = text.size() < 3 ? std::string::npos : text.find(' ', 1);
    if (space == std::string::npos || space + 1 >= text.size()) ++array.unspaced;
    if (!tokens) continue;
    array.hashes.push_back(std::hash<std::string>()(text));
    if (markers.contains(text)) array.seen.emplace(std::move(text), i);
  }
}

void read_numbers(Cursor& cursor, GgufArray& array) {
  for (std::uint64_t i = 0; i < array.count && !cursor.failed(); ++i) {
    const double value = as_double(read_scalar(cursor, array.type));
    array.finite = array.finite && std::isfinite(value);
    array.min = i == 0 ? value : std::min(array.min, value);
    array.max = i == 0 ? value : std::max(array.max, value);
  }
}

GgufValue read_array(Cursor& cursor, std::string_view key, const Markers& markers) {
  GgufArray array;
  array.type = static_cast<GgufType>(cursor.number<std::uint32_t>());
  array.count = cursor.number<std::uint64_t>();
  if (array.type == GgufType::kArray) {
    cursor.refuse(ErrorCode::kUnsupported, "an array of arrays");
  } else if (array.count > kElements_max) {
    cursor.refuse(ErrorCode::kTooLarge, fmt::format("{} elements, at most {}", array.count, kElements_max));
  } else if (array.type == GgufType::kString) {
    read_strings(cursor, array, key == kTokensKey, markers);
  } else if (array.type > GgufType::kF64) {
    cursor.refuse(ErrorCode::kInvalid, fmt::format("unknown element type {}", static_cast<std::uint32_t>(array.type)));
  } else {
    read_numbers(cursor, array);
  }
  return array;
}

void read_metadata(Cursor& cursor, std::uint64_t entries, const Markers& markers, GgufHead& head) {
  for (std::uint64_t i = 0; i < entries && !cursor.failed(); ++i) {
    cursor.enter(fmt::format("metadata entry {}", i));
    std::string key = cursor.string(kKeyBytes_max);
    if (cursor.failed()) return;
    if (!is_plain_name(key)) return cursor.refuse(ErrorCode::kInvalid, "a key that is not plain ASCII");
    cursor.enter(fmt::format("metadata \"{}\"", key));
    const auto type = static_cast<GgufType>(cursor.number<std::uint32_t>());
    GgufValue value = type == GgufType::kString  ? GgufValue(cursor.string(kStringBytes_max))
                      : type == GgufType::kArray ? read_array(cursor, key, markers)
                                                 : read_scalar(cursor, type);
    if (!head.metadata.emplace(std::move(key), std::move(value)).second) cursor.refuse(ErrorCode::kInvalid, "this key is there twice");
  }
}

void read_tensors(Cursor& cursor, std::uint64_t count, GgufHead& head) {
  for (std::uint64_t i = 0; i < count && !cursor.failed(); ++i) {
    cursor.enter(fmt::format("tensor {}", i));
    GgufTensor tensor;
    tensor.name = cursor.string(kTensorNameBytes_max);
    if (cursor.failed()) return;
    if (!is_plain_name(tensor.name)) return cursor.refuse(ErrorCode::kInvalid, "a name that is not plain ASCII");
    cursor.enter(fmt::format("tensor \"{}\"", tensor.name));
    const auto dimensions = cursor.number<std::uint32_t>();
    if (cursor.failed()) return;
    if (dimensions == 0 || dimensions > kDimensions_max) {
      return cursor.refuse(ErrorCode::kInvalid, fmt::format("{} dimensions, 1 to {} are possible", dimensions, kDimensions_max));
    }
    for (std::uint32_t d = 0; d < dimensions; ++d) tensor.shape.push_back(cursor.number<std::uint64_t>());
    tensor.type = cursor.number<std::uint32_t>();
    tensor.offset = cursor.number<std::uint64_t>();
    head.tensors.push_back(std::move(tensor));
  }
}

}  // namespace

Result<GgufHead> read_gguf_head(int fd, const Markers& markers) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return fail(ErrorCode::kUnavailable, fmt::format("GGUF: {}", std::strerror(errno)));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kInvalid, "GGUF: not a regular file");
  GgufHead head;
  head.file_bytes = static_cast<std::uint64_t>(status.st_size);
  if (head.file_bytes == 0) return fail(ErrorCode::kInvalid, "GGUF: the file is empty");

  Cursor cursor(fd, head.file_bytes);
  const auto magic = cursor.number<std::uint32_t>();
  if (!cursor.failed() && magic != 0x46554747) cursor.refuse(ErrorCode::kInvalid, "does not begin with \"GGUF\"");
  head.version = cursor.number<std::uint32_t>();
  if (!cursor.failed() && (head.version < 2 || head.version > 3)) {
    const bool swapped = (head.version & 0xFFFF) == 0 && head.version != 0;
    cursor.refuse(ErrorCode::kUnsupported, swapped ? "a big-endian file" : fmt::format("version {}; 2 and 3 are read", head.version));
  }
  const auto tensors = cursor.number<std::uint64_t>();
  const auto entries = cursor.number<std::uint64_t>();
  if (!cursor.failed() && (tensors == 0 || tensors > kTensors_max)) {
    cursor.refuse(ErrorCode::kInvalid, fmt::format("{} tensors, 1 to {} are possible", tensors, kTensors_max));
  }
  if (!cursor.failed() && entries > kEntries_max) {
    cursor.refuse(ErrorCode::kInvalid, fmt::format("{} metadata entries, at most {}", entries, kEntries_max));
  }
  read_metadata(cursor, entries, markers, head);
  read_tensors(cursor, tensors, head);
  if (cursor.failed()) return fail(cursor.error());
  head.head_bytes = cursor.position();
  return head;
}

}  // namespace sekisho::model
