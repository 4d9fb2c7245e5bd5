// The one JSON document a command prints on stdout with --json.
#pragma once

#include <nlohmann/json.hpp>

namespace mudra::cli {

// Names that are no UTF-8 are printed with replacement characters. Throws Error{kIo} when stdout takes no
// more.
void print_json(const nlohmann::ordered_json& document);

}  // namespace mudra::cli
