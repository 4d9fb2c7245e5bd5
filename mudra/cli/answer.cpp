#include "mudra/cli/answer.hpp"

#include "mudra/base/error.hpp"
#include "mudra/cli/json_output.hpp"

namespace mudra::cli {

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
