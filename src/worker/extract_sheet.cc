#include "worker/extract_sheet.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <leptonica/allheaders.h>

namespace sekisho::worker {
namespace {

constexpr double kCharacter_dots = 32;         ///< At which tesseract reads best.
constexpr double kCharacterLeast_dots = 22;    ///< Smaller and larger ones are scaled to it.
constexpr double kCharacterMost_dots = 64;
constexpr double kEdge_dots = 7'000;
constexpr int kSpots = 150'000;                ///< More pieces of ink on one sheet are no writing.
constexpr double kSkewLeast_degrees = 0.15;
constexpr float kSkewConfidence = 3;
constexpr double kRuleCharacters = 3;          ///< A straight line of this length is ruled, not written.
constexpr double kDustShare = 0.003;
constexpr double kRedShare = 0.0005;

struct DropBoxes {
  void operator()(Boxa* boxes) const { boxaDestroy(&boxes); }
};
struct DropNumbers {
  void operator()(Numa* numbers) const { numaDestroy(&numbers); }
};

/// Grey on an even ground, so that shadows of a fold or a camera's corner are no ink.
Raster evened(const Raster& picture) {
  Raster grey(pixConvertTo8(picture.get(), 0));
  if (grey == nullptr || pixGetWidth(grey.get()) < 64 || pixGetHeight(grey.get()) < 64) return grey;
  Raster even(pixBackgroundNormSimple(grey.get(), nullptr, nullptr));
  return even != nullptr ? std::move(even) : std::move(grey);
}

Raster ink_of(const Raster& grey) {
  Pix* ink = nullptr;
  const l_int32 width = std::max(16, pixGetWidth(grey.get()));
  const l_int32 height = std::max(16, pixGetHeight(grey.get()));
  if (pixOtsuAdaptiveThreshold(grey.get(), width, height, 0, 0, 0.1F, nullptr, &ink) != 0) return nullptr;
  return Raster(ink);
}

double share_of_ink(const Raster& ink) {
  l_int32 count = 0;
  pixCountPixels(ink.get(), &count, nullptr);
  return static_cast<double>(count) / (static_cast<double>(pixGetWidth(ink.get())) * pixGetHeight(ink.get()));
}

/// Most kanji are one piece or two of nearly full size: what three in four pieces stay below is about a character.
double character_size(const Raster& ink) {
  l_int32 spots = 0;
  if (pixCountConnComp(ink.get(), 8, &spots) != 0 || spots < 1 || spots > kSpots) return 0;
  const std::unique_ptr<Boxa, DropBoxes> boxes(pixConnCompBB(ink.get(), 8));
  if (boxes == nullptr) return 0;
  std::vector<l_int32> sizes;
  for (l_int32 i = 0; i < boxaGetCount(boxes.get()); ++i) {
    l_int32 width = 0;
    l_int32 height = 0;
    boxaGetBoxGeometry(boxes.get(), i, nullptr, nullptr, &width, &height);
    const l_int32 size = std::max(width, height);
    if (size >= 5 && size <= 400 && size < 12 * std::min(width, height)) sizes.push_back(size);
  }
  if (sizes.size() < 3) return 0;
  const auto place = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() * 3 / 4);
  std::nth_element(sizes.begin(), place, sizes.end());
  return *place;
}

/// How much the ink changes from row to row: lines of writing with gaps between them make it large.
double contrast(const Raster& ink) {
  const std::unique_ptr<Numa, DropNumbers> rows(pixCountPixelsByRow(ink.get(), nullptr));
  if (rows == nullptr) return 0;
  double sum = 0;
  float before = 0;
  const l_int32 count = numaGetCount(rows.get());
  for (l_int32 i = 0; i < count; ++i) {
    float value = 0;
    numaGetFValue(rows.get(), i, &value);
    const double step = static_cast<double>(value - before) / std::max(1, pixGetWidth(ink.get()));
    sum += step * step;
    before = value;
  }
  return sum / std::max(1, count);
}

struct Skew {
  float degrees = 0;
  float confidence = 0;
};

/// Of the lines, whichever way they run: turned by a quarter, columns are rows and the skew is the same.
Skew skew_of(const Raster& ink) {
  Skew rows;
  Skew columns;
  const Raster quarter = turned(ink, 1);
  if (pixFindSkew(ink.get(), &rows.degrees, &rows.confidence) != 0) rows = {};
  if (quarter == nullptr || pixFindSkew(quarter.get(), &columns.degrees, &columns.confidence) != 0) columns = {};
  return rows.confidence >= columns.confidence ? rows : columns;
}

Raster straightened(Raster raster, const Skew& skew) {
  if (skew.confidence < kSkewConfidence || std::fabs(skew.degrees) < kSkewLeast_degrees) return raster;
  const auto radians = static_cast<l_float32>(skew.degrees * std::numbers::pi / 180);
  return Raster(pixRotate(raster.get(), radians, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0));
}

/// Paints ruled lines and specks white.
void clean(const Raster& grey, const Raster& ink, double character_dots) {
  const auto length = static_cast<l_int32>(std::max(60.0, kRuleCharacters * character_dots));
  const auto speck = static_cast<l_int32>(std::max(2.0, character_dots / 14));
  Raster across(pixOpenBrick(nullptr, ink.get(), length, 1));
  const Raster down(pixOpenBrick(nullptr, ink.get(), 1, length));
  Raster kept(pixSelectBySize(ink.get(), speck, speck, 8, L_SELECT_IF_EITHER, L_SELECT_IF_GT, nullptr));
  if (across == nullptr || down == nullptr || kept == nullptr) return;
  pixOr(across.get(), across.get(), down.get());
  const Raster rules(pixDilateBrick(nullptr, across.get(), 5, 5));
  const Raster specks(pixSubtract(nullptr, ink.get(), kept.get()));
  const Raster around(specks == nullptr ? nullptr : pixDilateBrick(nullptr, specks.get(), 3, 3));
  if (rules == nullptr || around == nullptr) return;
  pixSubtract(around.get(), around.get(), kept.get());
  pixSetMasked(grey.get(), around.get(), 255);
  pixSetMasked(grey.get(), rules.get(), 255);
}

/// The red channel, in which red ink is as white as paper; null where the sheet has no red.
Raster red_as_white(const Raster& picture) {
  if (pixGetDepth(picture.get()) != 32) return nullptr;
  Raster red(pixGetRGBComponent(picture.get(), COLOR_RED));
  const Raster green(pixGetRGBComponent(picture.get(), COLOR_GREEN));
  if (red == nullptr || green == nullptr) return nullptr;
  const Raster reddish(pixSubtractGray(nullptr, red.get(), green.get()));
  const Raster mask(reddish == nullptr ? nullptr : pixThresholdToBinary(reddish.get(), 60));
  if (mask == nullptr) return nullptr;
  return 1 - share_of_ink(mask) > kRedShare ? std::move(red) : nullptr;
}

Raster ready(const Raster& raster, double character_dots) {
  Raster grey = raster == nullptr ? nullptr : evened(raster);
  const Raster ink = grey == nullptr ? nullptr : ink_of(grey);
  if (ink == nullptr) return nullptr;
  clean(grey, ink, character_dots);
  return grey;
}

Raster scaled_to_fit(Raster scan, double& scale) {
  const double longest = std::max(pixGetWidth(scan.get()), pixGetHeight(scan.get()));
  const Raster grey = evened(scan);
  const Raster ink = grey == nullptr ? nullptr : ink_of(grey);
  const double size = ink == nullptr ? 0 : character_size(ink);
  scale = size > 0 && (size < kCharacterLeast_dots || size > kCharacterMost_dots) ? kCharacter_dots / size : 1;
  scale = std::min({scale, 4.0, kEdge_dots / longest});
  if (scale == 1) return scan;
  const auto factor = static_cast<l_float32>(scale);
  return Raster(pixScale(scan.get(), factor, factor));
}

}  // namespace

