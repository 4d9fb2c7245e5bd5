#include "mudra/format/class_names.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mudra/base/printable.hpp"

namespace mudra::format {

using nlohmann::json;

std::string json_of_class_names(const std::vector<std::string>& names) {
  return json(names).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<std::string> class_names_in(const std::string& text, std::int64_t count) {
  const json names = json::parse(text, nullptr, false);
  const auto is_name = [](const json& name) {
    return name.is_string() && is_printable(name.get<std::string>());
  };
  if (!names.is_array() || std::ssize(names) != count || !std::ranges::all_of(names, is_name)) return {};
  return names.get<std::vector<std::string>>();
}

}  // namespace mudra::format
