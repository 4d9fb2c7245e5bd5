#include "mudra/cli/commands.hpp"

namespace mudra::cli {
void add_data(CLI::App&) {}
}  // namespace mudra::cli
