#include "audit/content.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include <fmt/format.h>

#include "base/limits.h"
#include "crypto/random.h"

namespace sekisho::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMonthCharacters = 7;
constexpr std::uint64_t kContentBytes_max = 16 * limits::kMiB;
constexpr std::size_t kKeyHex = 64;
constexpr std::size_t kNameBytes = 8;

Result<std::string> read_whole(const store::Blobs& blobs, const store::BlobId& id, std::uint64_t bytes) {
  const Result<FileDescriptor> file = blobs.open_fd(id);
  if (!file) return fail(file.error());
  std::string text(bytes, '\0');
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t count = ::read(file->get(), text.data() + got, text.size() - got);
    if (count <= 0) return fail(ErrorCode::kCorrupt, "sealed content is shorter than its Entry says");
    got += static_cast<std::size_t>(count);
  }
  return text;
}

bool is_unfinished(std::string_view line) { return !line.ends_with('\n') || line.starts_with(std::string(kKeyHex, '0')); }

}  // namespace

std::string month_of(std::int64_t time_ms) {
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(time_ms)));
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()));
}

/// "KEY LABEL\n", the key in hexadecimal.
Result<Contents::Held> Contents::parse(std::string id, const crypto::SecretBytes& text) {
  const std::string_view line = text.reveal();
  const bool whole = line.size() > kKeyHex + 2 && line[kKeyHex] == ' ' && line.ends_with('\n') && id.size() > kMonthCharacters;
  Result<std::string> bytes = whole ? crypto::bytes_from_hex(line.substr(0, kKeyHex)) : fail(ErrorCode::kCorrupt, "");
  if (!bytes) return fail(ErrorCode::kCorrupt, fmt::format("the content key {}: not a key file", id));
  Result<crypto::SealKey> secret = crypto::SealKey::from_bytes(crypto::SecretBytes::take(std::move(*bytes)));
  if (!secret) return fail(ErrorCode::kCorrupt, fmt::format("the content key {}: not a key file", id));
  ContentKey key{id, id.substr(0, kMonthCharacters), std::string(line.substr(kKeyHex + 1, line.size() - kKeyHex - 2))};
  return Held{std::move(key), std::move(*secret)};
}

Result<std::unique_ptr<Contents>> Contents::open(const fs::path& log, const fs::path& keys, const Clock& clock) {
  Result<std::unique_ptr<store::Blobs>> blobs = store::Blobs::open(log / "content");
  if (!blobs) return fail(blobs.error());
  State state{SecretFolder(keys, store::Disk::real(), "the content key"), {}};
  std::error_code none;
  for (const fs::directory_entry& file : fs::directory_iterator(keys, none)) {
    const std::string id = file.path().filename().string();
    const Result<std::optional<crypto::SecretBytes>> text = state.folder.read(id);
    if (!text) return fail(text.error());
    if (!*text) continue;
    // What an erasure or a write left unfinished when the power went is no key.
    if (is_unfinished((*text)->reveal())) {
      if (Result<void> gone = state.folder.remove(id); !gone) return fail(gone.error());
      continue;
    }
    Result<Held> held = parse(id, **text);
    if (!held) return fail(held.error());
    state.held.emplace(id, std::move(*held));
  }
  return std::unique_ptr<Contents>(new Contents(std::move(state), std::move(*blobs), clock));
}

Result<const Contents::Held*> Contents::key_for(State& state, std::string_view label, const std::string& month) {
  const auto found = std::find_if(state.held.begin(), state.held.end(), [&](const auto& item) { return item.second.key.month == month && item.second.key.label == label; });
  if (found != state.held.end()) return &found->second;
  crypto::SealKey secret = crypto::SealKey::random();
  const std::string id = fmt::format("{}-{}", month, crypto::to_hex(crypto::random_bytes(kNameBytes).reveal()));
  const crypto::SecretBytes text = crypto::SecretBytes::take(fmt::format("{} {}\n", crypto::to_hex(secret.bytes().reveal()), label));
  if (Result<void> written = state.folder.write(id, text); !written) return fail(written.error());
  return &state.held.emplace(id, Held{{id, month, std::string(label)}, std::move(secret)}).first->second;
}

Result<Json> Contents::keep(std::string_view label, std::string_view subject, const Json& content) {
  const crypto::SecretBytes plain = crypto::SecretBytes::take(content.dump());
  std::string key;
  const Result<std::string> sealed = state_.with([&](State& state) -> Result<std::string> {
    const Result<const Held*> held = key_for(state, label, month_of(clock_.wall_ms()));
    if (!held) return fail(held.error());
    key = (*held)->key.id;
    return (*held)->secret.seal(plain.reveal(), subject);
  });
  if (!sealed) return fail(sealed.error());
  Result<store::BlobWriter> writer = blobs_->begin(kContentBytes_max);
  if (!writer) return fail(writer.error());
  if (Result<void> written = writer->append(*sealed); !written) return fail(written.error());
  const Result<store::StoredBlob> stored = writer->finish();
  if (!stored) return fail(stored.error());
  return Json::object({{"bytes", static_cast<std::int64_t>(stored->size_bytes)}, {"key", key}, {"sha256", stored->id.text()}});
}

Result<Json> Contents::read(const Json& place, std::string_view subject) const {
  const Result<store::BlobId> id = store::BlobId::parse(place.text_or("sha256"));
  const std::int64_t bytes = place.int_or("bytes", -1);
  if (!id || bytes < 0 || static_cast<std::uint64_t>(bytes) > kContentBytes_max) return fail(ErrorCode::kCorrupt, "not a place of sealed content");
  const Result<std::string> sealed = read_whole(*blobs_, *id, static_cast<std::uint64_t>(bytes));
  if (!sealed) return fail(sealed.error());
  const Result<crypto::SecretBytes> plain = state_.with([&](State& state) -> Result<crypto::SecretBytes> {
    const auto held = state.held.find(place.text_or("key"));
    if (held == state.held.end()) return fail(ErrorCode::kDenied, "the key of this content was erased");
    return held->second.secret.open(*sealed, subject);
  });
  if (!plain) return fail(plain.error());
  return Json::parse(plain->reveal(), kContentBytes_max);
}

std::vector<ContentKey> Contents::keys() const {
  return state_.with([](const State& state) {
    std::vector<ContentKey> keys;
    for (const auto& [id, held] : state.held) keys.push_back(held.key);
    return keys;
  });
}

Result<void> Contents::erase(const std::string& id) {
  return state_.with([&](State& state) -> Result<void> {
    if (state.held.erase(id) == 0) return {};
    return state.folder.remove(id);
  });
}

}  // namespace sekisho::audit
