#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/output.hpp"
#include "mudra/cli/command_tree.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/cli/man_page.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

struct HelpOptions {
  std::vector<std::string> words;
  bool man = false, json = false;
};

Json json_of(const CommandInfo& command) {
  Json options = Json::array();
  for (const OptionInfo& option : command.options)
    options.push_back({{"names", option.names},
                       {"value", option.value},
                       {"choices", option.choices},
                       {"description", option.description},
                       {"positional", option.positional},
                       {"required", option.required}});
  return {{"command", command.name},
          {"description", command.description},
          {"footer", command.footer},
          {"options", std::move(options)}};
}

// The help of the command these words name, "data info".
std::string help_of(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* command = &app;
  std::string before;
  for (const std::string& word : words) {
    before += (before.empty() ? "" : " ") + command->get_name();
    const auto below = command->get_subcommands([&](const CLI::App* one) { return one->check_name(word); });
    if (below.empty()) fail("there is no command '{} {}'", before, word);
    command = below.front();
  }
  // Asked for nothing, CLI11 would show the help of the command that runs, which is this one.
  if (command == &app)
    return app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal);
  return command->help(before);
}

void run_help(const CLI::App& app, const HelpOptions& options) {
  const CommandInfo tree = command_tree(app);
  if (options.json) {
    Json commands = Json::array();
    for (const CommandInfo* command : all_commands(tree)) commands.push_back(json_of(*command));
    return print_json(commands);
  }
  print_out(options.man ? man_page(tree) : help_of(app, options.words));
  flush_stdout();
}

}  // namespace

void add_help(CLI::App& app) {
  const auto options = std::make_shared<HelpOptions>();
  CLI::App* command = app.add_subcommand("help", "Show what a command does, its options and an example");
  CLI::Option* words = command->add_option("COMMAND", options->words, "Of which command: data info");
  CLI::Option* man =
      command->add_flag("--man", options->man, "Print the manual page mudra(1)")->excludes(words);
  command->add_flag("--json", options->json, "Print all commands and options as one JSON document")
      ->excludes(words)
      ->excludes(man);
  command->footer("\nExample:\n  mudra help data info");
  command->callback([options, &app] { run_help(app, *options); });
}

}  // namespace mudra::cli
