#include "worker/extract_session.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "process/channel.h"
#include "process/extract_protocol.h"
#include "process/sandbox.h"
#include "worker/extract_image.h"
#include "worker/extract_ocr.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

using process::Channel;
using process::Frame;
using process::extract::MessageType;

process::SealProfile profile(Task task) {
  process::SealProfile profile;
  profile.name = "extract";
#if !defined(__SANITIZE_ADDRESS__)  // Its shadow memory takes more address space than any limit leaves.
  profile.memory_bytes = limits::kExtractMemoryBytes;
#endif
  profile.cpu_s = limits::kExtractCpu_s + kOcrDocument_ms / 1'000;
  // The tables of Japanese fonts that a PDF does not carry along, and what tesseract knows of Japanese letters.
  profile.readable_folders = {"/usr/share/poppler", kOcrData};
  if (task == Task::kDraw) profile.readable_folders.insert(profile.readable_folders.end(), {"/usr/share/fonts", "/usr/local/share/fonts"});
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

/// Why the document cannot even be looked at.
std::optional<Note> trouble_with(const MappedDocument& document) {
  if (!document.is_there()) return Note{0, "damaged", "the document cannot be mapped"};
  if (document.is_too_large()) return Note{0, "too_large", "more bytes than a document may have"};
  return std::nullopt;
}

bool send_failure(Channel& channel, const Note& why) {
  return send(channel, MessageType::kFailed, Json::object({{"code", why.code}, {"detail", why.detail}}));
}

bool tell_text(Channel& channel, const MappedDocument& document, const Request& request) {
  ExtractOutput output({.page = [&](const Page& page) { return send(channel, MessageType::kPage, process::extract::to_json(page)); },
                        .note = [&](const Note& note) { return send(channel, MessageType::kNote, process::extract::to_json(note)); }});
  if (const auto trouble = trouble_with(document)) return send_failure(channel, *trouble);
  const Outcome outcome = read_document(document.bytes(), request, output);
  return outcome ? send(channel, MessageType::kEnd, process::extract::to_json(*outcome)) : send_failure(channel, outcome.error());
}

bool tell_image(Channel& channel, const MappedDocument& document, const ImageRequest& request) {
  if (const auto trouble = trouble_with(document)) return send_failure(channel, *trouble);
  auto image = page_image(document.bytes(), request);
  if (!image) return send_failure(channel, image.error());
  return channel.send(Frame{.type = static_cast<std::uint16_t>(MessageType::kImage), .id = 0, .payload = std::move(*image)}).has_value();
}

/// 0 where what the server asked for was told or refused in order.
int serve(Channel& channel, Task task, const Frame& frame) {
  const auto json = Json::parse(frame.payload);
  if (!json) return 1;
  const MappedDocument document(process::kInputFd);
  if (task == Task::kRead && frame.type == static_cast<std::uint16_t>(MessageType::kExtract)) {
    const auto request = process::extract::request(*json);
    return request && tell_text(channel, document, *request) ? 0 : 1;
  }
  if (task == Task::kDraw && frame.type == static_cast<std::uint16_t>(MessageType::kDraw)) {
    const auto request = process::extract::image_request(*json);
    return request && tell_image(channel, document, *request) ? 0 : 1;
  }
  return 1;
}

}  // namespace

int run_extract_worker(Task task) {
  prepare_readers(task);
  process::SealReport report = process::seal(profile(task));
  process::probe_escape(report);
  Channel channel(process::kChannelFd);
  if (!send(channel, MessageType::kSealed, report.to_json())) return 1;
  const auto frame = channel.receive();
  if (!frame || !frame->has_value()) return 1;  // The server did not trust the seal, or is gone.
  const int status = serve(channel, task, **frame);
  if (status != 0) log_error("extract.bad_request_or_server_gone");
  return status;
}

}  // namespace sekisho::worker
