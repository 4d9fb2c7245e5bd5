// The program's commands and options as plain data, for help, manual page and shell completions, which so
// cannot name anything the program does not have.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace mudra::cli {

struct OptionInfo {
  std::vector<std::string> names;    // "-h", "--help"; of a positional argument its name, "MODEL"
  std::string value;                 // what follows it: "TEXT", "SET"; empty for flags
  std::vector<std::string> choices;  // the only values there are; empty: any
  std::string description;
  bool positional = false, required = false;
};

struct CommandInfo {
  std::string name;  // with those before it: "mudra data info"
  std::string description, footer;
  std::vector<OptionInfo> options;
  std::vector<CommandInfo> commands;  // below it
};

CommandInfo command_tree(const CLI::App& app);

// The tree's commands, each before those below it.
std::vector<const CommandInfo*> all_commands(const CommandInfo& tree);

// The last word of its name.
std::string word_of(const CommandInfo& command);

}  // namespace mudra::cli
