#include "model/model_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "base/id.h"
#include "crypto/hash.h"
#include "model/gguf_check.h"

namespace sekisho::model {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = 8 * 1024 * 1024;
constexpr std::size_t kHashPrefix_min = 8;

/// A descriptor with an owner.
class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0600) : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

tl::unexpected<Error> system_error(std::string_view what) {
  return fail(ErrorCode::kUnavailable, fmt::format("{}: {}", what, std::strerror(errno)));
}

/// What changes when a file's bytes change. tools/fetch_model writes the same.
std::string stamp_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  const std::int64_t mtime_ns = static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
  return fmt::format("{} {} {}\n", status.st_size, mtime_ns, status.st_ino);
}

std::string read_small(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Writes a small file so that a reader sees the old one or the new one.
Result<void> replace_file(const std::string& path, std::string_view text) {
  const std::string temporary = path + "." + random_id_text();
  {
    const File file(temporary, O_WRONLY | O_CREAT | O_EXCL, 0644);
    const bool written = file.is_open() && ::write(file.fd(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (!written || ::fsync(file.fd()) != 0) {
      auto error = system_error(temporary);
      ::unlink(temporary.c_str());
      return error;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error(path);
  return {};
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

/// Reads `from` to its end, and writes what was read to `to` unless that is -1. Returns the SHA-256.
Result<crypto::Digest> hash_and_copy(int from, int to, std::int64_t total_bytes, const ByteProgress& progress) {
  crypto::Sha256 hash;
  std::string buffer(kChunkBytes, '\0');
  std::int64_t done_bytes = 0;
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read");
    if (got == 0) break;
    const std::string_view chunk(buffer.data(), static_cast<std::size_t>(got));
    hash.update(chunk);
    if (to >= 0) {
      if (auto written = write_all(to, chunk); !written) return fail(written.error());
    }
    done_bytes += got;
    if (progress) progress(done_bytes, total_bytes);
  }
  if (to >= 0 && ::fsync(to) != 0) return system_error("fsync");
  return hash.finish();
}

/// A name that a catalog accepts, from a file's name.
std::string name_from(const std::string& file) {
  std::string name = fs::path(file).stem().string().substr(0, 80);
  for (char& c : name) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    if (!fine) c = '-';
  }
  const std::size_t start = name.find_first_not_of(".-");
  return start == std::string::npos ? "model" : name.substr(start);
}

/// What the list will say of an added file. Errors: kUnsupported (its chat format is unknown).
Result<CatalogEntry> describe(const std::string& file, const GgufSummary& summary, std::string sha256,
                              const ModelCache::AddOptions& options) {
  CatalogEntry entry;
  entry.sha256 = std::move(sha256);
  entry.embedding = summary.embedding;
  entry.family = options.family;
  if (!entry.embedding && !entry.family) {
    const auto family = family_of(summary);
    if (!family) return fail(family.error());
    entry.family = *family;
  }
  entry.name = options.name.empty() ? name_from(file) : options.name;
  entry.title_ja = options.title_ja.empty() ? entry.name : options.title_ja;
  entry.licence = options.licence;
  entry.context_tokens = summary.context_tokens;
  entry.size_bytes = summary.file_bytes;
  return entry;
}

/// Removes a file that was not given its final name.
struct Leftover {
  std::string path;
  ~Leftover() { ::unlink(path.c_str()); }
};

}  // namespace

std::string default_cache_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (const std::string own = variable("SEKISHO_CACHE"); !own.empty()) return own;
  const std::string shared = variable("XDG_CACHE_HOME");
  return (shared.empty() ? variable("HOME") + "/.cache" : shared) + "/sekisho";
}

ModelCache::ModelCache(Catalog catalog, std::string folder) : catalog_(std::move(catalog)), folder_(std::move(folder)) {}

std::string ModelCache::path_of(std::string_view sha256, std::string_view ending) const {
  return fmt::format("{}/models/{}.{}", folder_, sha256, ending);
}

Result<Catalog> ModelCache::added() const {
  const std::string path = folder_ + "/models/added.toml";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return Catalog{};
  return Catalog::load(path);
}

Result<void> ModelCache::change_added(const std::function<void(Catalog&)>& change) const {
  const std::string path = folder_ + "/models/added.toml";
  const File lock(path + ".lock", O_RDWR | O_CREAT, 0644);
  if (!lock.is_open() || ::flock(lock.fd(), LOCK_EX) != 0) return system_error(path);
  auto catalog = added();
  if (!catalog) return fail(catalog.error());
  change(*catalog);
  std::string text = "# Models that this office added: sekisho model add. Changed by the program.\n";
  for (const CatalogEntry& entry : catalog->entries) text += "\n" + entry.to_toml();
  return replace_file(path, text);
}

Result<std::vector<KnownModel>> ModelCache::list() const {
  auto own = added();
  if (!own) return fail(own.error());
  std::vector<KnownModel> models;
  for (const Catalog* catalog : {&catalog_, static_cast<const Catalog*>(&*own)}) {
    for (const CatalogEntry& entry : catalog->entries) {
      // A model that came into the catalog after the office had added it is listed once.
      if (std::any_of(models.begin(), models.end(), [&](const KnownModel& m) { return m.entry.sha256 == entry.sha256; })) continue;
      KnownModel model{entry, catalog != &catalog_, false, path_of(entry.sha256, "gguf")};
      std::error_code error;
      model.installed = fs::file_size(model.path, error) == static_cast<std::uintmax_t>(entry.size_bytes) && !error;
      if (const auto json = Json::parse(read_small(path_of(entry.sha256, "judge.json")))) {
        if (auto judge = Calibration::from_json(*json)) model.entry.judge = *judge;
      }
      models.push_back(std::move(model));
    }
  }
  return models;
}

Result<KnownModel> ModelCache::find(std::string_view name) const {
  auto models = list();
  if (!models) return fail(models.error());
  const CatalogEntry* special = catalog_.find(name);
  std::string names;
  for (KnownModel& model : *models) {
    const bool by_hash = name.size() >= kHashPrefix_min && model.entry.sha256.starts_with(name);
    const bool by_role = special != nullptr && special->sha256 == model.entry.sha256;
    if (model.entry.name == name || by_role || by_hash) return std::move(model);
    names += (names.empty() ? "" : ", ") + model.entry.name;
  }
  return fail(ErrorCode::kInvalid, fmt::format("no model is named \"{}\"; known: {}", name.substr(0, 100), names));
}

Result<KnownModel> ModelCache::installed(std::string_view name) const {
  auto model = find(name);
  if (model && !model->installed) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("the model \"{}\" is not here: sekisho model fetch {}", model->entry.name, model->entry.name));
  }
  return model;
}

