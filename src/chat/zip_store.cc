#include "chat/zip_store.h"

#include <array>
#include <cstdint>

#include "base/check.h"

namespace sekisho::chat {
namespace {

constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kFirstDay = 0x21;  ///< 1980-01-01, the least date that the format has.

std::uint32_t crc32(const std::string& bytes) {
  static const std::array<std::uint32_t, 256> kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320U : value >> 1;
      table[i] = value;
    }
    return table;
  }();
  std::uint32_t sum = 0xFFFFFFFFU;
  for (const char c : bytes) sum = (sum >> 8) ^ kTable[(sum ^ static_cast<std::uint8_t>(c)) & 0xFF];
  return ~sum;
}

void put16(std::string& to, std::uint16_t value) {
  to += static_cast<char>(value & 0xFF);
  to += static_cast<char>(value >> 8);
}
void put32(std::string& to, std::uint32_t value) {
  put16(to, static_cast<std::uint16_t>(value & 0xFFFF));
  put16(to, static_cast<std::uint16_t>(value >> 16));
}

/// The part that a member's own header and its line in the directory share.
void put_member(std::string& to, const std::string& name, const std::string& content) {
  put16(to, kVersion);
  put16(to, 0);  // no flags
  put16(to, 0);  // stored
  put16(to, 0);
  put16(to, kFirstDay);
  put32(to, crc32(content));
  put32(to, static_cast<std::uint32_t>(content.size()));
  put32(to, static_cast<std::uint32_t>(content.size()));
  put16(to, static_cast<std::uint16_t>(name.size()));
  put16(to, 0);  // no extra
}

}  // namespace

std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string zip, directory;
  for (const auto& [name, content] : members) {
    CHECK(zip.size() + content.size() < UINT32_MAX && name.size() < UINT16_MAX);
    const auto offset = static_cast<std::uint32_t>(zip.size());
    zip += "PK\x03\x04";
    put_member(zip, name, content);
    zip += name;
    zip += content;
    directory += "PK\x01\x02";
    put16(directory, kVersion);
    put_member(directory, name, content);
    put16(directory, 0);  // no comment
    put16(directory, 0);  // first disk
    put16(directory, 0);
    put32(directory, 0);
    put32(directory, offset);
    directory += name;
  }
  const auto begin = static_cast<std::uint32_t>(zip.size());
  const auto count = static_cast<std::uint16_t>(members.size());
  zip += directory;
  zip += "PK\x05\x06";
  put32(zip, 0);
  put16(zip, count);
  put16(zip, count);
  put32(zip, static_cast<std::uint32_t>(directory.size()));
  put32(zip, begin);
  put16(zip, 0);
  return zip;
}

}  // namespace sekisho::chat