Raster turned(const Raster& raster, int quarters) { return Raster(quarters % 4 == 0 ? pixClone(raster.get()) : pixRotateOrth(raster.get(), quarters % 4)); }

Sheet sheet_of(Raster scan) {
  Sheet sheet;
  Raster picture = scaled_to_fit(std::move(scan), sheet.scale);
  Raster grey = picture == nullptr ? nullptr : evened(picture);
  Raster ink = grey == nullptr ? nullptr : ink_of(grey);
  if (ink == nullptr) return {};
  if (share_of_ink(ink) > 0.5) {
    pixInvert(picture.get(), picture.get());
    grey = evened(picture);
    ink = grey == nullptr ? nullptr : ink_of(grey);
    if (ink == nullptr) return {};
  }
  sheet.has_ink = share_of_ink(ink) > kDustShare;
  sheet.character_dots = character_size(ink);
  if (sheet.character_dots <= 0) return sheet;
  sheet.picture = straightened(std::move(picture), skew_of(ink));
  sheet.grey = ready(sheet.picture, sheet.character_dots);
  const Raster straight = sheet.grey == nullptr ? nullptr : ink_of(sheet.grey);
  const Raster quarter = straight == nullptr ? nullptr : turned(straight, 1);
  if (quarter == nullptr) return {};
  sheet.rows = contrast(straight);
  sheet.columns = contrast(quarter);
  const Raster red = red_as_white(sheet.picture);
  if (red != nullptr) sheet.without_red = ready(red, sheet.character_dots);
  return sheet;
}

Raster sample_of(const Raster& grey, int dots) {
  const l_int32 width = pixGetWidth(grey.get());
  const l_int32 height = pixGetHeight(grey.get());
  const Raster ink = ink_of(grey);
  if (ink == nullptr) return nullptr;
  l_int32 best_left = 0;
  l_int32 best_top = 0;
  l_int32 most = -1;
  const l_int32 wide = std::min(dots, width);
  const l_int32 high = std::min(dots, height);
  for (l_int32 top = 0; top == 0 || top + high <= height; top += high / 2 + 1) {
    for (l_int32 left = 0; left == 0 || left + wide <= width; left += wide / 2 + 1) {
      Box* place = boxCreate(left, top, wide, high);
      l_int32 count = 0;
      pixCountPixelsInRect(ink.get(), place, &count, nullptr);
      boxDestroy(&place);
      if (count > most) {
        most = count;
        best_left = left;
        best_top = top;
      }
    }
  }
  Box* place = boxCreate(best_left, best_top, wide, high);
  Raster sample(pixClipRectangle(grey.get(), place, nullptr));
  boxDestroy(&place);
  return sample;
}

}  // namespace sekisho::worker
