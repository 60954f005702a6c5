#include "worker/extract_zip.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <zip.h>

#include "base/limits.h"

namespace sekisho::worker {
namespace {

/// Small members of one repeated word pack better than any bomb needs to; they harm nobody.
constexpr std::uint64_t kRatioCounts_bytes = 4 * limits::kMiB;

bool is_bomb(std::uint64_t unpacked, std::uint64_t packed) {
  return unpacked > kRatioCounts_bytes && unpacked / limits::kUnpackRatio > packed;
}

}  // namespace

struct ZipArchive::State {
  zip_t* archive = nullptr;
  std::uint64_t unpacked = 0;  ///< Of all members read so far.
  bool has_password = false;
  ~State() {
    if (archive != nullptr) zip_discard(archive);
  }
};

struct ZipArchive::Member::State {
  zip_file_t* file = nullptr;
  ZipArchive::State* archive = nullptr;
  std::uint64_t packed = 0;
  std::uint64_t unpacked = 0;
  std::string problem;
  ~State() {
    if (file != nullptr) zip_fclose(file);
  }
};

ZipArchive::ZipArchive(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZipArchive::~ZipArchive() = default;
ZipArchive::ZipArchive(ZipArchive&&) noexcept = default;
ZipArchive& ZipArchive::operator=(ZipArchive&&) noexcept = default;

tl::expected<ZipArchive, Note> ZipArchive::open(std::string_view bytes, const std::string& password) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) return cannot_read("damaged", "no memory for the archive");
  auto state = std::make_unique<State>();
  state->archive = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (state->archive == nullptr) {
    zip_source_free(source);
    return cannot_read("damaged", fmt::format("not a readable zip archive ({})", zip_error_code_zip(&error)));
  }
  if (!password.empty()) zip_set_default_password(state->archive, password.c_str());
  state->has_password = !password.empty();
  const zip_int64_t count = zip_get_num_entries(state->archive, 0);
  if (count > static_cast<zip_int64_t>(limits::kZipMembers)) return cannot_read("bomb", fmt::format("{} members", count));
  std::uint64_t declared = 0;
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    if (zip_stat_index(state->archive, static_cast<zip_uint64_t>(i), 0, &stat) != 0) continue;
    if (stat.size > limits::kUnpackedBytes || is_bomb(stat.size, stat.comp_size)) {
      return cannot_read("bomb", fmt::format("a member of {} bytes packed as {}", stat.size, stat.comp_size));
    }
    declared += stat.size;
  }
  if (declared > limits::kUnpackedBytes) return cannot_read("bomb", fmt::format("{} bytes unpacked", declared));
  return ZipArchive(std::move(state));
}

bool ZipArchive::has(const std::string& name) const { return zip_name_locate(state_->archive, name.c_str(), 0) >= 0; }

std::vector<std::string> ZipArchive::names() const {
  std::vector<std::string> names;
  const zip_int64_t count = zip_get_num_entries(state_->archive, 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(state_->archive, static_cast<zip_uint64_t>(i), 0);
    if (name != nullptr) names.emplace_back(name);
  }
  return names;
}

tl::expected<ZipArchive::Member, Note> ZipArchive::member(const std::string& name) {
  const zip_int64_t index = zip_name_locate(state_->archive, name.c_str(), 0);
  if (index < 0) return cannot_read("damaged", "a part is missing: " + name);
  return opened(static_cast<std::uint64_t>(index), name);
}

tl::expected<ZipArchive::Member, Note> ZipArchive::opened(std::uint64_t index, const std::string& name) {
  zip_stat_t stat;
  if (zip_stat_index(state_->archive, index, 0, &stat) != 0) return cannot_read("damaged", "a part is missing: " + name);
  const bool locked = (stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE;
  if (locked && !state_->has_password) return cannot_read("encrypted", "the archive has a password");
  auto state = std::make_unique<Member::State>();
  state->file = zip_fopen_index(state_->archive, index, 0);
  if (state->file == nullptr && locked) return cannot_read("encrypted", "the password does not open it");
  if (state->file == nullptr) return cannot_read("damaged", "a part cannot be unpacked: " + name);
  state->archive = state_.get();
  state->packed = stat.comp_size;
  return Member(std::move(state));
}

std::vector<ZipArchive::Entry> ZipArchive::entries() const {
  std::vector<Entry> entries;
  const zip_int64_t count = zip_get_num_entries(state_->archive, 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(state_->archive, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    if (name != nullptr) entries.push_back({.index = static_cast<std::uint64_t>(i), .name = name});
  }
  return entries;
}

tl::expected<std::string, Note> ZipArchive::content(const Entry& entry) {
  auto member = opened(entry.index, entry.name);
  if (!member) return tl::unexpected(member.error());
  constexpr std::size_t kPiece = 64 * limits::kKiB;
  std::string all;
  for (;;) {
    const std::size_t before = all.size();
    if (before > limits::kDocumentBytes) return cannot_read("too_large", "more bytes than a document may have");
    all.resize(before + kPiece);
    const std::int64_t count = member->read(all.data() + before, kPiece);
    all.resize(before + static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
    if (count < 0) return cannot_read(member->problem(), "a member cannot be unpacked");
    if (count == 0) return all;
  }
}

ZipArchive::Member::Member(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZipArchive::Member::~Member() = default;
ZipArchive::Member::Member(Member&&) noexcept = default;

std::int64_t ZipArchive::Member::read(char* to, std::size_t size) {
  if (!state_->problem.empty()) return -1;
  const zip_int64_t count = zip_fread(state_->file, to, size);
  if (count < 0) {
    state_->problem = "damaged";
    return -1;
  }
  state_->unpacked += static_cast<std::uint64_t>(count);
  state_->archive->unpacked += static_cast<std::uint64_t>(count);
  if (is_bomb(state_->unpacked, state_->packed) || state_->archive->unpacked > limits::kUnpackedBytes) {
    state_->problem = "bomb";
    return -1;
  }
  return count;
}

const std::string& ZipArchive::Member::problem() const { return state_->problem; }

}  // namespace sekisho::worker
