#include "mudra/cli/man_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>

namespace mudra::cli {
namespace {

// As troff prints it: a backslash and a hyphen as themselves, no line taken for a request.
std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool line_starts = out.empty() || out.back() == '\n';
    if (line_starts && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string heading_of(const OptionInfo& option) {
  const std::string names = roff(fmt::format("{}", fmt::join(option.names, ", ")));
  if (option.positional) return "\\fI" + names + "\\fR";
  return "\\fB" + names + "\\fR" + (option.value.empty() ? "" : " \\fI" + roff(option.value) + "\\fR");
}

std::string section_of(const CommandInfo& command) {
  std::string text = fmt::format(".SS {}\n{}.\n", roff(command.name), roff(command.description));
  for (const OptionInfo& option : command.options) {
    if (option.names.back() == "--help") continue;
    text += fmt::format(".TP\n{}\n{}", heading_of(option), roff(option.description));
    if (!option.choices.empty())
      text += fmt::format(" ({})", roff(fmt::format("{}", fmt::join(option.choices, ", "))));
    text += option.required ? "; required.\n" : ".\n";
  }
  std::istringstream footer(command.footer);
  std::string lines;
  for (std::string line; std::getline(footer, line);)
    if (!line.empty()) lines += roff(line) + "\n";
  if (!lines.empty()) text += ".PP\n.EX\n" + lines + ".EE\n";
  return text;
}

}  // namespace

std::string man_page(const CommandInfo& tree) {
  std::string text = fmt::format(R"(.TH MUDRA 1 "" "mudra {}" "User Commands"
.SH NAME
mudra \- {}
.SH SYNOPSIS
.B mudra
.I COMMAND
.RI [ options ]
.SH DESCRIPTION
Every command has \-\-help with an example. With \-\-json a command prints one JSON document on standard output and
nothing else there; progress and messages go to standard error.
.SH COMMANDS
)",
                                 MUDRA_VERSION, roff(tree.description));
  for (const CommandInfo* command : all_commands(tree))
    if (command->commands.empty()) text += section_of(*command);
  text += R"(.SH ENVIRONMENT
.TP
.B MUDRA_INSTRUCTION_SET
Run as on a lesser processor: at most scalar, sse4, avx2, avx512 or avx512vnni instructions where there is a choice.
.SH EXIT STATUS
0 when done; 1 when it failed, with one line on standard error that says why; 2 for wrong usage.
)";
  return text;
}

}  // namespace mudra::cli
