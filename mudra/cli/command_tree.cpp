#include "mudra/cli/command_tree.hpp"

#include <sstream>

namespace mudra::cli {
namespace {

// The values of "TEXT:{a,b}", as CLI11 describes an option that takes only these.
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> choices;
  const auto open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return choices;
  std::istringstream list(type.substr(open + 1, close - open - 1));
  for (std::string choice; std::getline(list, choice, ',');) choices.push_back(choice);
  return choices;
}

OptionInfo info_of(const CLI::Option& option) {
  OptionInfo info{.names = {},
                  .value = {},
                  .choices = choices_in(option.get_type_name()),
                  .description = option.get_description(),
                  .positional = !option.nonpositional(),
                  .required = option.get_required()};
  if (info.positional) {
    info.names.push_back(option.get_name(true));
    return info;
  }
  for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
  const bool flag = option.get_items_expected_max() == 0;
  if (!flag) info.value = option.get_type_name().substr(0, option.get_type_name().find(':'));
  return info;
}

CommandInfo tree_below(const CLI::App& app, const std::string& before) {
  CommandInfo info{.name = before + app.get_name(),
                   .description = app.get_description(),
                   .footer = app.get_footer(),
                   .options = {},
                   .commands = {}};
  for (const CLI::Option* option : app.get_options()) info.options.push_back(info_of(*option));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    info.commands.push_back(tree_below(*command, info.name + " "));
  return info;
}

void append_all(const CommandInfo& command, std::vector<const CommandInfo*>& list) {
  list.push_back(&command);
  for (const CommandInfo& below : command.commands) append_all(below, list);
}

}  // namespace

CommandInfo command_tree(const CLI::App& app) { return tree_below(app, ""); }

std::vector<const CommandInfo*> all_commands(const CommandInfo& tree) {
  std::vector<const CommandInfo*> list;
  append_all(tree, list);
  return list;
}

std::string word_of(const CommandInfo& command) {
  return command.name.substr(command.name.rfind(' ') + 1);  // the whole name where there is no space
}

}  // namespace mudra::cli
