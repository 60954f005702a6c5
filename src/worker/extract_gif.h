#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho::worker {

/// A GIF of one picture alone.
struct GifPicture {
  std::int64_t width = 0;   ///< The larger of what the screen and the picture say.
  std::int64_t height = 0;
  std::string bytes;
};

/// The first picture of a GIF (GIF89a, sections 18 to 27) as a file of its own: giflib would unpack all of them, of
/// whatever sizes, to show one. Nothing where the file ends before its first picture does. Threads: pure.
[[nodiscard]] std::optional<GifPicture> first_gif_picture(std::string_view bytes);

}  // namespace sekisho::worker
