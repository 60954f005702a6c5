#include "main/json_items.h"

namespace sekisho::main {

const Json::Array& items_of(const Json& json, std::string_view key) {
  static const Json::Array kNone;
  const Json* items = json.find(key);
  return items != nullptr && items->as_array() != nullptr ? *items->as_array() : kNone;
}

}  // namespace sekisho::main