Result<void> ModelCache::check_hash(const KnownModel& model, const ByteProgress& progress) const {
  // Before it is read: a change while we read makes the stamp wrong, and the file is read again next time.
  const std::string stamp = stamp_of(model.path);
  const File file(model.path, O_RDONLY);
  if (!file.is_open()) return system_error(model.path);
  const auto digest = hash_and_copy(file.fd(), -1, model.entry.size_bytes, progress);
  if (!digest) return fail(digest.error());
  if (digest->hex() != model.entry.sha256) {
    ::unlink(path_of(model.entry.sha256, "stamp").c_str());
    return fail(ErrorCode::kCorrupt,
                fmt::format("the file of \"{}\" has the SHA-256 {}: remove and fetch it again", model.entry.name, digest->hex()));
  }
  // A cache that cannot be written to works too; it is only read whole each time.
  static_cast<void>(replace_file(path_of(model.entry.sha256, "stamp"), stamp));
  return {};
}

Result<KnownModel> ModelCache::admit(std::string_view name, const ByteProgress& progress) const {
  auto model = installed(name);
  if (!model) return model;
  const std::string known = read_small(path_of(model->entry.sha256, "stamp"));
  if (!known.empty() && known == stamp_of(model->path)) return model;
  if (auto checked = check_hash(*model, progress); !checked) return fail(checked.error());
  return model;
}

