#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace sekisho {

/// 26 characters (Crockford base 32, lower case) of 128 random bits from getrandom(2). Random, so that an id tells
/// nothing about when or how many.
[[nodiscard]] std::string random_id_text();
/// Whether `text` has the form of random_id_text().
[[nodiscard]] bool is_id_text(std::string_view text);

/// An identifier that cannot be mistaken for another kind: `using ShelfId = Id<struct ShelfTag>;`
template <typename Tag>
class Id {
 public:
  Id() = default;  ///< Empty: names nothing.
  [[nodiscard]] static Id random() { return Id(random_id_text()); }
  /// Errors: kInvalid where `text` is not an id.
  [[nodiscard]] static Result<Id> parse(std::string_view text) {
    if (!is_id_text(text)) return fail(ErrorCode::kInvalid, "not an id");
    return Id(std::string(text));
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  auto operator<=>(const Id&) const = default;

 private:
  explicit Id(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

using UserId = Id<struct UserTag>;
using GroupId = Id<struct GroupTag>;
using ShelfId = Id<struct ShelfTag>;
using DocumentId = Id<struct DocumentTag>;
using PassageId = Id<struct PassageTag>;
using ConversationId = Id<struct ConversationTag>;
using TurnId = Id<struct TurnTag>;
using PermitId = Id<struct PermitTag>;
using KeyId = Id<struct KeyTag>;
using JobId = Id<struct JobTag>;

}  // namespace sekisho

template <typename Tag>
struct std::hash<sekisho::Id<Tag>> {
  std::size_t operator()(const sekisho::Id<Tag>& id) const noexcept { return std::hash<std::string>()(id.text()); }
};
