// The manual page mudra(1).
#pragma once

#include <string>

#include "mudra/cli/command_tree.hpp"

namespace mudra::cli {

// In the man macros of troff.
std::string man_page(const CommandInfo& tree);

}  // namespace mudra::cli
