// What a command answers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "mudra/base/output.hpp"

namespace mudra::cli {

struct Answer {
  std::string text;             // for people
  nlohmann::ordered_json json;  // the same for programs
  std::string remark = {};      // for people, on stderr
  std::string failure = {};     // with which the command fails once that is said; empty: it does not
};

// What print_out prints of these.
template <typename First, typename... Rest>
std::string printed(fmt::format_string<Shown<First>, Shown<Rest>...> format, const First& first,
                    const Rest&... rest) {
  return fmt::format(format, shown(first), shown(rest)...);
}

// Of a table's row: for a share of the largest value.
std::string bar(double value, double largest);

// Prints one of the two on stdout. Throws Error{kIo} when stdout takes no more; Error for a failure.
void say(const Answer& answer, bool as_json);

}  // namespace mudra::cli
