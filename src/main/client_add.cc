#include "main/client_add.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "main/document_words.h"
#include "main/plain_text.h"
#include "main/progress.h"

namespace sekisho::main {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::milliseconds kPollEvery{500};
constexpr std::chrono::seconds kPatience{5};  ///< Between tries where the server says that it is too much at once.
constexpr int kPatientTries = 60;

bool may_pass(const Error& error) { return error.code == ErrorCode::kRateLimited || error.code == ErrorCode::kBusy; }

Try<void> walk(const fs::path& folder, std::vector<fs::path>& files) {
  std::error_code ec;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) entries.push_back(it->path());
  if (ec) return wrong_use(fmt::format("フォルダー{}を読めません。（{}）", folder.string(), ec.message()));
  std::sort(entries.begin(), entries.end());
  for (const fs::path& entry : entries) {
    const fs::file_status status = fs::symlink_status(entry, ec);
    if (entry.filename().string().starts_with('.')) continue;
    if (fs::is_regular_file(status)) files.push_back(entry);
    if (fs::is_directory(status)) {
      if (auto walked = walk(entry, files); !walked) return walked;
    }
  }
  return {};
}

/// One file on its way: what the server made of it, or why there is nothing.
struct Sent {
  fs::path file;
  Try<Json> document;
};

class Adding {
 public:
  Adding(Remote& remote, const AddOptions& options, std::string shelf_id) : remote_(remote), options_(options), shelf_id_(std::move(shelf_id)) {}

  int run(const std::vector<fs::path>& files) {
    std::vector<Sent> sent;
    for (std::size_t i = 0; i < files.size(); ++i) {
      sent.push_back({files[i], upload(files[i], fmt::format("送っています {} / {}", i + 1, files.size()))});
      if (!sent.back().document) report(sent.back());
    }
    for (std::size_t i = 0; i < sent.size(); ++i) {
      if (!sent[i].document) continue;
      if (options_.wait) sent[i].document = settle(*std::move(sent[i].document), fmt::format("読み取りを待っています {} / {}", i + 1, sent.size()));
      if (sent[i].document && needs_password(*sent[i].document)) sent[i].document = open(*std::move(sent[i].document), fmt::format("パスワードで開いています {} / {}", i + 1, sent.size()));
      report(sent[i]);
    }
    return sum_up(files.size());
  }

 private:
  [[nodiscard]] bool needs_password(const Json& document) const {
    const Json* error = document.find("error");
    return !options_.password.empty() && document.text_or("state") == "failed" && error != nullptr && error->text_or("code") == "encrypted";
  }
  /// Reads a document with a password again.
  Try<Json> open(Json document, const std::string& what) {
    const Json body = Json::object({{"password", options_.password}});
    auto again = remote_.post("/api/v1/documents/" + document.text_or("id") + "/retry", &body);
    if (!again) return trouble(again.error());
    return settle(*std::move(again), what);
  }
  Try<Json> upload(const fs::path& file, const std::string& what) {
    const std::string name = file.filename().string();
    const std::string target = fmt::format("/api/v1/shelves/{}/documents?name={}", shelf_id_, http::percent_encode(name));
    line_.show(fmt::format("{}　{}", what, name));
    const auto send = [&] {
      return remote_.client().upload(target, file, [&](std::uint64_t done, std::uint64_t total) {
        line_.show(fmt::format("{}　{}　{} / {}", what, name, size_words(done), size_words(total)));
      });
    };
    auto document = send();
    // A folder of a thousand files is more than one account may ask for in a minute: it takes its turn.
    for (int tries = 0; !document && may_pass(document.error()) && tries < kPatientTries; ++tries) {
      line_.show(fmt::format("{}　{}　混み合っているため、待っています", what, name));
      std::this_thread::sleep_for(kPatience);
      document = send();
    }
    if (!document) return trouble(remote_.explain(document.error()));
    return *std::move(document);
  }

