#include "mudra/cli/json_output.hpp"

#include "mudra/base/output.hpp"

namespace mudra::cli {

std::string text_of_json(const nlohmann::ordered_json& document) {
  constexpr int kIndent = 2;
  return document.dump(kIndent, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void print_json(const nlohmann::ordered_json& document) {
  print_out(text_of_json(document));
  flush_stdout();
}

}  // namespace mudra::cli
