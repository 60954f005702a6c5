#include "store/database.h"

#include "base/check.h"

namespace sekisho::store {

bool Row::is_null(std::size_t column) const {
  CHECK(column < values_.size());
  return std::holds_alternative<std::nullptr_t>(values_[column]);
}

std::int64_t Row::integer(std::size_t column) const {
  CHECK(column < values_.size() && std::holds_alternative<std::int64_t>(values_[column]));
  return std::get<std::int64_t>(values_[column]);
}

double Row::number(std::size_t column) const {
  CHECK(column < values_.size());
  if (const auto* whole = std::get_if<std::int64_t>(&values_[column])) return static_cast<double>(*whole);
  CHECK(std::holds_alternative<double>(values_[column]));
  return std::get<double>(values_[column]);
}

const std::string& Row::text(std::size_t column) const {
  CHECK(column < values_.size() && std::holds_alternative<std::string>(values_[column]));
  return std::get<std::string>(values_[column]);
}

const std::string& Row::blob(std::size_t column) const {
  CHECK(column < values_.size() && std::holds_alternative<Blob>(values_[column]));
  return std::get<Blob>(values_[column]).bytes;
}

std::string Row::text_or_empty(std::size_t column) const { return is_null(column) ? std::string() : text(column); }

std::int64_t Row::integer_or(std::size_t column, std::int64_t fallback) const { return is_null(column) ? fallback : integer(column); }

}  // namespace sekisho::store
