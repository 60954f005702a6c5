#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "worker/extract_output.h"

namespace sekisho::worker {

/// The members of a zip archive in memory, guarded against bombs: by what the directory declares (number, sizes, ratio)
/// and by what really comes out while a member is read. Nothing is ever written to disk; archives within are not opened.
class ZipArchive {
 public:
  /// `bytes` must outlive the archive. Failures: damaged, bomb, encrypted.
  [[nodiscard]] static tl::expected<ZipArchive, Note> open(std::string_view bytes, const std::string& password = "");
  ~ZipArchive();
  ZipArchive(ZipArchive&&) noexcept;
  ZipArchive& operator=(ZipArchive&&) noexcept;

  [[nodiscard]] bool has(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> names() const;

  /// A member being read from its beginning. Must not outlive its archive.
  class Member {
   public:
    ~Member();
    Member(Member&&) noexcept;
    /// Up to `size` bytes; 0 at the end, negative where the member is damaged or a bomb (see `problem`).
    [[nodiscard]] std::int64_t read(char* to, std::size_t size);
    /// Empty, "damaged" or "bomb".
    [[nodiscard]] const std::string& problem() const;

   private:
    friend class ZipArchive;
    struct State;
    explicit Member(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };
  /// Failures: damaged (not there), encrypted.
  [[nodiscard]] tl::expected<Member, Note> member(const std::string& name);

  /// A member by its place in the directory, with its name as it is stored there: bytes of an unknown encoding.
  struct Entry {
    std::uint64_t index = 0;
    std::string name;
  };
  [[nodiscard]] std::vector<Entry> entries() const;
  /// The whole of it. Failures: damaged, bomb, encrypted, too_large.
  [[nodiscard]] tl::expected<std::string, Note> content(const Entry& entry);

 private:
  struct State;
  explicit ZipArchive(std::unique_ptr<State> state);
  [[nodiscard]] tl::expected<Member, Note> opened(std::uint64_t index, const std::string& name);
  std::unique_ptr<State> state_;
};

}  // namespace sekisho::worker
