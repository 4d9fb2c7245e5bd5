#include "mudra/cli/commands.hpp"

namespace mudra::cli {
void add_predict(CLI::App&) {}
}  // namespace mudra::cli
