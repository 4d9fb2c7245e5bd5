#include "mudra/cli/json_output.hpp"

#include "mudra/base/output.hpp"

namespace mudra::cli {

void print_json(const nlohmann::ordered_json& document) {
  constexpr int kIndent = 2;
  print_out(document.dump(kIndent, ' ', true, nlohmann::ordered_json::error_handler_t::replace));
  print_out("\n");
  flush_stdout();
}

}  // namespace mudra::cli
