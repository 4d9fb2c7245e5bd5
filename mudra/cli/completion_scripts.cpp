#include "mudra/cli/completion_scripts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

#include "mudra/base/shell.hpp"

namespace mudra::cli {
namespace {

// With `from` replaced by `to` everywhere.
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string fish_quoted(const std::string& text) {
  return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
}

// Patterns of a `case` for the command lines "COMMAND WORD" that name a command below the first one.
std::string patterns_of_commands(const CommandInfo& tree, std::string_view between) {
  std::vector<std::string> patterns;
  for (const CommandInfo* command : all_commands(tree))
    if (command != &tree) patterns.push_back(shell_quoted(command->name));
  return fmt::format("{}", fmt::join(patterns, between));
}

std::vector<std::string> words_of(const CommandInfo& command) {
  std::vector<std::string> words;
  for (const CommandInfo& below : command.commands) words.push_back(word_of(below));
  for (const OptionInfo& option : command.options)
    if (!option.positional) words.insert(words.end(), option.names.begin(), option.names.end());
  return words;
}

// Calls write(patterns, choices) for each option and argument with a fixed choice: the former's patterns are
// "COMMAND OPTION", the latter's "COMMAND" with what follows it unknown.
template <typename Write>
void for_each_choice(const CommandInfo& tree, Write&& write) {
  for (const CommandInfo* command : all_commands(tree))
    for (const OptionInfo& option : command->options) {
      if (option.choices.empty()) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names)
        patterns.push_back(shell_quoted(option.positional
                                            ? fmt::format("{0} {1}", command->name, word_of(*command))
                                            : fmt::format("{} {}", command->name, name)));
      write(fmt::format("{}", fmt::join(patterns, "|")), fmt::format("{}", fmt::join(option.choices, " ")));
    }
}

// The patterns of commands that are followed by another command, not by files.
std::string patterns_of_parents(const CommandInfo& tree) {
  std::vector<std::string> patterns;
  for (const CommandInfo* command : all_commands(tree))
    if (!command->commands.empty()) patterns.push_back(shell_quoted(command->name));
  return fmt::format("{}", fmt::join(patterns, "|"));
}

}  // namespace

std::string bash_completion(const CommandInfo& tree) {
  std::string text = fmt::format(R"(# bash completion of mudra, made by: mudra completion bash
_mudra() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command=mudra words= word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$command $word" in
      {}) command+=" $word" ;;
    esac
  done
  COMPREPLY=()
  case "$command ${{COMP_WORDS[COMP_CWORD-1]}}" in
)",
                                 patterns_of_commands(tree, "|"));
  for_each_choice(tree, [&](const std::string& patterns, const std::string& choices) {
    text += fmt::format("    {}) words={} ;;\n", patterns, shell_quoted(choices));
  });
  text += fmt::format(R"(  esac
  if [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$command" in
    {}) ;;
    *) [[ $current == -* ]] || return ;;
  esac
  case "$command" in
)",
                      patterns_of_parents(tree));
  for (const CommandInfo* command : all_commands(tree))
    text += fmt::format("    {}) words={} ;;\n", shell_quoted(command->name),
                        shell_quoted(fmt::format("{}", fmt::join(words_of(*command), " "))));
  text += R"(  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _mudra mudra
)";
  return text;
}

std::string zsh_completion(const CommandInfo& tree) {
  const auto described = [](const std::string& word, const std::string& description) {
    return shell_quoted(replaced(word, ":", "\\:") + ":" + description);
  };
  std::string text = fmt::format(R"(#compdef mudra
# zsh completion of mudra, made by: mudra completion zsh
_mudra() {{
  local command=mudra word
  local -a found
  for word in ${{words[2,CURRENT-1]}}; do
    case "$command $word" in
      {}) command+=" $word" ;;
    esac
  done
  case "$command ${{words[CURRENT-1]}}" in
)",
                                 patterns_of_commands(tree, "|"));
  for_each_choice(tree, [&](const std::string& patterns, const std::string& choices) {
    text += fmt::format("    {}) found=({}); compadd -a found; return ;;\n", patterns, choices);
  });
  text += fmt::format(R"(  esac
  case "$command" in
    {}) ;;
    *) [[ ${{words[CURRENT]}} == -* ]] || {{ _files; return; }} ;;
  esac
  case "$command" in
)",
                      patterns_of_parents(tree));
  for (const CommandInfo* command : all_commands(tree)) {
    std::vector<std::string> lines;
    for (const CommandInfo& below : command->commands)
      lines.push_back(described(word_of(below), below.description));
    for (const OptionInfo& option : command->options)
      for (const std::string& name : option.names)
        if (!option.positional) lines.push_back(described(name, option.description));
    text += fmt::format("    {}) found=(\n      {}) ;;\n", shell_quoted(command->name),
                        fmt::join(lines, "\n      "));
  }
  text += R"(  esac
  _describe -o mudra found
}
_mudra "$@"
)";
  return text;
}

std::string fish_completion(const CommandInfo& tree) {
  std::string text = fmt::format(R"(# fish completion of mudra, made by: mudra completion fish
function __mudra_command
  set -l command mudra
  for word in (commandline -opc)[2..-1]
    switch "$command $word"
      case {}
        set command "$command $word"
    end
  end
  echo $command
end
)",
                                 patterns_of_commands(tree, " "));
  for (const CommandInfo* command : all_commands(tree)) {
    const std::string here =
        fmt::format("complete -c mudra -n 'test (__mudra_command) = \"{}\"'", command->name);
    for (const CommandInfo& below : command->commands)
      text += fmt::format("{} -f -a {} -d {}\n", here, word_of(below), fish_quoted(below.description));
    for (const OptionInfo& option : command->options) {
      const std::string description = fish_quoted(option.description);
      const std::string choices = fish_quoted(fmt::format("{}", fmt::join(option.choices, " ")));
      if (option.positional) {
        if (!option.choices.empty()) text += fmt::format("{} -f -a {} -d {}\n", here, choices, description);
        continue;
      }
      text += here;
      for (const std::string& name : option.names)
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!option.choices.empty())
        text += " -x -a " + choices;
      else if (!option.value.empty())
        text += " -r";
      text += fmt::format(" -d {}\n", description);
    }
  }
  return text;
}

}  // namespace mudra::cli
