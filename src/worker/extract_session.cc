#include "worker/extract_session.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "process/channel.h"
#include "process/extract_protocol.h"
#include "process/sandbox.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

using process::Channel;
using process::Frame;
using process::extract::MessageType;

process::SealProfile profile() {
  process::SealProfile profile;
  profile.name = "extract";
#if !defined(__SANITIZE_ADDRESS__)  // Its shadow memory takes more address space than any limit leaves.
  profile.memory_bytes = limits::kExtractMemoryBytes;
#endif
  profile.cpu_s = limits::kExtractCpu_s;
  profile.readable_folders = {"/usr/share/poppler"};  // The tables of Japanese fonts that a PDF does not carry along.
  return profile;
}

/// The document, mapped: pages of it that no reader touches take no memory.
class MappedDocument {
 public:
  explicit MappedDocument(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0 || info.st_size < 0) return;
    size_ = static_cast<std::size_t>(info.st_size);
    is_there_ = true;
    if (size_ == 0 || size_ > limits::kDocumentBytes) return;
    data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data_ == MAP_FAILED) is_there_ = false;
  }
  [[nodiscard]] bool is_there() const { return is_there_; }
  [[nodiscard]] bool is_too_large() const { return size_ > limits::kDocumentBytes; }
  [[nodiscard]] std::string_view bytes() const { return {static_cast<const char*>(data_), data_ == nullptr ? 0 : size_}; }

 private:
  void* data_ = nullptr;  ///< Never unmapped: the process ends with its document.
  std::size_t size_ = 0;
  bool is_there_ = false;
};

bool send(Channel& channel, MessageType type, const Json& json) {
  return channel.send(Frame{.type = static_cast<std::uint16_t>(type), .id = 0, .payload = json.dump()}).has_value();
}

Outcome read_mapped(const Request& request, ExtractOutput& output) {
  const MappedDocument document(process::kInputFd);
  if (!document.is_there()) return cannot_read("damaged", "the document cannot be mapped");
  if (document.is_too_large()) return cannot_read("too_large", "more bytes than a document may have");
  return read_document(document.bytes(), request, output);
}

}  // namespace

int run_extract_worker() {
  prepare_readers();
  process::SealReport report = process::seal(profile());
  process::probe_escape(report);
  Channel channel(process::kChannelFd);
  if (!send(channel, MessageType::kSealed, report.to_json())) return 1;
  const auto frame = channel.receive();
  if (!frame || !frame->has_value()) return 1;  // The server did not trust the seal, or is gone.
  const auto json = Json::parse((*frame)->payload);
  const auto request = json ? process::extract::request(*json) : fail(json.error());
  if ((*frame)->type != static_cast<std::uint16_t>(MessageType::kExtract) || !request) {
    log_error("extract.bad_request");
    return 1;
  }
  ExtractOutput output({.page = [&](const Page& page) { return send(channel, MessageType::kPage, process::extract::to_json(page)); },
                        .note = [&](const Note& note) { return send(channel, MessageType::kNote, process::extract::to_json(note)); }});
  const Outcome outcome = read_mapped(*request, output);
  const bool told = outcome ? send(channel, MessageType::kEnd, process::extract::to_json(*outcome))
                            : send(channel, MessageType::kFailed, Json::object({{"code", outcome.error().code}, {"detail", outcome.error().detail}}));
  return told ? 0 : 1;
}

}  // namespace sekisho::worker
