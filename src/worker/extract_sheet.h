#pragma once

#include "worker/extract_raster.h"

namespace sekisho::worker {

/// A scanned sheet made ready for recognition.
struct Sheet {
  Raster picture;            ///< In its own colours, at the size at which it is read, made straight; for people to look at.
  Raster grey;               ///< The same on an even white ground, without ruled lines and specks.
  Raster without_red;        ///< As `grey`, with red ink (stamps) gone; null where there is none.
  double scale = 1;          ///< Dots of it for one of the scan.
  double character_dots = 0; ///< About the size of a character; 0: nothing that could be one.
  bool has_ink = false;      ///< More than dust, whether it is writing or not.
  double rows = 0;           ///< How clearly its ink lies in horizontal lines, in no unit.
  double columns = 0;        ///< And in vertical ones.
};

/// Scales to a size at which characters are read well, evens out the ground, finds the skew (up to 7 degrees, of horizontal and
/// vertical lines alike) and takes it out. White on black becomes black on white. Null pictures: no memory, or nothing that could be
/// characters.
/// Threads: pure.
[[nodiscard]] Sheet sheet_of(Raster scan);

/// Turned clockwise by so many quarters.
[[nodiscard]] Raster turned(const Raster& raster, int quarters);
/// The part of the sheet with the most ink, of at most `dots` a side: enough to find out which way up it is.
[[nodiscard]] Raster sample_of(const Raster& grey, int dots);

}  // namespace sekisho::worker
