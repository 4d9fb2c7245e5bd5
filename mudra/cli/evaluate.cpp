#include "mudra/cli/commands.hpp"

namespace mudra::cli {
void add_evaluate(CLI::App&) {}
}  // namespace mudra::cli
