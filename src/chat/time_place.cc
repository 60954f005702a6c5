#include "chat/time_place.h"

#include <charconv>

#include <fmt/format.h>

namespace sekisho::chat {

TimePlace TimePlace::parse(std::string_view text) {
  TimePlace place;
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    std::from_chars(text.data(), text.data() + slash, place.ms);
    place.id = text.substr(slash + 1);
  }
  return place;
}

std::string TimePlace::text() const { return fmt::format("{}/{}", ms, id); }

}  // namespace sekisho::chat
