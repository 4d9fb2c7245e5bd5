#include <fmt/format.h>

#include <memory>
#include <string>

#include "mudra/base/output.hpp"
#include "mudra/cli/command_tree.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/completion_scripts.hpp"
#include "mudra/cli/json_output.hpp"

namespace mudra::cli {

void add_completion(CLI::App& app) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print a script that teaches a shell these commands");
  command->add_option("SHELL", *shell, "Which shell it is for")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();
  command->footer("\nExample:\n  eval \"$(mudra completion bash)\"");
  command->callback([shell, &app] {
    const CommandInfo tree = command_tree(app);
    print_out(*shell == "bash"  ? bash_completion(tree)
              : *shell == "zsh" ? zsh_completion(tree)
                                : fish_completion(tree));
    flush_stdout();
  });
}

}  // namespace mudra::cli
