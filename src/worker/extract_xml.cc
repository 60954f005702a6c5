#include "worker/extract_xml.h"

#include <memory>

#include <libxml/xmlreader.h>

#include "base/limits.h"

namespace sekisho::worker {
namespace {

struct FreeReader {
  void operator()(xmlTextReader* reader) const { xmlFreeTextReader(reader); }
};

int read_member(void* context, char* buffer, int length) {
  const std::int64_t count = static_cast<ZipArchive::Member*>(context)->read(buffer, static_cast<std::size_t>(length));
  return count < 0 ? -1 : static_cast<int>(count);
}

std::string_view view(const xmlChar* text) { return text == nullptr ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(text)); }

std::string attribute_of(xmlTextReader* reader, std::string_view name) {
  std::string value;
  for (int more = xmlTextReaderMoveToFirstAttribute(reader); more == 1; more = xmlTextReaderMoveToNextAttribute(reader)) {
    if (view(xmlTextReaderConstLocalName(reader)) == name || view(xmlTextReaderConstName(reader)) == name) value = view(xmlTextReaderConstValue(reader));
  }
  xmlTextReaderMoveToElement(reader);
  return value;
}

enum class Step { kGoOn, kSkip, kRefuse };

Step tell(xmlTextReader* reader, XmlEvents& events) {
  switch (xmlTextReaderNodeType(reader)) {
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
      return Step::kRefuse;
    case XML_READER_TYPE_ELEMENT: {
      const bool empty = xmlTextReaderIsEmptyElement(reader) == 1;
      const std::string name(view(xmlTextReaderConstLocalName(reader)));
      if (!events.begin(name, [&](const char* attribute) { return attribute_of(reader, attribute); })) return Step::kSkip;
      if (empty) events.end(name);
      return Step::kGoOn;
    }
    case XML_READER_TYPE_END_ELEMENT:
      events.end(view(xmlTextReaderConstLocalName(reader)));
      return Step::kGoOn;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
      events.text(view(xmlTextReaderConstValue(reader)));
      return Step::kGoOn;
    default:
      return Step::kGoOn;
  }
}

/// Whether the part was whole; nothing could be read of it: damaged.
tl::expected<bool, Note> follow(xmlTextReader* reader, const std::string& part, XmlEvents& events) {
  bool any = false;
  int more = xmlTextReaderRead(reader);
  while (more == 1 && events.wants_more()) {
    if (xmlTextReaderDepth(reader) > static_cast<int>(limits::kElementDepth)) return cannot_read("damaged", "XML nested too deep in " + part);
    const Step step = tell(reader, events);
    if (step == Step::kRefuse) return cannot_read("damaged", "a document type or entities in " + part);
    any = true;
    more = step == Step::kSkip ? xmlTextReaderNext(reader) : xmlTextReaderRead(reader);
  }
  if (more < 0 && !any) return cannot_read("damaged", "no XML in " + part);
  return more >= 0;
}

constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT;

}  // namespace

tl::expected<bool, Note> read_xml(ZipArchive& archive, const std::string& part, XmlEvents& events) {
  auto member = archive.member(part);
  if (!member) return tl::unexpected(member.error());
  const std::unique_ptr<xmlTextReader, FreeReader> reader(xmlReaderForIO(read_member, nullptr, &*member, nullptr, nullptr, kOptions));
  if (reader == nullptr) return cannot_read("damaged", "no XML in " + part);
  auto whole = follow(reader.get(), part, events);
  if (member->problem() == "bomb") return cannot_read("bomb", part + " unpacks to more than allowed");
  return whole;
}

tl::expected<bool, Note> read_xml_text(std::string_view text, const std::string& name, XmlEvents& events) {
  if (text.size() > limits::kDocumentBytes) return cannot_read("too_large", name);
  const std::unique_ptr<xmlTextReader, FreeReader> reader(xmlReaderForMemory(text.data(), static_cast<int>(text.size()), nullptr, "UTF-8", kOptions | XML_PARSE_IGNORE_ENC));
  if (reader == nullptr) return cannot_read("damaged", "no XML in " + name);
  return follow(reader.get(), name, events);
}

}  // namespace sekisho::worker