Result<void> ModelCache::verify(std::string_view name, const ByteProgress& progress) const {
  const auto model = installed(name);
  if (!model) return fail(model.error());
  return check_hash(*model, progress);
}

Result<KnownModel> ModelCache::add(const std::string& file, const AddOptions& options, const ByteProgress& progress) const {
  const File source(file, O_RDONLY);
  if (!source.is_open()) return fail(ErrorCode::kInvalid, fmt::format("{}: {}", file, std::strerror(errno)));
  if (auto early = check_gguf(source.fd()); !early) return fail(early.error());
  std::error_code error;
  fs::create_directories(folder_ + "/models", error);
  if (error) return fail(ErrorCode::kUnavailable, fmt::format("{}: {}", folder_, error.message()));

  const Leftover temporary{fmt::format("{}/models/add.{}.partial", folder_, random_id_text())};
  const File copy(temporary.path, O_RDWR | O_CREAT | O_EXCL, 0444);
  if (!copy.is_open()) return system_error(temporary.path);
  struct stat status{};
  if (::fstat(source.fd(), &status) != 0) return system_error(file);
  const auto digest = hash_and_copy(source.fd(), copy.fd(), status.st_size, progress);
  if (!digest) return fail(digest.error());
  // The copy is what will be loaded, so the copy is what is judged.
  const auto summary = check_gguf(copy.fd());
  if (!summary) return fail(summary.error());

  const auto described = describe(file, *summary, digest->hex(), options);
  if (!described) return fail(described.error());
  const CatalogEntry& entry = *described;
  // What would be written must be readable again, or the list would be broken by one wrong name.
  if (auto readable = Catalog::parse(entry.to_toml()); !readable) return fail(readable.error());
  auto known = find(entry.sha256);
  if (!known) {
    if (const auto taken = find(entry.name)) return fail(ErrorCode::kConflict, fmt::format("another model is named \"{}\"", entry.name));
  }
  if (::rename(temporary.path.c_str(), path_of(entry.sha256, "gguf").c_str()) != 0) return system_error(folder_);
  if (auto stamped = replace_file(path_of(entry.sha256, "stamp"), stamp_of(path_of(entry.sha256, "gguf"))); !stamped)
    return fail(stamped.error());
  if (!known) {
    auto listed = change_added([&](Catalog& catalog) {
      std::erase_if(catalog.entries, [&](const CatalogEntry& e) { return e.sha256 == entry.sha256 || e.name == entry.name; });
      catalog.entries.push_back(entry);
    });
    if (!listed) return fail(listed.error());
  }
  return find(entry.sha256);
}

Result<void> ModelCache::remove(std::string_view name) const {
  const auto model = find(name);
  if (!model) return fail(model.error());
  if (!model->installed && !model->added)
    return fail(ErrorCode::kUnavailable, fmt::format("the model \"{}\" is not here", model->entry.name));
  if (model->added) {
    auto changed = change_added(
        [&](Catalog& catalog) { std::erase_if(catalog.entries, [&](const CatalogEntry& e) { return e.sha256 == model->entry.sha256; }); });
    if (!changed) return changed;
  }
  for (const char* ending : {"stamp", "judge.json", "gguf"}) {
    if (::unlink(path_of(model->entry.sha256, ending).c_str()) != 0 && errno != ENOENT) return system_error(model->path);
  }
  return {};
}

Result<void> ModelCache::save_judge(const std::string& sha256, const Calibration& calibration) const {
  if (!crypto::Digest::from_hex(sha256)) return fail(ErrorCode::kInvalid, "not a SHA-256");
  std::error_code error;
  fs::create_directories(folder_ + "/models", error);
  if (error) return fail(ErrorCode::kUnavailable, fmt::format("{}: {}", folder_, error.message()));
  return replace_file(path_of(sha256, "judge.json"), calibration.to_json().dump() + "\n");
}

}  // namespace sekisho::model
