#include "mudra/cli/commands.hpp"

namespace mudra::cli {
void add_train(CLI::App&) {}
}  // namespace mudra::cli
