#include "audit/key_file.h"

#include <sstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "crypto/hash.h"
#include "crypto/secret.h"

namespace sekisho::audit {
namespace {

constexpr std::string_view kName = "checkpoint.key";
constexpr std::string_view kNextName = "checkpoint.key.next";
/// "SEED SINCE_MS NUMBER", the seed in hexadecimal.
Result<HeldKey> parse_key(const crypto::SecretBytes& secret) {
  std::string text(secret.reveal());
  std::istringstream in(text);
  std::string seed;
  std::int64_t since_ms = 0;
  std::int64_t number = 0;
  in >> seed >> since_ms >> number;
  Result<std::string> bytes = crypto::bytes_from_hex(seed);
  const bool whole = !in.fail() && text.ends_with('\n') && bytes;
  static_cast<void>(crypto::SecretBytes::take(std::move(text)));
  static_cast<void>(crypto::SecretBytes::take(std::move(seed)));
  if (!whole) return fail(ErrorCode::kCorrupt, "the checkpoint key: not a key file");
  Result<crypto::SigningKey> key = crypto::SigningKey::from_seed(crypto::SecretBytes::take(std::move(*bytes)));
  if (!key) return fail(ErrorCode::kCorrupt, "the checkpoint key: not a key file");
  return HeldKey{std::move(*key), since_ms, number};
}

Result<std::optional<HeldKey>> read_key(const SecretFolder& folder, std::string_view name) {
  const Result<std::optional<crypto::SecretBytes>> text = folder.read(name);
  if (!text) return fail(text.error());
  if (!*text) return std::nullopt;
  Result<HeldKey> key = parse_key(**text);
  if (!key) return fail(key.error());
  return std::optional<HeldKey>(std::move(*key));
}

}  // namespace

std::string HeldKey::public_hex() const { return crypto::to_hex(key.public_key()); }

KeyFile::KeyFile(std::filesystem::path folder, store::Disk& disk) : folder_(std::move(folder), disk, "the checkpoint key") {}

Result<std::optional<HeldKey>> KeyFile::read() const { return read_key(folder_, kName); }

Result<std::optional<HeldKey>> KeyFile::read_next() const { return read_key(folder_, kNextName); }

Result<void> KeyFile::write_next(const HeldKey& next) {
  return folder_.write(kNextName, crypto::SecretBytes::take(fmt::format("{} {} {}\n", crypto::to_hex(next.key.seed().reveal()), next.since_ms, next.number)));
}

Result<void> KeyFile::promote() { return folder_.replace(kName, kNextName); }

Result<void> KeyFile::drop_next() { return folder_.remove(kNextName); }

}  // namespace sekisho::audit
