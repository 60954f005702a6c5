#include "worker/extract_biff.h"

#include <algorithm>
#include <bit>

#include "worker/extract_compound.h"

namespace sekisho::worker {
namespace {

constexpr std::uint16_t kContinue = 0x3C;

}  // namespace

bool BiffRecords::next(BiffRecord& record) {
  record.pieces.clear();
  if (at_ + 4 > stream_.size()) return false;
  const auto take = [&] {
    const std::string_view bytes = stream_.substr(at_ + 4, u16_at(stream_, at_ + 2));
    at_ += 4 + bytes.size();
    return bytes;
  };
  record.type = u16_at(stream_, at_);
  record.pieces.push_back(take());
  while (at_ + 4 <= stream_.size() && u16_at(stream_, at_) == kContinue) record.pieces.push_back(take());
  return true;
}

bool BiffStrings::at_end() const { return piece_ >= pieces_.size() || (piece_ + 1 == pieces_.size() && at_ >= pieces_[piece_].size()); }

std::uint32_t BiffStrings::number(std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    while (piece_ < pieces_.size() && at_ >= pieces_[piece_].size()) ++piece_, at_ = 0;
    if (piece_ >= pieces_.size()) return 0;
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(pieces_[piece_][at_++])) << (8 * i);
  }
  return value;
}

void BiffStrings::skip(std::size_t bytes) {
  while (bytes > 0 && piece_ < pieces_.size()) {
    const std::size_t here = std::min(bytes, pieces_[piece_].size() - std::min(at_, pieces_[piece_].size()));
    at_ += here;
    bytes -= here;
    if (bytes > 0) ++piece_, at_ = 0;
  }
}

std::string BiffStrings::text(std::size_t count, bool wide) {
  std::string out;
  while (count > 0) {
    if (piece_ >= pieces_.size()) break;
    if (at_ >= pieces_[piece_].size()) {
      // The rest of a cut string begins with flags of its own.
      if (++piece_ >= pieces_.size()) break;
      at_ = 0;
      if (pieces_[piece_].empty()) continue;
      wide = (pieces_[piece_][at_++] & 1) != 0;
    }
    const std::string_view here = pieces_[piece_].substr(std::min(at_, pieces_[piece_].size()));
    const std::size_t units = std::min(count, wide ? here.size() / 2 : here.size());
    out += wide ? from_utf16(here.substr(0, units * 2)) : from_latin1(here.substr(0, units));
    at_ += wide ? units * 2 : units;
    count -= units;
    if (units == 0) at_ = pieces_[piece_].size();  // Half a character at the end.
  }
  return out;
}

std::string BiffStrings::shared() {
  const std::size_t count = number(2);
  const std::uint32_t flags = number(1);
  const std::size_t runs = (flags & 8) != 0 ? number(2) : 0;
  const std::size_t phonetic_bytes = (flags & 4) != 0 ? number(4) : 0;
  std::string out = text(count, (flags & 1) != 0);
  skip(runs * 4 + phonetic_bytes);
  return out;
}

std::string BiffStrings::characters(std::size_t count) {
  const bool wide = (number(1) & 1) != 0;
  return text(count, wide);
}

double biff_packed_number(std::uint32_t packed) {
  double value = 0;
  if ((packed & 2) != 0) {
    value = static_cast<double>(static_cast<std::int32_t>(packed) >> 2);
  } else {
    value = std::bit_cast<double>(static_cast<std::uint64_t>(packed & 0xFFFFFFFC) << 32);
  }
  return (packed & 1) != 0 ? value / 100 : value;
}

}  // namespace sekisho::worker
