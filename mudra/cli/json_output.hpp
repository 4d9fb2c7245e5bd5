// The one JSON document a command prints on stdout with --json.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mudra::cli {

// As it is printed: names that are no UTF-8 have replacement characters.
std::string text_of_json(const nlohmann::ordered_json& document);

// Throws Error{kIo} when stdout takes no more.
void print_json(const nlohmann::ordered_json& document);

}  // namespace mudra::cli
