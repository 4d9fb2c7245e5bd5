#include "mudra/s3/program.hpp"

#include <algorithm>

#include "mudra/base/error.hpp"

namespace mudra::s3 {

const Function& Program::function(std::string_view name) const {
  const auto found = std::ranges::find(functions_, name, &Function::name);
  if (found == functions_.end()) fail("no function '{}' among the {} assembled", name, functions_.size());
  return *found;
}

Waiting Program::waiting(std::size_t first, std::size_t next) const {
  const auto is = [&](std::size_t index, Kind kind) {
    return mnemonics()[code_[index].mnemonic].kind == kind;
  };
  const bool shifts = mnemonics()[code_[next].mnemonic].name.starts_with("ee.srcmb.");
  return {.bubbles = (timing_[first].late & timing_[next].early) != 0,
          .behind_product = shifts && is(first, Kind::kMultiplyAdd)};
}

}  // namespace mudra::s3
