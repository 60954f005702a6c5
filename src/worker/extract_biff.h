#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::worker {

/// One record of a BIFF8 stream ([MS-XLS]): what follows a CONTINUE record belongs to the one before.
struct BiffRecord {
  std::uint16_t type = 0;
  std::vector<std::string_view> pieces;  ///< Its own bytes first; never empty.
  [[nodiscard]] std::string_view bytes() const { return pieces[0]; }
};

/// The records of a stream, in order.
class BiffRecords {
 public:
  BiffRecords(std::string_view stream, std::size_t at) : stream_(stream), at_(at) {}
  /// False at the end.
  [[nodiscard]] bool next(BiffRecord& record);

 private:
  std::string_view stream_;
  std::size_t at_;
};

/// Reads the strings of a record over the borders of its pieces.
class BiffStrings {
 public:
  explicit BiffStrings(const BiffRecord& record, std::size_t skip_bytes = 0) : pieces_(record.pieces), at_(skip_bytes) {}
  [[nodiscard]] bool at_end() const;
  /// A string of the shared table, its formats and its furigana passed over.
  [[nodiscard]] std::string shared();
  /// `count` characters after a byte of flags.
  [[nodiscard]] std::string characters(std::size_t count);

 private:
  [[nodiscard]] std::uint32_t number(std::size_t bytes);
  void skip(std::size_t bytes);
  [[nodiscard]] std::string text(std::size_t count, bool wide);

  const std::vector<std::string_view>& pieces_;
  std::size_t piece_ = 0;
  std::size_t at_ = 0;
};

/// A number packed in 30 bits: RK.
[[nodiscard]] double biff_packed_number(std::uint32_t packed);

}  // namespace sekisho::worker
