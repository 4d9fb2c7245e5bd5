// Benchmarks heed MUDRA_INSTRUCTION_SET like the program.
#include <fmt/format.h>

#include <cstdlib>

#include "mudra/base/error.hpp"
#include "mudra/base/instruction_set.hpp"

namespace {

[[maybe_unused]] const bool limited = [] {
  try {
    mudra::limit_instruction_set();
  } catch (const mudra::Error& error) {
    fmt::print(stderr, "{}\n", error.text);
    std::exit(1);
  }
  return true;
}();

}  // namespace
