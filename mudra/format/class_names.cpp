#include "mudra/format/class_names.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "mudra/base/error.hpp"
#include "mudra/base/printable.hpp"

namespace mudra::format {

using nlohmann::json;

std::string json_of_class_names(const std::vector<std::string>& names) {
  return json(names).dump(-1, ' ', false, json::error_handler_t::replace);
}

void check_class_names(const std::vector<std::string>& names, std::int64_t classes) {
  if (std::ssize(names) != classes)
    fail("it names {} classes, but the network tells {} apart", names.size(), classes);
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (name.empty()) fail("a class has an empty name; 1 to {} bytes can be kept", kMaxClassName);
    if (name.size() > kMaxClassName)
      fail("the class name '{}...' has {} bytes; 1 to {} can be kept", name.substr(0, 20), name.size(),
           kMaxClassName);
    if (!is_printable(name)) fail("the class name '{}' has control characters", name);
    if (!is_utf8(name)) fail("the class name '{}' is not UTF-8", name);
    if (!seen.insert(name).second) fail("it names the class '{}' twice", name);
  }
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
