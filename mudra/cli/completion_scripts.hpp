// Scripts that teach a shell the commands, options and values of the program.
#pragma once

#include <string>

#include "mudra/cli/command_tree.hpp"

namespace mudra::cli {

std::string bash_completion(const CommandInfo& tree);
std::string zsh_completion(const CommandInfo& tree);
std::string fish_completion(const CommandInfo& tree);

}  // namespace mudra::cli