  /// Waits until the document is ready or failed: by its events, and by asking now and then where they break off.
  Try<Json> settle(Json document, const std::string& what) {
    const std::string target = "/api/v1/documents/" + document.text_or("id");
    while (!is_settled(document)) {
      watch(target + "/events", document, what);
      auto now = remote_.get(target);
      for (int tries = 0; !now && now.error().code == ErrorCode::kRateLimited && tries < kPatientTries; ++tries) {
        std::this_thread::sleep_for(kPatience);
        now = remote_.get(target);
      }
      if (!now) return trouble(now.error());
      document = *std::move(now);
      if (!is_settled(document)) std::this_thread::sleep_for(kPollEvery);
    }
    return document;
  }
  void watch(const std::string& target, Json& document, const std::string& what) {
    auto events = remote_.client().events(http::Method::kGet, target);
    while (events && !is_settled(document)) {
      auto event = events->next();
      if (!event || !*event) return;
      if (auto now = Json::parse((*event)->data)) document = *std::move(now);
      const std::int64_t pages = document.int_or("pages_read");
      line_.show(fmt::format("{}　{}{}", what, document.text_or("name"), pages > 0 ? fmt::format("　{}ページ", pages) : ""));
    }
  }

  void report(const Sent& sent) {
    line_.clear();
    const bool failed = !sent.document || sent.document->text_or("state") == "failed";
    if (failed) ++failed_;
    if (sent.document) passages_ += sent.document->int_or("passages");
    if (options_.json) {
      Json line = Json::object({{"file", sent.file.string()}});
      if (sent.document) line.set("document", *sent.document);
      if (!sent.document) line.set("error", Json::object({{"code", name_of(sent.document.error().code)}, {"message", sent.document.error().words}}));
      std::cout << line.dump() << "\n" << std::flush;
    } else if (sent.document) {
      std::cout << printable(document_words(*sent.document)) << std::flush;
    } else {
      std::cout << printable(fmt::format("  ✗ {}　{}\n", sent.file.filename().string(), sent.document.error().words)) << std::flush;
    }
  }
  int sum_up(std::size_t files) {
    if (!options_.json) {
      std::cout << fmt::format("{}件のうち{}件を{}（{}か所）。", files, files - failed_, options_.wait ? "追加しました" : "送りました", passages_)
                << (failed_ > 0 ? fmt::format("{}件は追加できませんでした。", failed_) : "") << "\n";
    }
    return failed_ > 0 ? kExitFailed : 0;
  }

  Remote& remote_;
  const AddOptions& options_;
  const std::string shelf_id_;
  ProgressLine line_;
  std::size_t failed_ = 0;
  std::int64_t passages_ = 0;
};

}  // namespace

Try<std::vector<fs::path>> files_of(const std::vector<std::string>& paths, bool recursive) {
  std::vector<fs::path> files;
  for (const std::string& text : paths) {
    const fs::path path(text);
    std::error_code ec;
    const fs::file_status status = fs::status(path, ec);
    if (!fs::exists(status)) return wrong_use(fmt::format("{}は、ありません。", text));
    if (!fs::is_directory(status)) {
      files.push_back(path);
    } else if (!recursive) {
      return wrong_use(fmt::format("{}はフォルダーです。中のファイルを追加するには、--recursive を付けてください。", text));
    } else if (auto walked = walk(path, files); !walked) {
      return trouble(walked.error());
    }
  }
  if (files.empty()) return wrong_use("追加するファイルがありません。");
  return files;
}

int add_documents(const AddOptions& options) {
  auto files = files_of(options.paths, options.recursive);
  if (!files) return give_up(files.error(), options.json);
  auto remote = Remote::open(options);
  if (!remote) return give_up(remote.error(), options.json);
  auto shelf = remote->shelf(options.shelf);
  if (!shelf) return give_up(shelf.error(), options.json);
  return Adding(*remote, options, shelf->text_or("id")).run(*files);
}

}  // namespace sekisho::main
