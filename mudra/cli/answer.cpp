#include "mudra/cli/answer.hpp"

#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/cli/json_output.hpp"

namespace mudra::cli {

std::string bar(double value, double largest) {
  constexpr double kWidth = 30;
  return std::string(static_cast<std::size_t>(std::lround(largest > 0 ? kWidth * value / largest : 0)), '#');
}

void say(const Answer& answer, bool as_json) {
  const std::string text = as_json ? text_of_json(answer.json) : answer.text;
  if (!as_json) print_err(answer.remark);
  if (!text.empty()) {
    print_out(text);
    flush_stdout();
  }
  if (!answer.failure.empty()) fail("{}", answer.failure);
}

}  // namespace mudra::cli
