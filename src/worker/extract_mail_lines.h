#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "worker/extract_output.h"

namespace sekisho::worker {

/// What stands above a mail, whatever format it is kept in.
struct MailHead {
  std::string subject;
  std::string from;
  std::string to;
  std::string copies;
  std::string date;
  std::vector<std::string> attachments;
};

/// The subject as a heading, then 差出人, 宛先, 写し, 日時, 添付; what is missing is left out.
[[nodiscard]] std::vector<Line> mail_lines(const MailHead& head);

/// "Mon, 15 Jul 2024 10:05:00 +0900" → 「2024年7月15日 10:05」; other forms as they are.
[[nodiscard]] std::string mail_date(std::string_view field);

/// The RTF of a body that Outlook packed ([MS-OXRTFCP]); "" where it is none.
[[nodiscard]] std::string unpacked_rtf(std::string_view packed);

}  // namespace sekisho::worker
